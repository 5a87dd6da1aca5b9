#pragma once

#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/conformers/options.h"

namespace saltus::tools {

/// Help and options of `saltus conformers`.
CommandLine conformer_command_line();

/// The value of --split-format. @throws UsageError  when it is no format
std::string split_format_of(const ParsedCommandLine& parsed);

/// What does not depend on outputs: how to read inputs, settings, threads.
/// @throws UsageError  as parse_conformer_request
ConformerRequest common_request(const ParsedCommandLine& parsed);

}  // namespace saltus::tools
