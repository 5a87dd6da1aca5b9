#include "engine/moves/torsion_walk.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

/// Atoms reached from `start` without crossing the bond start-blocked; empty when the bond is in a
/// ring (blocked is reached).
std::vector<std::size_t> side_of_bond(const std::vector<std::vector<std::size_t>>& neighbours,
                                      std::size_t start, std::size_t blocked) {
  std::vector<bool> seen(neighbours.size(), false);
  std::vector<std::size_t> stack = {start}, side;
  seen[start] = true;
  while (!stack.empty()) {
    const std::size_t atom = stack.back();
    stack.pop_back();
    side.push_back(atom);
    for (std::size_t next : neighbours[atom]) {
      if (atom == start && next == blocked) continue;
      if (next == blocked) return {};
      if (!seen[next]) {
        seen[next] = true;
        stack.push_back(next);
      }
    }
  }
  std::sort(side.begin(), side.end());
  return side;
}

/// Rotates atoms about the axis by an angle (Rodrigues).
void rotate(Span<double> x, const RotatableBond& bond, double angle) {
  const Vec3 origin = load_atom(x.data(), bond.axis_to);
  const Vec3 along = origin - load_atom(x.data(), bond.axis_from);
  const Vec3 axis = (1.0 / norm(along)) * along;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  for (std::size_t atom : bond.moving) {
    const Vec3 r = load_atom(x.data(), atom) - origin;
    const Vec3 turned = cosine * r + sine * cross(axis, r) + (1.0 - cosine) * dot(axis, r) * axis;
    add_to_atom(x.data(), atom, turned - r);
  }
}

}  // namespace

std::vector<RotatableBond> rotatable_bonds(const Topology& topology) {
  const auto neighbours = topology.neighbours();
  std::vector<RotatableBond> result;
  for (const Bond& bond : topology.bonds) {
    if (neighbours[bond.first].size() < 2 || neighbours[bond.second].size() < 2) continue;
    std::vector<std::size_t> first = side_of_bond(neighbours, bond.first, bond.second);
    if (first.empty()) continue;
    std::vector<std::size_t> second = side_of_bond(neighbours, bond.second, bond.first);
    RotatableBond entry{bond.first, bond.second, std::move(second)};
    if (first.size() < entry.moving.size()) entry = {bond.second, bond.first, std::move(first)};
    entry.moving.erase(std::find(entry.moving.begin(), entry.moving.end(), entry.axis_to));
    result.push_back(std::move(entry));
  }
  return result;
}

TorsionWalk::TorsionWalk(std::vector<RotatableBond> bonds, double width_rad)
    : bonds_(std::move(bonds)), width_rad_(width_rad) {
  if (bonds_.empty()) throw InputError("torsion_walk: the molecule has no rotatable bond");
  if (!(width_rad_ > 0.0) || !std::isfinite(width_rad_))
    throw InputError("torsion_walk: width must be positive and finite");
}

ProposalBatch TorsionWalk::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x.n_chains, x.n_atoms);
  std::copy(x.data, x.data + x.size(), result.positions.values().begin());
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    const std::size_t choice =
        RandomStream(key, StreamName::kTorsionChoice, chain).below(bonds_.size());
    const double angle = width_rad_ * RandomStream(key, StreamName::kProposal, chain).normal();
    rotate(result.positions.chain(c), bonds_[choice], angle);
  }
  return result;
}

}  // namespace saltus::engine
