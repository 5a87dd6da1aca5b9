#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/saltus/conformers_input.h"
#include "tools/saltus/conformers_molecule.h"

namespace saltus::tools {

/// What `saltus conformers` was asked to do.
struct ConformerRequest {
  std::vector<std::string> inputs;
  std::string output, failed, report;  ///< the latter two may be empty
  ConformerInputOptions input;
  ConformerSettings settings;
  std::size_t n_threads = 1;
  bool overwrite = false, strict = false, json = false, quiet = false;
  std::string command_line;  ///< as it was given, for the record
};

/// Nothing when --help was asked for, which is then printed.
/// @throws UsageError  saying which option is wrong, what it was given and what it takes
std::optional<ConformerRequest> parse_conformer_request(const std::vector<std::string>& arguments);

}  // namespace saltus::tools
