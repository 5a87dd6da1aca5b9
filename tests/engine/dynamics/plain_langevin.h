#pragma once

#include "engine/dynamics/integrator.h"

namespace saltus::tests {

/// Ways to break Langevin dynamics.
enum class LangevinBug {
  kNone,
  kReusedNoise,           ///< every step has the normals of the first
  kNoVelocityProjection,  ///< velocities are not projected onto the constraints
  kNoVelocityCorrection,  ///< velocities do not learn of what constraints did to the positions
};

/// Normal number `coordinate` of inner step `step`, as Integrator::langevin_middle documents it, in
/// double precision.
double langevin_normal(const engine::StepKey& key, std::size_t n_atoms, std::size_t chain,
                       std::size_t step, std::size_t coordinate);

/// What Integrator::langevin_middle does, written down once more: a chain at a time, a number at a
/// time, constraints by scalar sweeps to the last digits.
void plain_langevin(engine::ChainBatch& chains, const engine::MovingParticles& particles,
                    const engine::EnergyFunction& energy, const engine::LangevinOptions& options,
                    const engine::StepKey& key, LangevinBug bug = LangevinBug::kNone);

}  // namespace saltus::tests
