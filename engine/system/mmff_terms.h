#pragma once

#include <cstddef>
#include <vector>

namespace saltus::engine {

/// E = k/2 d^2 (1 + c3 d + c4 d^2), d = r - length, c3 = -20 /nm, c4 = 700/3 /nm^2; k in
/// kJ/mol/nm^2. Halgren (1996) II, equation 2.
struct MmffBond {
  std::size_t i = 0, j = 0;
  double length_nm = 0.0, k = 0.0;
};

/// E = k/2 d^2 (1 + c3 d), d = theta - angle with the vertex at j, c3 = -0.006981317 per degree =
/// kMmffAngleCubic per radian; k in kJ/mol/rad^2. Equation 3.
struct MmffAngle {
  std::size_t i = 0, j = 0, k_atom = 0;
  double angle_rad = 0.0, k = 0.0;
};

/// Near a linear centre j: E = k (1 + cos theta); k in kJ/mol. Equation 4.
struct MmffLinearAngle {
  std::size_t i = 0, j = 0, k_atom = 0;
  double k = 0.0;
};

/// E = (k_ij (r_ij - length_ij) + k_kj (r_kj - length_kj)) (theta - angle) with the vertex at j;
/// constants in kJ/mol/nm/rad. Equation 5.
struct MmffStretchBend {
  std::size_t i = 0, j = 0, k_atom = 0;
  double length_ij_nm = 0.0, length_kj_nm = 0.0, angle_rad = 0.0;
  double k_ij = 0.0, k_kj = 0.0;
};

/// E = k/2 chi^2, chi the Wilson angle between the bond from the centre j to l and the plane i-j-k;
/// k in kJ/mol/rad^2. Equation 6; each trigonal centre has three.
struct MmffOutOfPlane {
  std::size_t i = 0, j = 0, k_atom = 0, l = 0;
  double k = 0.0;
};

/// Buffered 14-7 and buffered Coulomb interaction of one pair; pairs not listed do not interact.
///   E = epsilon (1.07 R / (r + 0.07 R))^7 (1.12 R^7 / (r^7 + 0.12 R^7) - 2)
///       + k_C charge_product / (D (r + 0.005 nm))
/// D is Mmff::dielectric, or that times (r + 0.005 nm) / 0.1 nm when it depends on the distance.
/// Scaling of 1-4 pairs, of donor-acceptor pairs and the like is in the numbers. Equations 8
/// and 13.
struct MmffPair {
  std::size_t i = 0, j = 0;
  double epsilon = 0.0;         ///< kJ/mol
  double r_min_nm = 0.0;        ///< R
  double charge_product = 0.0;  ///< e^2
};

/// Terms of the Merck molecular force field that other force fields do not have. Its torsions are
/// PeriodicTorsions: V1 (1 + cos phi)/2 + V2 (1 - cos 2 phi)/2 + V3 (1 + cos 3 phi)/2.
/// Source: Halgren, J. Comput. Chem. 17, 490-519 (1996), MMFF94 papers I and II,
/// doi:10.1002/(SICI)1096-987X(199604)17:5/6<490::AID-JCC1>3.0.CO;2-P and
/// doi:10.1002/(SICI)1096-987X(199604)17:5/6<520::AID-JCC2>3.0.CO;2-W;
/// MMFF94s: Halgren, J. Comput. Chem. 20, 720 (1999),
/// doi:10.1002/(SICI)1096-987X(199905)20:7<720::AID-JCC7>3.0.CO;2-X.
struct Mmff {
  std::vector<MmffBond> bonds;
  std::vector<MmffAngle> angles;
  std::vector<MmffLinearAngle> linear_angles;
  std::vector<MmffStretchBend> stretch_bends;
  std::vector<MmffOutOfPlane> out_of_planes;
  std::vector<MmffPair> pairs;
  double dielectric = 1.0;
  bool distance_dependent_dielectric = false;
};

constexpr double kMmffBondCubicPerNm = -20.0;
constexpr double kMmffBondQuarticPerNm2 = 700.0 / 3.0;
constexpr double kMmffAngleCubicPerRad = -0.006981317 * 57.29577951308232;
/// 332.0716 kcal/mol Angstrom/e^2, as MMFF94 rounds it; kJ/mol nm/e^2.
constexpr double kMmffCoulombConstant = 332.0716 * 4.184 * 0.1;
constexpr double kMmffCoulombBufferNm = 0.005;
/// Length in which the distance-dependent dielectric counts r: 1 Angstrom.
constexpr double kMmffDielectricLengthNm = 0.1;

}  // namespace saltus::engine
