#pragma once

namespace saltus::engine {

/// Scale and range of the neck correction.
constexpr double kNeckScale = 0.826836;
constexpr double kNeckRangeNm = 0.68;

/// Where the neck correction of a pair of atoms is largest, and how large it is there.
struct NeckParameters {
  double distance_nm = 0.0;  ///< d0
  double value = 0.0;        ///< m0, 1/nm
};

/// Neck parameters of the Born integral of atom i with atom j, for intrinsic radii (before the
/// offset) of both. Bilinear between the tabulated radii 0.100, 0.105 ... 0.200 nm, as OpenMM does:
/// the arginine hydrogens of mbondi3 (0.117 nm) lie between two of them. Not symmetric in i and j.
/// The correction itself is  S m0 / (1 + 100 (r - d0)^2 + 0.3e6 (r - d0)^6)  for r < R_i + R_j +
/// 0.68 nm, with S = 0.826836, r and d0 in nm.
/// @throws InputError  when a radius is outside 0.10 .. 0.20 nm
/// Source: Mongan, Simmerling, McCammon, Case, Onufriev, JCTC 3, 156 (2007), doi:10.1021/ct600085e;
/// Nguyen, Roe, Simmerling, JCTC 9, 2020 (2013), doi:10.1021/ct3010485.
NeckParameters neck_parameters(double radius_i_nm, double radius_j_nm);

}  // namespace saltus::engine
