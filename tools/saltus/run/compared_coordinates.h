#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/topology.h"
#include "tools/saltus/run/observables.h"

namespace saltus::tools {

enum class TorsionClass { kPhi, kPsi, kOmega, kSideChain };

/// A torsion of a bond between heavy atoms. Turned by 2 pi / fold it is the same: at a carboxylate,
/// phenyl or guanidinium group the angle is 2 tau, so that equal atoms make no states of their own.
struct ComparedTorsion {
  NamedTorsion torsion;
  TorsionClass kind = TorsionClass::kSideChain;  ///< everything that is not phi, psi or omega
  int fold = 1;
};

/// What is measured of every frame of a comparison. Atoms are numbered among the heavy ones.
struct ComparedCoordinates {
  std::vector<std::size_t> heavy_atoms;  ///< their indices in the topology, ascending
  std::vector<ComparedTorsion> torsions;
  /// Heavy atoms three or more bonds apart, without those that turning a torsion of fold 2
  /// exchanges.
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
};

ComparedCoordinates compared_coordinates(const engine::Topology& topology);

/// fold times each torsion, rad, in [-pi, pi); [torsions].
/// @param x  [heavy atoms, 3], nm
std::vector<double> measure_angles(const ComparedCoordinates& coordinates,
                                   engine::Span<const double> x);

/// Which features TICA gets.
struct FeatureChoice {
  bool distances = true, side_chains = true;
};
std::size_t n_features(const ComparedCoordinates& coordinates, FeatureChoice choice);
/// Sines and cosines of the angles, then distances in nm; appends n_features() values to `out`.
void append_features(const ComparedCoordinates& coordinates, FeatureChoice choice,
                     engine::Span<const double> x, std::vector<double>& out);

}  // namespace saltus::tools
