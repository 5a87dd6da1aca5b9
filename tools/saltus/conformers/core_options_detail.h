#pragma once

#include "tools/conformers/settings.h"
#include "tools/saltus/common/command_line_detail.h"

namespace saltus::tools {

/// --core, --core-template, --core-atoms, --core-match and --align.
/// @param settings  mode, minimisation and use of coordinates are there
/// @throws UsageError   saying which option is wrong, what it was given and what it takes
/// @throws FileError, InputError  for a file that cannot be read or is no structure
void read_core_options(const ParsedCommandLine& parsed, ConformerSettings& settings);

}  // namespace saltus::tools
