#include "engine/moves/move.h"

#include <time.h>

#include <cmath>

#include "engine/core/error.h"

namespace saltus::engine {

void require_finite_energies(const ChainBatch& chains, const std::string& move,
                             const StepKey& key) {
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    if (!std::isfinite(chains.energies[c]))
      throw NumericalError("chain " + std::to_string(chains.number_of(c)) +
                           " has a non-finite energy before move " + move + " of step " +
                           std::to_string(key.step));
}

double process_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace saltus::engine
