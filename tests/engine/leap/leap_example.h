#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/random.h"
#include "engine/ensemble/chain_batch.h"
#include "engine/leap/leap_weights.h"

/// A leap of ethanol made of random numbers, for tests that need no training.
namespace saltus::tests {

/// How many of ethanol's six torsions are what; the others are fast.
struct LeapExampleSize {
  std::size_t n_soft = 2, n_rotors = 1;
};

/// Weights that depend on the current state and on each other in every way that a model can.
/// Bonds are near 0.12 nm and angles near 1.9 rad, with widths of a few hundredths.
engine::LeapWeights leap_example(LeapExampleSize size);

/// What a block of ethanol has; it always has two soft torsions.
struct BlockExampleOptions {
  bool sees_temperature = false;
  double wide_fraction = 0.0;
  bool has_rotor = true, has_fast = true;
};

/// A block of two soft torsions, a rotor and four fast coordinates; the others are kept. Its
/// context has a kept torsion, a soft one, a fast one and the rotor; its basis a soft and a kept
/// one. From 280 to 600 K.
engine::LeapWeights block_example(const BlockExampleOptions& options);

/// The block with its soft torsions shifted along a direction in place of networks.
engine::LeapWeights with_shift(engine::LeapWeights weights, const std::vector<double>& direction);

/// A network with seven hidden units and wild dependences.
engine::MixtureNetworkWeights random_network(std::size_t n_angles, std::size_t n_components,
                                             bool sees_temperature, engine::RandomStream& stream);

constexpr double kLeapExampleTemperature_K = 310.0;

/// States that the example could have drawn.
engine::ChainBatch leap_example_chains(const engine::LeapWeights& weights, std::size_t n_chains,
                                       std::uint64_t seed);

}  // namespace saltus::tests
