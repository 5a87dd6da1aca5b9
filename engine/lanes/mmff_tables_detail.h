#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/system/mmff_terms.h"

namespace saltus::engine {

/// Parameters of mmff_lanes.cpp, in the order its loops need them.

template <class T>
struct MmffBondTable {
  struct Entry {
    std::uint32_t i, j;
    T length, k;
  };
  explicit MmffBondTable(const std::vector<MmffBond>& bonds) {
    for (const MmffBond& b : bonds)
      entries.push_back({static_cast<std::uint32_t>(b.i), static_cast<std::uint32_t>(b.j),
                         static_cast<T>(b.length_nm), static_cast<T>(b.k)});
  }
  std::vector<Entry> entries;
};

/// An angle, a stretch-bend or both on atoms i-j-k; constants of what is not there are 0.
template <class T>
struct MmffBend {
  std::uint32_t i, j, k_atom;
  T angle, k;
  T length_ij, length_kj, k_ij, k_kj;
};

/// Angles and stretch-bends, sorted by what they are.
struct MmffBends {
  explicit MmffBends(const Mmff& mmff);
  std::vector<MmffBend<double>> both, angles, stretch_bends;
  bool has_angles = false, has_stretch_bends = false;  // linear angles are angles
};

template <class T>
struct MmffBendTable {
  struct LinearAngle {
    std::uint32_t i, j, k_atom;
    T k;
  };
  MmffBendTable(const MmffBends& bends, const std::vector<MmffLinearAngle>& linear_angles)
      : both(rounded(bends.both)),
        angles(rounded(bends.angles)),
        stretch_bends(rounded(bends.stretch_bends)),
        has_angles(bends.has_angles),
        has_stretch_bends(bends.has_stretch_bends) {
    for (const MmffLinearAngle& a : linear_angles)
      linear.push_back({static_cast<std::uint32_t>(a.i), static_cast<std::uint32_t>(a.j),
                        static_cast<std::uint32_t>(a.k_atom), static_cast<T>(a.k)});
  }
  static std::vector<MmffBend<T>> rounded(const std::vector<MmffBend<double>>& bends) {
    std::vector<MmffBend<T>> result;
    for (const MmffBend<double>& b : bends)
      result.push_back({b.i, b.j, b.k_atom, static_cast<T>(b.angle), static_cast<T>(b.k),
                        static_cast<T>(b.length_ij), static_cast<T>(b.length_kj),
                        static_cast<T>(b.k_ij), static_cast<T>(b.k_kj)});
    return result;
  }
  std::vector<MmffBend<T>> both, angles, stretch_bends;
  std::vector<LinearAngle> linear;
  bool has_angles, has_stretch_bends;
};

/// Bonds from the centre to atoms[0], atoms[1], atoms[2]; k[m] belongs to the Wilson angle of bond
/// m and the plane of the others. The sign of that angle does not matter.
struct MmffCentre {
  std::uint32_t centre;
  std::uint32_t atoms[3];
  double k[3];
};

/// Collects the out-of-plane bends of each centre.
std::vector<MmffCentre> mmff_centres(const std::vector<MmffOutOfPlane>& out_of_planes);

template <class T>
struct MmffCentreTable {
  struct Entry {
    std::uint32_t centre;
    std::uint32_t atoms[3];
    T k[3];
  };
  explicit MmffCentreTable(const std::vector<MmffCentre>& centres) {
    for (const MmffCentre& c : centres)
      entries.push_back({c.centre,
                         {c.atoms[0], c.atoms[1], c.atoms[2]},
                         {static_cast<T>(c.k[0]), static_cast<T>(c.k[1]), static_cast<T>(c.k[2])}});
  }
  std::vector<Entry> entries;
};

}  // namespace saltus::engine
