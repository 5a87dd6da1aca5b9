#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/aligned_vector.h"
#include "engine/leap/leap_weights.h"

namespace saltus::engine {

/// Rows of a matrix that are worked on together, so that each input is read once for all of them.
constexpr std::size_t kTileRows = 4;

/// out = W in + b for rows of lanes, W in tiles of kTileRows rows. Rows that fill the last tile are
/// zeros, so that outputs need room for n_rows().
struct DenseLayer {
  DenseLayer() = default;
  /// @param matrix  [n_rows_used, n_inputs], row-major
  /// @param offset  [n_rows_used], or empty: zeros
  DenseLayer(const std::vector<double>& matrix, const std::vector<double>& offset,
             std::size_t n_rows_used);

  std::size_t n_tiles() const { return (n_outputs + kTileRows - 1) / kTileRows; }
  std::size_t n_rows() const { return n_tiles() * kTileRows; }
  /// Inputs that a tile reads: of a lower triangle not those right of the diagonal.
  std::size_t inputs_of(std::size_t tile) const;

  std::size_t n_inputs = 0, n_outputs = 0;
  bool is_lower = false;
  AlignedVector<double> weights;  ///< [tile][input][row of the tile]
  AlignedVector<double> bias;     ///< [tile][row of the tile]
};

/// The network of MixtureNetworkWeights with the temperature first, if it sees it, and then all
/// harmonics of an angle side by side: cos a, sin a, cos 2 a, ... of the first angle, then those of
/// the second. Without angles it has no input but the temperature.
struct MixtureNetworkTable {
  explicit MixtureNetworkTable(const MixtureNetworkWeights& weights);

  std::size_t n_components = 0;
  DenseLayer first, second, head;
};

/// Which numbers of a chain's random streams are used for what, counted as RandomStream draws them.
/// Normals are numbered in the order of their use: soft torsions, rotors, fast coordinates. A shift
/// is one draw for all soft torsions: its component is its width.
struct LeapNumbers {
  explicit LeapNumbers(const LeapWeights& weights);

  std::size_t n_soft_draws = 0;         ///< 1 of a shift
  std::size_t n_numbers = 0;            ///< of StreamName::kProposal
  std::vector<std::size_t> components;  ///< [n_soft_draws + n_rotors]: choose components
  std::vector<std::size_t> wells;       ///< [n_rotors]: choose wells of rotors
  std::vector<std::size_t> pairs;       ///< first of the two numbers that make normals 2 i, 2 i + 1
  /// Of StreamName::kProposalComponent: whether soft torsions are uniform, then each draw of them,
  /// then, if there are wide draws, whether this is one.
  std::size_t n_component_numbers = 0;
};

/// Wide draws of fast coordinates, z ~ (1-w) N(0, I) + w N(0, c^2 I).
struct WideDraws {
  explicit WideDraws(const LeapWeights& weights);

  double fraction = 0.0;                    ///< w
  double scale = 1.0;                       ///< c
  double precision = 0.5;                   ///< 1 / (2 c^2)
  double log_narrow = 0.0, log_wide = 0.0;  ///< ln(1-w), ln w - F ln c
};

/// LeapWeights as the lanes read them, and the kernel of fast coordinates.
struct LeapTable {
  /// @param weights  valid ones
  /// @param carry    in [0, 1]: how much of z a draw keeps (README.md)
  LeapTable(const LeapWeights& weights, double carry);

  std::size_t n_atoms() const { return z.n_atoms() + others.size(); }
  /// Fast coordinates that a map between temperatures spreads: those that are not held.
  std::size_t n_spread() const;
  std::size_t n_soft() const { return soft.size(); }
  std::size_t n_rotors() const { return rotors.size(); }
  std::size_t n_fast() const { return fast.size(); }
  bool shifts() const { return !shift.direction.empty(); }
  /// Inputs before the angles: 1 when networks see the temperature.
  std::size_t n_first_inputs() const { return sees_temperature ? 1 : 0; }

  ZMatrix z;
  std::vector<std::size_t> others;  ///< atoms that z does not place
  bool sees_temperature = false;
  std::vector<std::size_t> soft;
  LeapShift shift;
  std::vector<LeapRotor> rotors;
  std::vector<LeapFastCoordinate> fast;
  std::vector<std::size_t> kept;  ///< coordinates that are not redrawn
  /// Coordinates of all torsions that a network or the basis sees, the soft ones first.
  std::vector<std::size_t> seen;
  std::vector<std::size_t> context, basis_torsions;  ///< as indices into `seen`
  std::vector<std::size_t> seen_late;  ///< those of `seen` that are rotors or fast torsions
  std::vector<MixtureNetworkTable> soft_networks, rotor_networks;
  std::size_t n_basis = 0;          ///< functions of the basis but for the constant
  DenseLayer mean;                  ///< of fast coordinates; the constant function is the bias
  DenseLayer cholesky;              ///< L
  DenseLayer inverse_cholesky;      ///< 1 / L
  double log_fast_constant = 0.0;   ///< -ln det L - F/2 ln 2 pi
  double carry = 0.0, fresh = 1.0;  ///< z' = carry z + fresh xi
  WideDraws wide;
  double uniform_fraction = 0.0;   ///< e
  double log_network_share = 0.0;  ///< ln(1 - e)
  double log_uniform = 0.0;        ///< ln e - D ln 2 pi, D soft torsions
  LeapNumbers numbers;
};

}  // namespace saltus::engine
