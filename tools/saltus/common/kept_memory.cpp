#include "tools/saltus/common/kept_memory.h"

#include <cstdlib>  // defines __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace saltus::tools {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kMapped = 32 << 20;  // the greatest that glibc takes (DEFAULT_MMAP_THRESHOLD_MAX)
  constexpr int kKept = 256 << 20;
  mallopt(M_MMAP_THRESHOLD, kMapped);
  mallopt(M_TRIM_THRESHOLD, kKept);
#endif
}

}  // namespace saltus::tools
