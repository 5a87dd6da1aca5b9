#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/conformers/settings.h"
#include "tools/saltus/conformers/input.h"

namespace saltus::tools {

/// What `saltus conformers` was asked to do.
struct ConformerRequest {
  std::vector<std::string> inputs;
  std::string output, split;  ///< file and folder; one of them may be empty
  std::string split_format;   ///< "sdf", "xyz", "pdb", "mol2", these also with ".gz", or "h5"
  std::string failed, report, html, log;  ///< may be empty
  ConformerInputOptions input;
  ConformerSettings settings;
  std::size_t n_threads = 1;
  bool overwrite = false, resume = false, strict = false, json = false, quiet = false;
  double progress_period_s = 10.0;     ///< between lines, where there is no terminal
  std::vector<std::string> arguments;  ///< as they were given, without --resume
  /// Of a merge of shards, which are the inputs then: records have their outcomes already.
  bool merging = false;
  bool partial = false;         ///< whether records of the input are missing in the shards
  double seconds_before = 0.0;  ///< that earlier runs have taken for the records
  std::string command_line;     ///< for the record, the same when the run is resumed
  /// Names and values of all options that decide about the results or their files, defaults too.
  std::vector<std::pair<std::string, std::string>> decisive;

  /// Whether one of the outputs is MOL2, which holds partial charges.
  bool writes_mol2() const;
  /// Where the run keeps how far it has come; empty when all goes to standard output.
  std::string resume_file() const;
};

/// "saltus 0.1.0 (1a2b3c)"
std::string program_text();

/// @param command  for the message: "conformers"
/// @throws UsageError  when two outputs have one name, or what is printed would mix with one
void require_distinct_outputs(const ConformerRequest& request, const std::string& command);

/// Nothing when --help was asked for, which is then printed.
/// @throws UsageError  saying which option is wrong, what it was given and what it takes
std::optional<ConformerRequest> parse_conformer_request(const std::vector<std::string>& arguments);

}  // namespace saltus::tools
