#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/potential/energy_function.h"
#include "engine/rings/ring_states.h"

namespace saltus::tests {

/// A ring of six atoms, 0 to 5. Atom 0 carries 6, which carries 8; atom 1, a nitrogen that can
/// invert, carries 7. Three states: a chair, the inverted chair with the nitrogen inverted, and the
/// first chair with the nitrogen inverted.
struct RingMolecule {
  static constexpr std::size_t kAtoms = 9, kStates = 3;
  RingMolecule();

  std::shared_ptr<const engine::TorsionGraph> graph;
  std::shared_ptr<const engine::RingSystem> system;

  /// @param width  of all coordinates, in units of some hundredths of an angstrom; they differ
  ///               from state to state
  /// @param shift  of all means, nm
  std::vector<engine::RingState> states(double width, double shift) const;
  std::shared_ptr<const engine::RingStates> known(double width, double shift) const;
};

/// The density whose logarithm is -U / kT at 300 K: of each state a share of its own, within it
/// normal in its coordinates where it is the nearest state, a normal centre of the ring, any
/// orientation, and atom 8 normal in the frame of its branch.
class RingMixture final : public engine::EnergyFunction {
 public:
  static constexpr double kTemperature_K = 300.0;
  explicit RingMixture(double width);

  std::size_t n_atoms() const override { return RingMolecule::kAtoms; }
  /// Energies alone.
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override;

  /// Independent draws, energies not set.
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;

  const engine::RingStates& states() const { return *states_; }

 private:
  double log_density(engine::Span<const double> x) const;

  RingMolecule molecule_;
  std::shared_ptr<const engine::RingStates> states_;
};

}  // namespace saltus::tests
