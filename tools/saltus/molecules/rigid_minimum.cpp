#include "tools/saltus/molecules/rigid_minimum.h"

#include <utility>

#include "engine/lanes/native_energy.h"

namespace saltus::tools {

engine::HarmonicMinimum rigid_minimum(const Molecule& molecule,
                                      const std::shared_ptr<const engine::RigidBodies>& bodies,
                                      std::shared_ptr<engine::EvaluationCount> evaluations) {
  if (!evaluations) evaluations = std::make_shared<engine::EvaluationCount>(0);
  const engine::CountingEnergy energy(
      std::make_shared<engine::NativeEnergy>(molecule.system, nullptr, engine::Precision::kDouble),
      std::move(evaluations));
  return engine::find_harmonic_minimum(
      bodies, energy, on_constraints(molecule.system, molecule.positions), molecule.system.box);
}

}  // namespace saltus::tools
