#pragma once

#include <string>
#include <vector>

namespace saltus::tools {

/// Calls a command that only one process can do.
/// @throws UsageError  naming it when mpirun started several, which would all do the same
int run_alone(const std::string& name, int (*command)(const std::vector<std::string>&),
              const std::vector<std::string>& arguments);

/// Says on standard error why this process fails, and ends the others of its team, if it has one.
/// What all have found is told by the first of them only.
/// @return exit_code
int fail(const std::string& message, int exit_code);

}  // namespace saltus::tools
