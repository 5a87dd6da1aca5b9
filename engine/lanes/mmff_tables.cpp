#include <algorithm>
#include <array>
#include <map>

#include "engine/lanes/mmff_tables_detail.h"

namespace saltus::engine {

namespace {

using Triple = std::array<std::size_t, 3>;

/// Vertex and ends, the lower end first.
Triple triple_of(std::size_t i, std::size_t j, std::size_t k) {
  return {j, std::min(i, k), std::max(i, k)};
}

MmffBend<double> empty_bend(std::size_t i, std::size_t j, std::size_t k, double angle_rad) {
  return {static_cast<std::uint32_t>(i),
          static_cast<std::uint32_t>(j),
          static_cast<std::uint32_t>(k),
          angle_rad,
          0.0,
          0.0,
          0.0,
          0.0,
          0.0};
}

}  // namespace

MmffBends::MmffBends(const Mmff& mmff)
    : has_angles(!mmff.angles.empty() || !mmff.linear_angles.empty()),
      has_stretch_bends(!mmff.stretch_bends.empty()) {
  std::multimap<Triple, const MmffAngle*> left;
  for (const MmffAngle& a : mmff.angles) left.emplace(triple_of(a.i, a.j, a.k_atom), &a);
  for (const MmffStretchBend& s : mmff.stretch_bends) {
    MmffBend<double> bend = empty_bend(s.i, s.j, s.k_atom, s.angle_rad);
    bend.length_ij = s.length_ij_nm;
    bend.length_kj = s.length_kj_nm;
    bend.k_ij = s.k_ij;
    bend.k_kj = s.k_kj;
    const auto partner = left.find(triple_of(s.i, s.j, s.k_atom));
    if (partner != left.end() && partner->second->angle_rad == s.angle_rad) {
      bend.k = partner->second->k;
      left.erase(partner);
      both.push_back(bend);
    } else {
      stretch_bends.push_back(bend);
    }
  }
  for (const auto& [triple, a] : left) {
    angles.push_back(empty_bend(a->i, a->j, a->k_atom, a->angle_rad));
    angles.back().k = a->k;
  }
}

std::vector<MmffCentre> mmff_centres(const std::vector<MmffOutOfPlane>& out_of_planes) {
  std::map<std::array<std::size_t, 4>, std::array<double, 3>> centres;
  for (const MmffOutOfPlane& term : out_of_planes) {
    Triple atoms = {term.i, term.k_atom, term.l};
    std::sort(atoms.begin(), atoms.end());
    const auto place = std::find(atoms.begin(), atoms.end(), term.l) - atoms.begin();
    centres[{term.j, atoms[0], atoms[1], atoms[2]}][static_cast<std::size_t>(place)] += term.k;
  }
  std::vector<MmffCentre> result;
  for (const auto& [atoms, k] : centres)
    result.push_back({static_cast<std::uint32_t>(atoms[0]),
                      {static_cast<std::uint32_t>(atoms[1]), static_cast<std::uint32_t>(atoms[2]),
                       static_cast<std::uint32_t>(atoms[3])},
                      {k[0], k[1], k[2]}});
  return result;
}

}  // namespace saltus::engine
