#include "mlsamplers/model/torch_threads.h"

#include <ATen/Parallel.h>
#include <omp.h>

namespace saltus::mlsamplers {

void use_torch_threads(int n_threads) {
  // Torch sets the number once per thread when it is first asked for it; only then may it change.
  at::get_num_threads();
  omp_set_num_threads(n_threads);
}

}  // namespace saltus::mlsamplers
