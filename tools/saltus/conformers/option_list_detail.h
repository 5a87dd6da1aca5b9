#pragma once

#include <optional>
#include <string>

#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/conformers/input.h"

namespace saltus::tools {

struct ConformerRequest;

/// Help and options of `saltus conformers`.
CommandLine conformer_command_line();

/// The value of --shard, "3/16"; nothing where it is not given.
/// @throws UsageError  when it is none, or does not go with the name of the output
std::optional<Shard> shard_of(const ParsedCommandLine& parsed);

/// The value of --split-format. @throws UsageError  when it is no format
std::string split_format_of(const ParsedCommandLine& parsed);

/// What does not depend on outputs: how to read inputs, settings, threads.
/// @throws UsageError  as parse_conformer_request
ConformerRequest common_request(const ParsedCommandLine& parsed);

}  // namespace saltus::tools
