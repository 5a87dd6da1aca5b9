#include "tools/saltus/energies.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "engine/core/error.h"
#include "engine/lanes/native_energy.h"
#include "engine/potential/decorators.h"
#include "forcefields/openmm/openmm_energy.h"

namespace saltus::tools {

std::shared_ptr<engine::ThreadPool> make_thread_pool(std::size_t threads) {
  const std::size_t all = std::max(1u, std::thread::hardware_concurrency());
  return std::make_shared<engine::ThreadPool>(threads == 0 ? all : threads);
}

std::shared_ptr<const engine::DecomposableEnergy> make_energy(
    const EnergyDeck& deck, const engine::System& system,
    std::shared_ptr<engine::ThreadPool> pool) {
  if (deck.backend == EnergyBackend::kOpenMM)
    return std::make_shared<forcefields::OpenMMEnergy>(
        system, forcefields::OpenMMPlatform{
                    deck.platform, deck.platform == "CPU" ? static_cast<int>(deck.threads) : 0});
  return std::make_shared<engine::NativeEnergy>(system, std::move(pool), deck.precision);
}

void cross_check(const engine::System& system, const std::vector<double>& positions) {
  constexpr double kTolerance = 1e-6;
  const engine::CrossCheckedEnergy both(
      std::make_shared<engine::NativeEnergy>(system, nullptr, engine::Precision::kDouble),
      std::make_shared<forcefields::OpenMMEnergy>(system, forcefields::OpenMMPlatform{}),
      kTolerance);
  std::vector<double> energy(1);
  both.evaluate({positions.data(), 1, system.n_atoms()}, energy, {});
  if (!std::isfinite(energy[0]))
    throw engine::NumericalError(
        "energy.cross_check: the energy of the input coordinates is not finite: two atoms lie on "
        "top of each other; mend the coordinates");
}

}  // namespace saltus::tools
