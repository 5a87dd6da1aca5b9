#pragma once

#include <cstddef>
#include <vector>

#include "engine/leap/leap_weights.h"
#include "engine/system/internal_coordinates.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::mlsamplers {

/// A torsion that visits several basins; `coordinate` indexes the internal coordinates [3N-6].
struct SoftTorsion {
  std::size_t coordinate = 0;
};

/// Terminal groups of like atoms, and coordinates that stay in one range, as the engine samples
/// them.
using Rotor = engine::LeapRotor;
using FastCoordinate = engine::LeapFastCoordinate;

/// Which internal coordinates of a molecule are soft torsions, rotors and fast ones; every
/// coordinate is in exactly one list.
struct CoordinateSplit {
  std::vector<SoftTorsion> soft;
  std::vector<Rotor> rotors;
  std::vector<FastCoordinate> fast;

  /// Takes the three groups out of internal coordinates [3N-6] of one configuration.
  void read(engine::Span<const double> q, engine::Span<double> soft_out,
            engine::Span<double> rotor_out, engine::Span<double> fast_out) const;
  /// The inverse. False when a fast torsion lies outside its chart (more than pi from its centre).
  bool write(engine::Span<const double> soft_in, engine::Span<const double> rotor_in,
             engine::Span<const double> fast_in, engine::Span<double> q) const;
};

/// Sorts coordinates by what they did in a trajectory. A torsion that leads its bond is a rotor
/// when only terminal atoms of one element, mass, charge and Lennard-Jones type hang on it (three
/// of them, or two in a plane), soft when its circular standard deviation exceeds the threshold,
/// and fast otherwise. Bonds, angles and offsets are fast.
/// @param q  [n_frames, 3N-6]
CoordinateSplit split_coordinates(const engine::Topology& topology, const engine::System& system,
                                  const engine::ZMatrix& z, engine::Span<const double> q,
                                  double soft_threshold_rad);

/// Mean direction and circular standard deviation sqrt(-2 ln R) of angles, rad.
struct CircularMoments {
  double mean = 0.0, standard_deviation = 0.0;
};
CircularMoments circular_moments(const std::vector<double>& angles);

/// Fourier basis over soft torsions and rotors that fast coordinates are regressed on: 1, harmonics
/// 1..3 of each soft torsion, products of harmonics 1..3 of soft torsions next to each
/// other in the list,
/// harmonics 1..2 of each rotor's folded angle, and products of its first with harmonics 1..2 of
/// all soft torsions (when there are at most four, else of none).
class FourierBasis {
 public:
  FourierBasis(std::size_t n_soft, std::vector<int> rotor_folds);
  std::size_t size() const { return size_; }
  /// Sum of squared harmonic orders of each function, [size()]: 0 for the constant. A smooth
  /// dependence has small coefficients where this is large.
  std::vector<double> roughness() const;
  /// @param out  [size()]
  void evaluate(engine::Span<const double> soft, engine::Span<const double> rotors,
                engine::Span<double> out) const;

 private:
  std::size_t n_soft_;
  std::vector<int> rotor_folds_;
  std::size_t size_ = 0;
};

}  // namespace saltus::mlsamplers
