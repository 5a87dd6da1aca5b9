#pragma once

#include <string>
#include <vector>

namespace saltus::tools {

/// The subcommands of `saltus`. Each takes the arguments after its name, prints to standard output
/// and returns an exit code; errors are thrown.
int run_command(const std::vector<std::string>& arguments);
int init_command(const std::vector<std::string>& arguments);
int check_command(const std::vector<std::string>& arguments);
int conformers_command(const std::vector<std::string>& arguments);
int merge_command(const std::vector<std::string>& arguments);
int compare_command(const std::vector<std::string>& arguments);
int energy_command(const std::vector<std::string>& arguments);
int solvate_command(const std::vector<std::string>& arguments);
int train_command(const std::vector<std::string>& arguments);
int report_command(const std::vector<std::string>& arguments);
int info_command(const std::vector<std::string>& arguments);
int repair_command(const std::vector<std::string>& arguments);

}  // namespace saltus::tools
