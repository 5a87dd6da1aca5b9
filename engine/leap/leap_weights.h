#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/system/internal_coordinates.h"

namespace saltus::engine {

/// A terminal group of `fold` like atoms: turning it by 2 pi / fold only relabels them.
/// `coordinate` indexes the internal coordinates [3N-6].
struct LeapRotor {
  std::size_t coordinate = 0;
  int fold = 3;
};

/// A coordinate that fluctuates in one narrow range. Torsions are counted from `centre` and stay
/// within pi of it; others have centre 0.
struct LeapFastCoordinate {
  std::size_t coordinate = 0;
  bool is_torsion = false;
  double centre = 0.0;
};

/// Perceptron with two SiLU layers that turns angles into a mixture of wrapped normals of one more
/// angle (README.md). Matrices are row-major, [outputs, inputs]. Inputs are cos a and sin a of all
/// angles, then those of 2 a, then of 3 a: of angle j and harmonic k, columns 2 (k - 1) A + j and
/// (2 k - 1) A + j of A angles. Without angles the only input is 1.
struct MixtureNetworkWeights {
  std::size_t n_angles = 0, n_components = 0, n_hidden = 0;
  std::vector<double> first, first_bias;    ///< [H, max(1, 6 A)], [H]
  std::vector<double> second, second_bias;  ///< [H, H], [H]
  std::vector<double> head, head_bias;      ///< [4 K, H], [4 K]: logits, cos, sin, widths

  /// Width of the first layer's input.
  std::size_t n_inputs() const;
};

/// Harmonics that networks see of each angle.
constexpr std::size_t kNetworkHarmonics = 3;
/// Smallest and largest width of a component, rad.
constexpr double kMinComponentWidth = 0.03, kMaxComponentWidth = 1.55;

/// Harmonics of soft torsions, of rotors' folded angles and of soft torsions in products with
/// rotors; and up to how many soft torsions there are such products.
constexpr std::size_t kSoftHarmonics = 3, kRotorHarmonics = 2, kCrossHarmonics = 2;
constexpr std::size_t kMaxCrossedSoft = 4;

/// Number of functions that fast coordinates are regressed on, the constant included (README.md).
std::size_t leap_basis_size(std::size_t n_soft, std::size_t n_rotors);

/// All numbers that the learned leap of one molecule consists of (README.md has the formulas).
struct LeapWeights {
  ZMatrix z;
  double temperature_K = 0.0;
  std::vector<std::size_t> soft;  ///< coordinate of each torsion that visits several basins
  std::vector<LeapRotor> rotors;
  std::vector<LeapFastCoordinate> fast;
  double uniform_fraction = 0.05;  ///< part of soft-torsion proposals that is uniform
  /// The i-th is conditioned on all current soft torsions and on the new ones before it.
  std::vector<MixtureNetworkWeights> soft_networks;
  std::vector<MixtureNetworkWeights> rotor_networks;  ///< conditioned on the new soft torsions
  std::vector<double> fast_weights;                   ///< W, [F, leap_basis_size], row-major
  std::vector<double> fast_cholesky;  ///< L, [F, F], row-major, lower, positive diagonal

  /// @throws ModelError  beginning with `path`, when sizes or indices do not fit each other or a
  ///                     number is not finite
  void validate(const std::string& path) const;
};

}  // namespace saltus::engine
