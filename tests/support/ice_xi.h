#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/rigid/harmonic_crystal.h"
#include "engine/system/system.h"

namespace saltus::tests {

/// A frame of the fixture ice_xi: TIP4P-Ew water in a periodic box, with Ewald sums, a switching
/// function from 0.9 times the cutoff on and the dispersion correction. Molecules are four
/// particles each, oxygen, two hydrogens and the site. Source: Horn et al., JCP 120, 9665 (2004),
/// doi:10.1063/1.1683075.
struct IceXiFrame {
  engine::System system;          ///< without constraints
  std::vector<double> positions;  ///< [N, 3], nm, as in the file: rounded to float
};

/// Path of a frame, such as that of "model-iceXI_T100_N16".
std::string ice_xi_path(const std::string& name);
/// Nothing when the file is not there.
std::optional<IceXiFrame> read_ice_xi(const std::string& name, double cutoff_nm);

/// Holds all molecules rigid, as TIP4P-Ew has them.
void add_rigid_water(engine::System& system);

/// Sixteen rigid molecules of ice XI at 100 K, with the energy of the native lanes at an Ewald
/// tolerance of 1e-4, and the harmonic crystal about the minimum next to them.
struct IceXiCrystal {
  engine::System system;
  std::shared_ptr<const engine::RigidBodies> bodies;
  std::shared_ptr<const engine::EnergyFunction> energy;
  std::shared_ptr<const engine::Canonical> target;
  std::shared_ptr<const engine::HarmonicCrystal> crystal;

  /// Draws from the crystal, energies set.
  engine::ChainBatch drawn(std::size_t n_chains, double temperature_K, std::uint64_t seed) const;
  /// Chains near equilibrium: such draws, then trajectories.
  engine::ChainBatch equilibrated(std::size_t n_chains, double temperature_K,
                                  std::uint64_t seed) const;
};

/// The frame it is made of; crystals are nothing where that is not there.
inline constexpr const char* kIceXiFrame = "model-iceXI_T100_N16";
std::optional<IceXiCrystal> ice_xi_crystal();

}  // namespace saltus::tests
