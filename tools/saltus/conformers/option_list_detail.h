#pragma once

#include "tools/saltus/common/command_line_detail.h"

namespace saltus::tools {

/// Help and options of `saltus conformers`.
CommandLine conformer_command_line();

}  // namespace saltus::tools
