#pragma once

#include <cstddef>

#include "engine/core/units.h"
#include "io/deck/deck_table.h"

namespace saltus::tools {

/// Sensible values of what several keys of decks give, in internal units. They are wide: whatever
/// somebody may want is inside, what is outside is a wrong unit or a typing error.

/// A thousandth of a kelvin tests harmonic limits; at 100,000 K no molecule is left.
inline constexpr io::Bounds kTemperatures = io::Bounds::between(1e-3, 1e5).usually(300.0);
/// From what tests of convergence take to heavy atoms that interact weakly (100 fs); no bond is
/// integrated by more than some femtoseconds.
inline constexpr io::Bounds kTimeSteps = io::Bounds::between(1e-9, 0.1);
/// Up to what renews velocities wholly in any time step; 0 is plain dynamics.
inline constexpr io::Bounds kFrictions = io::Bounds::between(1e-6, 1e6);
inline constexpr io::Bounds kFrictionsFromZero = io::Bounds::between(0.0, 1e6);
/// From a time step to a millisecond.
inline constexpr io::Bounds kDurations = io::Bounds::between(1e-9, 1e9);
inline constexpr io::Bounds kDurationsFromZero = io::Bounds::between(0.0, 1e9);
/// Of hydrogen: from muonium, 0.11, to what makes it as slow as heavy atoms.
inline constexpr io::Bounds kHydrogenMasses = io::Bounds::between(0.1, 20.0).usually(3.0);
/// Of moves: from far below the width of any bond to more than a molecule.
inline constexpr io::Bounds kDisplacements = io::Bounds::between(1e-9, 10.0);
/// Within a molecule or a box of them.
inline constexpr io::Bounds kLengthsFromZero = io::Bounds::between(0.0, 100.0);
/// Of turns; a width of a full turn is uniform.
inline constexpr io::Bounds kTurns = io::Bounds::between(1e-9, engine::kTwoPi);
/// From thermal energies at the lowest temperature to beyond any bond.
inline constexpr io::Bounds kEnergies = io::Bounds::between(1e-6, 1e6);
/// Per nm^2 or rad^2; bonds have up to 1e6, beyond 1e9 no time step is short enough.
inline constexpr io::Bounds kForceConstants = io::Bounds::between(1e-6, 1e9);
inline constexpr io::Bounds kForceConstantsFromZero = io::Bounds::between(0.0, 1e9);
/// Relative permittivities; a million switches electrostatics off or makes the solvent a conductor.
inline constexpr io::Bounds kDielectrics = io::Bounds::between(1.0, 1e6);
/// Of what is drawn or added up, relative to others.
inline constexpr io::Bounds kWeights = io::Bounds::between(1e-9, 1e9);
inline constexpr io::Bounds kWeightsFromZero = io::Bounds::between(0.0, 1e9);
/// Of optimisers.
inline constexpr io::Bounds kLearningRates = io::Bounds::between(1e-12, 10.0);
inline constexpr io::Bounds kWeightDecays = io::Bounds::between(0.0, 10.0);
/// Penalties on rough functions, relative to the data.
inline constexpr io::Bounds kSmoothnesses = io::Bounds::between(1e-12, 1e6);

/// Steps of a run: no machine makes more in a year.
inline constexpr std::size_t kMostSteps = 1'000'000'000'000;
/// Steps of dynamics, trajectories, gradients or samples within something else.
inline constexpr std::size_t kMostInnerSteps = 1'000'000'000;
/// Things that are in memory together: chains, frames, pairs of a batch.
inline constexpr std::size_t kMostAtOnce = 100'000'000;
/// Levels, rungs, layers, components: parts that people choose one by one.
inline constexpr std::size_t kMostParts = 10'000;
/// Values of one key that warm-up chooses from: each costs as many trials as the others.
inline constexpr std::size_t kMostAlternatives = 8;
/// Numbers of a layer of a network.
inline constexpr std::size_t kMostFeatures = 100'000;
/// A seed: any number that a deck can hold.
inline constexpr std::size_t kMostSeed = 9'223'372'036'854'775'807;

}  // namespace saltus::tools
