#pragma once

#include <map>
#include <memory>
#include <utility>

#include "engine/ensemble/target_density.h"
#include "engine/rings/find_ring_states.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/molecules/molecule.h"
#include "tools/saltus/run/torsion_source.h"

namespace saltus::tools {

/// Puckers of the rings of a run's molecule, looked for when they are first asked for: the same for
/// the same molecule, temperature and request, whatever the seed of the run. One thread asks.
class RingSource {
 public:
  RingSource(const Molecule& molecule, std::shared_ptr<const engine::TargetDensity> target,
             std::shared_ptr<TorsionSource> torsions);

  /// @throws InputError      as TorsionSource::graph
  /// @throws NumericalError  when the molecule's positions have no finite energy
  const engine::RingSearch& states(const RingRequest& request, double temperature_K);

 private:
  engine::CoordinateBatch start_;  ///< [1, N, 3], nm
  engine::MovingParticles particles_;
  std::shared_ptr<const forcefields::ChemMolecule> chem_;
  std::shared_ptr<const engine::TargetDensity> target_;
  std::shared_ptr<TorsionSource> torsions_;
  std::map<std::pair<std::size_t, double>, engine::RingSearch> known_;  ///< by request
};

}  // namespace saltus::tools
