#include "engine/torsions/nitrogen_inversion.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/vec3.h"
#include "engine/moves/bond_sides.h"

namespace saltus::engine {

bool NitrogenInversion::applies(const TorsionGraph& graph) {
  const auto neighbours = graph.neighbours();
  return std::any_of(graph.inversions.begin(), graph.inversions.end(), [&](const auto& centre) {
    return std::any_of(centre.neighbours.begin(), centre.neighbours.end(), [&](std::size_t atom) {
      return !side_of_bond(neighbours, atom, centre.atom).empty();
    });
  });
}

NitrogenInversion::NitrogenInversion(const std::shared_ptr<const TorsionGraph>& graph) {
  if (!graph) throw InternalError("nitrogen_inversion without a graph");
  const auto neighbours = graph->neighbours();
  for (const auto& [centre, around] : graph->inversions) {
    std::vector<Branch> branches;
    for (std::size_t i = 0; i < 3; ++i) {
      std::vector<std::size_t> atoms = side_of_bond(neighbours, around[i], centre);
      if (atoms.empty()) continue;  // the bond is in a ring
      branches.push_back(
          {centre, around[i], {around[(i + 1) % 3], around[(i + 2) % 3]}, std::move(atoms)});
    }
    if (!branches.empty()) branches_.push_back(std::move(branches));
  }
  if (branches_.empty())
    throw InputError("nitrogen_inversion: the molecule has no nitrogen that can invert");
}

bool NitrogenInversion::turn_over(const Branch& branch, Span<double> x) {
  constexpr double kMinSine = 1e-6;  // of the angle between B and the normal
  const Vec3 centre = load_atom(x.data(), branch.centre);
  const auto from_centre = [&](std::size_t atom) { return load_atom(x.data(), atom) - centre; };
  const Vec3 normal = cross(from_centre(branch.others[0]), from_centre(branch.others[1]));
  const Vec3 bond = from_centre(branch.root);
  const Vec3 in_plane = bond - (dot(normal, bond) / dot(normal, normal)) * normal;
  const double length = norm(in_plane);
  if (!(length > kMinSine * norm(bond))) return false;  // NaN where N, A, C lie on a line
  const Vec3 axis = (1.0 / length) * in_plane;
  for (std::size_t atom : branch.atoms) {
    const Vec3 r = from_centre(atom);
    add_to_atom(x.data(), atom, 2.0 * (dot(axis, r) * axis - r));
  }
  return true;
}

ProposalBatch NitrogenInversion::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    RandomStream stream(key, StreamName::kProposal, chain);
    const std::vector<Branch>& choice = branches_[stream.below(branches_.size())];
    const Branch& branch = choice[stream.below(choice.size())];
    if (!turn_over(branch, result.positions.chain(c)))
      result.log_forward[c] = -std::numeric_limits<double>::infinity();
  }
  return result;
}

}  // namespace saltus::engine
