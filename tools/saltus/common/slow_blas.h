#pragma once

#include "tools/saltus/common/progress.h"

namespace saltus::tools {

/// Warns when LibTorch computes with the slow reference BLAS.
void warn_of_slow_blas(Progress& progress);

}  // namespace saltus::tools
