#pragma once

#include <memory>
#include <optional>

#include "engine/dynamics/integrator.h"
#include "engine/lanes/native_energy.h"
#include "engine/minimisation/minimise.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/environment.h"

namespace saltus::tests {

/// ACE-ALA-NME in vacuum at 300 K, in lanes with forces in float.
struct Peptide {
  static constexpr double kTemperature_K = 300.0;

  engine::System system;
  std::shared_ptr<const engine::NativeEnergy> energy;
  engine::ChainBatch chains;

  /// @param relax_ps  strongly damped dynamics of the minimised structure
  Peptide(std::size_t n_chains, bool constrain_hydrogen_bonds, double relax_ps) {
    forcefields::PrmtopOptions options;
    auto flexible = forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), options);
    options.molecule.constraints = constrain_hydrogen_bonds
                                       ? forcefields::BondConstraints::kHydrogenBonds
                                       : forcefields::BondConstraints::kNone;
    system = forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), options).system;
    energy = std::make_shared<engine::NativeEnergy>(system, nullptr);
    auto start = forcefields::read_inpcrd(data_path("alanine_dipeptide.inpcrd"), system.n_atoms());
    engine::CoordinateBatch relaxed(1, system.n_atoms());
    relaxed.values() = start.positions_nm;
    engine::minimise(engine::NativeEnergy(flexible.system, nullptr), relaxed, {});
    chains = engine::ChainBatch(n_chains, system.n_atoms(), {kTemperature_K});
    for (std::size_t c = 0; c < n_chains; ++c)
      std::copy(relaxed.values().begin(), relaxed.values().end(),
                chains.positions.chain(c).begin());
    const engine::Integrator integrator("test", particles());
    integrator.project_positions(chains.positions);
    engine::draw_velocities(chains, particles(), {test_seed(40), 0});
    const auto n_steps = static_cast<std::size_t>(relax_ps / 0.001);
    if (n_steps > 0)
      integrator.langevin_middle(chains, *energy, {0.001, 10.0, n_steps}, {test_seed(41), 0});
    energy->evaluate(chains.positions.view(), chains.energies, {});
  }

  engine::MovingParticles particles() const { return engine::moving_particles(system); }
};

}  // namespace saltus::tests
