#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/dynamics/integrator.h"
#include "engine/ensemble/target_density.h"
#include "engine/lanes/native_energy.h"
#include "tests/engine/reference/ethanol.h"
#include "tests/support/environment.h"

namespace saltus::tests {

/// Ethanol in implicit solvent, many slightly different chains with velocities, in lanes.
struct EthanolChains {
  engine::System system;
  std::shared_ptr<const engine::NativeEnergy> energy;
  engine::ChainBatch chains;

  /// @param constrained  the bonds to hydrogen and the hydroxyl angle keep their lengths
  EthanolChains(std::size_t n_chains, bool constrained, engine::Precision precision,
                std::shared_ptr<engine::ThreadPool> pool = nullptr)
      : system(ethanol_system(Solvent::kObc2, 0.0)) {
    if (constrained) {
      for (const engine::HarmonicBond& bond : system.bonds)
        if (system.masses[bond.i] < 2.0 || system.masses[bond.j] < 2.0)
          system.constraints.push_back({bond.i, bond.j, bond.length_nm});
      system.bonds.erase(std::remove_if(system.bonds.begin(), system.bonds.end(),
                                        [&](const engine::HarmonicBond& bond) {
                                          return system.masses[bond.i] < 2.0 ||
                                                 system.masses[bond.j] < 2.0;
                                        }),
                         system.bonds.end());
    }
    energy = std::make_shared<engine::NativeEnergy>(system, std::move(pool), precision);
    chains = engine::ChainBatch(n_chains, system.n_atoms(), {});
    for (std::size_t c = 0; c < n_chains; ++c) {
      engine::RandomStream stream = test_stream(30, static_cast<std::uint32_t>(c));
      const auto x = chains.positions.chain(c);
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = ethanol_positions()[i] + 0.001 * stream.normal();
      chains.states[c].temperature_K = 280.0 + static_cast<double>(c);
    }
    engine::Integrator("test", particles()).project_positions(chains.positions);
    engine::draw_velocities(chains, particles(), {test_seed(31), 0});
    energy->evaluate(chains.positions.view(), chains.energies, {});
  }

  engine::MovingParticles particles() const { return engine::moving_particles(system); }
};

}  // namespace saltus::tests
