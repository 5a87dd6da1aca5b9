#include "mlsamplers/torsions/readout_rows.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/system/topology.h"

namespace saltus::mlsamplers {

using engine::kNowhere;
using engine::TorsionBond;
using engine::TorsionEnd;
using engine::TorsionGraph;

namespace {

constexpr std::size_t kDistances = 4, kDirections = 4;
static_assert(kRelationFeatures == kDistances + 2 * kDirections);

void require(bool ok, const char* what) {
  if (!ok) throw engine::InternalError(std::string("torsion graph: ") + what);
}

void check(const TorsionGraph& graph) {
  const auto is_atom = [&graph](std::size_t i) { return i < graph.atoms.size(); };
  for (const engine::GraphBond& bond : graph.bonds)
    require(is_atom(bond.first) && is_atom(bond.second), "a bond names an atom that is not there");
  for (const engine::GraphAngle& angle : graph.angles)
    require(is_atom(angle.first) && is_atom(angle.centre) && is_atom(angle.second),
            "an angle names an atom that is not there");
  for (const TorsionBond& torsion : graph.torsions) {
    require(torsion.bond_index < graph.bonds.size(), "a torsion names a bond that is not there");
    require(torsion.symmetry >= 1, "a torsion has a symmetry below 1");
    for (const TorsionEnd& end : torsion.ends) {
      require(is_atom(end.atom) && is_atom(end.reference),
              "a torsion names an atom that is not there");
      for (std::size_t other : end.others)
        require(other == kNowhere || is_atom(other), "a torsion names an atom that is not there");
      require(end.inversion == kNowhere || end.inversion < graph.inversions.size(),
              "a torsion names an invertible centre that is not there");
    }
    for (std::size_t neighbour : torsion.neighbours)
      require(neighbour < graph.torsions.size() && &graph.torsions[neighbour] != &torsion,
              "a torsion names a neighbour that is not there");
  }
}

using Adjacency = std::vector<std::vector<std::size_t>>;

/// Builds the rows of one molecule.
class Builder {
 public:
  explicit Builder(const TorsionGraph& graph) : graph_(graph), adjacency_(graph.neighbours()) {
    for (const TorsionBond& torsion : graph.torsions) {
      for (const TorsionEnd& end : torsion.ends) add_end(end);
      distances_.push_back({engine::bond_distances(adjacency_, torsion.ends[0].atom),
                            engine::bond_distances(adjacency_, torsion.ends[1].atom)});
    }
  }

  ReadoutRows build() {
    for (std::size_t b = 0; b < graph_.torsions.size(); ++b) {
      add_bases(b);
      rows_.pairs_of.emplace_back();
      for (std::size_t c : graph_.torsions[b].neighbours) add_pairs(b, c);
    }
    return std::move(rows_);
  }

 private:
  using Signs = std::vector<std::size_t>;  // inversions that are negative

  void add_end(const TorsionEnd& end) {
    first_end_.push_back(rows_.ends.size());
    rows_.ends.push_back({end.atom, end.reference, end.others});
    if (end.inversion == kNowhere) return;
    rows_.ends.push_back({end.atom, end.reference, {end.others[2], end.others[1], end.others[0]}});
  }

  std::size_t end_row(std::size_t torsion, std::size_t end, const Signs& negative) const {
    const std::size_t inversion = graph_.torsions[torsion].ends[end].inversion;
    const bool turned = std::find(negative.begin(), negative.end(), inversion) != negative.end();
    return first_end_[2 * torsion + end] + (turned ? 1 : 0);
  }

  /// The rows' place and centres; calls add(negative) for each combination of signs.
  template <class Add>
  static SignedRows all_signs(std::size_t first, std::vector<std::size_t> inversions,
                              const Add& add) {
    inversions.erase(std::remove(inversions.begin(), inversions.end(), kNowhere), inversions.end());
    std::sort(inversions.begin(), inversions.end());
    inversions.erase(std::unique(inversions.begin(), inversions.end()), inversions.end());
    for (std::size_t bits = 0; bits < std::size_t{1} << inversions.size(); ++bits) {
      Signs negative;
      for (std::size_t i = 0; i < inversions.size(); ++i)
        if ((bits >> i & 1) != 0) negative.push_back(inversions[i]);
      add(negative);
    }
    return {first, std::move(inversions)};
  }

