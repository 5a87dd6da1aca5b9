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
  /// Only of maps between temperatures (LeapTemperatureMap): it keeps its value, and the others
  /// are spread around their means given it.
  bool is_held = false;
};

/// Perceptron with two SiLU layers that turns angles into a mixture of wrapped normals of one more
/// angle (README.md). Matrices are row-major, [outputs, inputs]. Inputs are cos a and sin a of all
/// angles, then those of 2 a, then of 3 a: of angle j and harmonic k, columns 2 (k - 1) A + j and
/// (2 k - 1) A + j of A angles. Without angles this is one column, which is 1. A network that sees
/// the temperature has one more column, the last: T_ref / T - 1.
struct MixtureNetworkWeights {
  std::size_t n_angles = 0, n_components = 0, n_hidden = 0;
  bool sees_temperature = false;            ///< as the LeapWeights it belongs to
  std::vector<double> first, first_bias;    ///< [H, n_inputs()], [H]
  std::vector<double> second, second_bias;  ///< [H, H], [H]
  std::vector<double> head, head_bias;      ///< [4 K, H], [4 K]: logits, cos, sin, widths

  /// Width of the first layer's input: max(1, 6 A), and 1 more with the temperature.
  std::size_t n_inputs() const;
};

/// A turn of all soft torsions along one direction d, in place of draws from networks: s' = s +
/// delta d (mod 2 pi). delta is drawn from a density that is even and does not depend on the state:
/// a normal of one of the widths, each as likely; or, with LeapWeights::uniform_fraction, a uniform
/// angle. The two torsions on both sides of a peptide bond make a crankshaft with d = (1, -1).
struct LeapShift {
  std::vector<double> direction;             ///< d, one for each soft torsion; empty: no shift
  std::vector<double> widths = {0.15, 0.5};  ///< standard deviations, rad
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
/// `n_torsions`: of LeapWeights::basis_torsions.
std::size_t leap_basis_size(std::size_t n_torsions, std::size_t n_rotors);

/// All numbers that a learned leap of one molecule consists of (README.md has the formulas). It
/// redraws the coordinates `soft`, `rotors` and `fast`; coordinates in none of them keep their
/// values. A leap that moves all coordinates is a whole-molecule leap, any other moves a block.
struct LeapWeights {
  ZMatrix z;
  /// Atoms of the chains that z does not place, such as those of other molecules: they stay where
  /// they are, to the bit. Rows of z name atoms among n_atoms().
  std::size_t n_other_atoms = 0;
  double temperature_K = 0.0;  ///< T_ref: what L and the networks' temperature refer to
  /// Temperatures at which the weights may be used. Of weights for one temperature both are
  /// temperature_K.
  double min_temperature_K = 0.0, max_temperature_K = 0.0;
  bool sees_temperature = false;  ///< networks have T_ref / T - 1 as their last input
  /// Coordinates of the torsions that soft networks see of the state leapt from, in this order: of
  /// the block or kept, no matter which. Whole-molecule leap: `soft`.
  std::vector<std::size_t> context;
  /// Coordinates of the torsions that rotor networks and the basis of fast coordinates see, in this
  /// order, of the state whose density is asked for: soft or kept ones, never a rotor or a fast
  /// torsion of the block. Whole-molecule leap: `soft`.
  std::vector<std::size_t> basis_torsions;
  std::vector<std::size_t> soft;  ///< coordinate of each torsion that visits several basins
  std::vector<LeapRotor> rotors;
  std::vector<LeapFastCoordinate> fast;
  double uniform_fraction = 0.05;  ///< part of soft-torsion proposals that is uniform
  /// Leaps that shift their soft torsions have no networks for them, and no context. They have no
  /// density of a draw either: CarriedLeap makes them, LaneLeap refuses.
  LeapShift shift;
  /// The i-th has context.size() + i angles: the context, then the new soft torsions before it.
  std::vector<MixtureNetworkWeights> soft_networks;
  std::vector<MixtureNetworkWeights> rotor_networks;  ///< basis_torsions.size() angles each
  /// W, [F, leap_basis_size(basis_torsions.size(), rotors.size())], row-major
  std::vector<double> fast_weights;
  /// L at T_ref, [F, F], row-major, lower, positive diagonal; at T it is sqrt(T / T_ref) L
  std::vector<double> fast_cholesky;
  /// Heavy tails: this part of draws of the fast coordinates of a chain is `wide_scale` times as
  /// wide, all of them together. 0: none.
  double wide_fraction = 0.0;
  double wide_scale = 1.5;

  /// Of the chains: those that z places and the others.
  std::size_t n_atoms() const { return z.n_atoms() + n_other_atoms; }
  /// Whether a fast coordinate is held.
  bool holds_fast() const;
  /// What a whole-molecule leap at one temperature sees: context and basis are the soft torsions,
  /// the only temperature is temperature_K.
  void see_whole_molecule();
  /// Whether soft torsions are shifted rather than drawn from networks.
  bool shifts() const { return !shift.direction.empty(); }
  /// Whether all internal coordinates are redrawn.
  bool is_whole() const;
  /// @throws ModelError  beginning with `path`, when sizes or indices do not fit each other or a
  ///                     number is not finite or out of its range
  void validate(const std::string& path) const;
};

}  // namespace saltus::engine
