#include "engine/conformers/ring_transplant.h"

#include <algorithm>

#include "engine/conformers/rigid_placement.h"
#include "engine/conformers/ring_systems.h"
#include "engine/core/error.h"

namespace saltus::engine {

RingTransplant::RingTransplant(const TorsionGraph& graph, const std::vector<std::size_t>& system,
                               const std::vector<std::size_t>& part) {
  const std::size_t n = graph.atoms.size();
  const auto neighbours = graph.neighbours();
  const std::vector<bool> inside = marked(n, system);
  std::vector<std::size_t> in_part(n, kNowhere);
  for (std::size_t i = 0; i < part.size(); ++i) in_part[part[i]] = i;
  const auto add_place = [&](std::size_t atom) {
    if (in_part[atom] == kNowhere)
      throw InternalError("a part of a molecule does not have all atoms around its rings");
    places_.push_back({atom, in_part[atom]});
  };
  for (const std::size_t atom : system) {
    add_place(atom);
    const auto& around = neighbours[atom];
    const auto reference = std::find_if(around.begin(), around.end(),
                                        [&](std::size_t other) { return inside[other]; });
    std::vector<bool> barred(n, false);
    barred[atom] = true;
    for (const std::size_t other : around) {
      if (inside[other]) continue;
      add_place(other);
      Branch branch{*reference, atom, other, reached_from(neighbours, other, barred)};
      branch.beyond.erase(branch.beyond.begin());
      if (!branch.beyond.empty()) branches_.push_back(std::move(branch));
    }
  }
}

void RingTransplant::put(Span<const double> shape, Span<double> x) const {
  const auto frame = [&](const Branch& branch) {
    const Vec3 first = load_atom(x.data(), branch.first);
    return Frame::of(first, load_atom(x.data(), branch.ring_atom) - first,
                     load_atom(x.data(), branch.reference) - first);
  };
  std::vector<Frame> before;
  for (const Branch& branch : branches_) before.push_back(frame(branch));
  for (const Place& place : places_)
    for (std::size_t d = 0; d < 3; ++d) x[3 * place.atom + d] = shape[3 * place.in_part + d];
  for (std::size_t b = 0; b < branches_.size(); ++b)
    move_rigidly(branches_[b].beyond, before[b], frame(branches_[b]), x);
}

}  // namespace saltus::engine