  void add_bases(std::size_t b) {
    const TorsionBond& torsion = graph_.torsions[b];
    rows_.bases_of.push_back(
        all_signs(rows_.bases.size(), {torsion.ends[0].inversion, torsion.ends[1].inversion},
                  [&](const Signs& negative) {
                    rows_.bases.push_back(
                        {torsion.bond_index, {end_row(b, 0, negative), end_row(b, 1, negative)}});
                  }));
  }

  void add_pairs(std::size_t b, std::size_t c) {
    const TorsionBond &torsion = graph_.torsions[b], &other = graph_.torsions[c];
    const auto [near, other_near] = nearest_ends(b, c);
    rows_.pairs_of[b].push_back(
        all_signs(rows_.pairs.size(),
                  {torsion.ends[0].inversion, torsion.ends[1].inversion, other.ends[0].inversion,
                   other.ends[1].inversion},
                  [&, near = near, other_near = other_near](const Signs& negative) {
                    PairRow row;
                    row.bond = torsion.bond_index;
                    row.other_bond = other.bond_index;
                    row.near = end_row(b, near, negative);
                    row.far = end_row(b, 1 - near, negative);
                    row.other_near = end_row(c, other_near, negative);
                    row.other_far = end_row(c, 1 - other_near, negative);
                    const std::size_t distance = distances_[b][near][other.ends[other_near].atom];
                    row.relation[std::min(distance, kDistances - 1)] = 1.0f;
                    add_direction(row.near, distances_[c][other_near],
                                  other.ends[1 - other_near].atom, &row.relation[kDistances]);
                    add_direction(row.other_near, distances_[b][near], torsion.ends[1 - near].atom,
                                  &row.relation[kDistances + kDirections]);
                    rows_.pairs.push_back(row);
                  }));
  }

  std::pair<std::size_t, std::size_t> nearest_ends(std::size_t b, std::size_t c) const {
    std::pair<std::size_t, std::size_t> nearest{0, 0};
    std::size_t least = kNowhere;
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 2; ++j) {
        const std::size_t distance = distances_[b][i][graph_.torsions[c].ends[j].atom];
        if (distance >= least) continue;
        least = distance;
        nearest = {i, j};
      }
    return nearest;
  }

  /// Shares of the shortest ways from an end to the other torsion by where they leave.
  /// @param distance  to the other torsion's near end
  /// @param beyond    where to go when that is this end's own atom
  void add_direction(std::size_t end, const std::vector<std::size_t>& distance, std::size_t beyond,
                     float* out) const {
    const EndRow& row = rows_.ends[end];
    std::vector<std::size_t> steps;
    if (distance[row.atom] == 0) steps.push_back(beyond);
    if (distance[row.atom] != 0 && distance[row.atom] != kNowhere)
      for (std::size_t next : adjacency_[row.atom])
        if (distance[next] + 1 == distance[row.atom]) steps.push_back(next);
    for (std::size_t step : steps) {
      const std::size_t places[kDirections] = {row.reference, row.others[0], row.others[1],
                                               row.others[2]};
      for (std::size_t i = 0; i < kDirections; ++i)
        if (places[i] == step) out[i] += 1.0f / static_cast<float>(steps.size());
    }
  }

  const TorsionGraph& graph_;
  Adjacency adjacency_;
  ReadoutRows rows_;
  std::vector<std::size_t> first_end_;                              ///< [2 R]
  std::vector<std::array<std::vector<std::size_t>, 2>> distances_;  ///< [R][end][A]
};

}  // namespace

ReadoutRows readout_rows(const TorsionGraph& graph) {
  check(graph);
  return Builder(graph).build();
}

}  // namespace saltus::mlsamplers
