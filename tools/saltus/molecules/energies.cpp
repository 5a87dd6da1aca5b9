#include "tools/saltus/molecules/energies.h"

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

namespace {

forcefields::OpenMMPlatform platform_of(const EnergyDeck& deck) {
  // Large systems are what "auto" takes OpenMM for; its Reference platform is made for checks.
  const std::string name = deck.backend == EnergyBackend::kAuto ? "CPU" : deck.platform;
  return {name, name == "CPU" ? static_cast<int>(deck.threads) : 0};
}

}  // namespace

EnergyBackend backend_for(const EnergyDeck& deck, const engine::System& system) {
  if (deck.backend != EnergyBackend::kAuto) return deck.backend;
  const bool periodic = system.nonbonded && engine::is_periodic(system.nonbonded->method);
  return periodic && system.n_atoms() > kMaxNativeBoxAtoms ? EnergyBackend::kOpenMM
                                                           : EnergyBackend::kNative;
}

std::shared_ptr<const engine::DecomposableEnergy> make_energy(
    const EnergyDeck& deck, const engine::System& system,
    std::shared_ptr<engine::ThreadPool> pool) {
  if (backend_for(deck, system) == EnergyBackend::kOpenMM)
    return std::make_shared<forcefields::OpenMMEnergy>(system, platform_of(deck));
  return std::make_shared<engine::NativeEnergy>(system, std::move(pool), deck.precision);
}

std::shared_ptr<const engine::DecomposableEnergy> make_second_opinion(const EnergyDeck& deck,
                                                                      const Molecule& molecule) {
  if (molecule.system_xml.empty())
    return std::make_shared<forcefields::OpenMMEnergy>(molecule.system, platform_of(deck));
  return forcefields::OpenMMEnergy::of_system_xml(molecule.system_xml, molecule.system,
                                                  platform_of(deck));
}

std::string describe_second_opinion(const Molecule& molecule) {
  if (molecule.system_xml.empty())
    return "OpenMM's evaluation of the molecule as Saltus read it; the reader is not checked";
  return "OpenMM's evaluation of " + molecule.system_xml + " as OpenMM itself reads it";
}

void cross_check(const Molecule& molecule) {
  constexpr double kTolerance = 1e-6;
  EnergyDeck reference;
  reference.backend = EnergyBackend::kOpenMM;
  const engine::CrossCheckedEnergy both(
      std::make_shared<engine::NativeEnergy>(molecule.system, nullptr, engine::Precision::kDouble),
      make_second_opinion(reference, molecule), kTolerance);
  std::vector<double> energy(1);
  both.evaluate(molecule.view(), energy, {});
  if (!std::isfinite(energy[0]))
    throw engine::NumericalError(
        "energy.cross_check: the energy of the input coordinates is not finite: two atoms lie on "
        "top of each other; correct the coordinates");
}

}  // namespace saltus::tools
