#include "mlsamplers/timewarp/timewarp_model.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/error.h"

namespace saltus::mlsamplers {

namespace {

constexpr int kHydrogen = 1;

double triple_product(const HandedCentre& centre, engine::Span<const double> x) {
  double v[3][3];
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t axis = 0; axis < 3; ++axis)
      v[k][axis] = x[3 * centre.neighbours[k] + axis] - x[3 * centre.atom + axis];
  return v[0][0] * (v[1][1] * v[2][2] - v[1][2] * v[2][1]) +
         v[0][1] * (v[1][2] * v[2][0] - v[1][0] * v[2][2]) +
         v[0][2] * (v[1][0] * v[2][1] - v[1][1] * v[2][0]);
}

}  // namespace

std::vector<HandedCentre> handed_centres(const engine::Topology& topology) {
  std::vector<HandedCentre> centres;
  const auto neighbours = topology.neighbours();
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom) {
    const auto& around = neighbours[atom];
    const auto heavy = std::count_if(around.begin(), around.end(), [&](std::size_t other) {
      return topology.atoms[other].atomic_number != kHydrogen;
    });
    if (around.size() == 4 && heavy > 2)
      centres.push_back({atom, {around[0], around[1], around[2]}});
  }
  return centres;
}

bool same_handedness(const std::vector<HandedCentre>& centres, engine::Span<const double> a,
                     engine::Span<const double> b) {
  return std::all_of(centres.begin(), centres.end(), [&](const HandedCentre& centre) {
    return (triple_product(centre, a) > 0.0) == (triple_product(centre, b) > 0.0);
  });
}

std::array<std::size_t, 3> frame_atoms(const engine::Topology& topology) {
  const std::size_t n = topology.n_atoms();
  if (n < 3) return {0, n == 2 ? std::size_t{1} : std::size_t{0}, 0};
  // An atom with two neighbours, no hydrogens if that is possible.
  const auto neighbours = topology.neighbours();
  std::array<std::size_t, 3> best = {0, 1, 2};
  std::size_t most = 0;
  for (std::size_t middle = 0; middle < n; ++middle) {
    std::vector<std::size_t> ends = neighbours[middle];
    if (ends.size() < 2) continue;
    const auto heavy = [&](std::size_t atom) {
      return topology.atoms[atom].atomic_number != kHydrogen;
    };
    std::stable_partition(ends.begin(), ends.end(), heavy);
    const std::size_t score = 1 + (heavy(ends[0]) ? 1 : 0) + (heavy(ends[1]) ? 1 : 0);
    if (score <= most) continue;
    most = score;
    best = {middle, ends[0], ends[1]};
  }
  return best;
}

TimewarpModel timewarp_model_for(const engine::Topology& topology, TimewarpShape shape,
                                 ModelCard card) {
  if (topology.atoms.empty()) throw engine::InputError("timewarp: the molecule has no atoms");
  TimewarpModel model;
  model.card = std::move(card);
  model.card.kind = kTimewarpKind;
  for (const engine::Atom& atom : topology.atoms) model.elements.push_back(atom.atomic_number);
  const std::set<int> kinds(model.elements.begin(), model.elements.end());
  shape.n_element_kinds = kinds.size();
  shape.validate();
  model.shape = std::move(shape);
  model.axes = frame_atoms(topology);
  model.centres = handed_centres(topology);
  return model;
}

}  // namespace saltus::mlsamplers
