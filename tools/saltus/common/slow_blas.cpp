#include "tools/saltus/common/slow_blas.h"

#include <link.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace saltus::tools {

void warn_of_slow_blas(Progress& progress) {
  std::string slow;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        std::error_code ignored;
        const std::string name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
        if (name.find("libblas.so") == std::string::npos) return 0;
        const std::string real = std::filesystem::canonical(name, ignored).string();
        if (real.find("openblas") == std::string::npos && real.find("mkl") == std::string::npos &&
            real.find("blis") == std::string::npos)
          *static_cast<std::string*>(out) = real.empty() ? name : real;
        return 0;
      },
      &slow);
  if (!slow.empty())
    progress.warn("the networks use the reference BLAS " + slow +
                  ", which is 20 to 30 times slower than OpenBLAS; install libopenblas0-openmp");
}

}  // namespace saltus::tools
