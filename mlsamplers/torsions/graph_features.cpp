#include "mlsamplers/torsions/graph_features.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/ordered_pair.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"

namespace saltus::mlsamplers {

using engine::TorsionGraph;

namespace {

constexpr std::size_t kDegrees = 5, kHydrogenCounts = 5, kShapes = 4, kRingBits = 7;
constexpr double kUsualAngle = 115.0 * engine::kRadianPerDegree;
constexpr double kAngleSpread = 10.0 * engine::kRadianPerDegree;

/// Appends features to a row of a table.
class Row {
 public:
  explicit Row(std::vector<float>& table) : table_(table) {}
  void number(double value) { table_.push_back(static_cast<float>(value)); }
  /// One at `index`, the last place standing for everything beyond.
  void choice(std::size_t index, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) number(i == std::min(index, size - 1) ? 1.0 : 0.0);
  }

 private:
  std::vector<float>& table_;
};

std::size_t not_negative(int value) { return static_cast<std::size_t>(std::max(0, value)); }

std::size_t element_index(int atomic_number) {
  const std::vector<int>& known = known_elements();
  const auto found = std::find(known.begin(), known.end(), atomic_number);
  if (found == known.end())
    throw engine::InputError("torsion network: no features for element " +
                             engine::element_symbol(atomic_number));
  return static_cast<std::size_t>(found - known.begin());
}

void add_atom(const engine::GraphAtom& atom, Row row) {
  row.choice(element_index(atom.atomic_number), known_elements().size());
  row.choice(not_negative(atom.degree), kDegrees);
  row.choice(not_negative(atom.n_hydrogens), kHydrogenCounts);
  row.choice(static_cast<std::size_t>(atom.shape), kShapes);
  for (std::size_t bit = 0; bit < kRingBits; ++bit) row.number((atom.ring_sizes >> bit) & 1);
  row.number(atom.formal_charge);
  row.number(atom.aromatic ? 1.0 : 0.0);
  row.number(atom.partial_charge);
  row.number(atom.handedness);
  // Types are numbered from 1; 0 leaves all places empty.
  for (std::size_t type = 1; type <= kMmffTypes; ++type)
    row.number(atom.mmff_type == static_cast<int>(type) ? 1.0 : 0.0);
}

void add_bond(const TorsionGraph& graph, const engine::GraphBond& bond, Row row) {
  row.choice(not_negative(bond.order - 1), 4);
  row.number(bond.conjugated ? 1.0 : 0.0);
  row.number(bond.in_ring ? 1.0 : 0.0);
  row.number(bond.configuration > 0 ? 1.0 : 0.0);
  row.number(bond.configuration < 0 ? 1.0 : 0.0);
  const bool turns = bond.torsion != engine::kNowhere;
  row.number(turns ? 1.0 : 0.0);
  const int symmetry = turns ? graph.torsions.at(bond.torsion).symmetry : 0;
  for (int n : {1, 2, 3, 6}) row.number(symmetry == n ? 1.0 : 0.0);
  row.number(turns && symmetry != 1 && symmetry != 2 && symmetry != 3 && symmetry != 6 ? 1.0 : 0.0);
  row.number(turns && graph.torsions.at(bond.torsion).fold != symmetry ? 1.0 : 0.0);  // ranked
}

using AtomPair = std::pair<std::size_t, std::size_t>;

std::vector<AtomPair> ring_bonds(const TorsionGraph& graph) {
  std::vector<AtomPair> pairs;
  for (const engine::GraphBond& bond : graph.bonds)
    if (bond.in_ring) pairs.push_back(engine::ordered_pair(bond.first, bond.second));
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

}  // namespace

const std::vector<int>& known_elements() {
  static const std::vector<int> elements = {1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53};
  return elements;
}

GraphFeatures graph_features(const TorsionGraph& graph) {
  GraphFeatures features;
  features.atoms.reserve(graph.atoms.size() * kAtomFeatures);
  for (const engine::GraphAtom& atom : graph.atoms) add_atom(atom, Row(features.atoms));
  for (const engine::GraphBond& bond : graph.bonds) add_bond(graph, bond, Row(features.bonds));
  const std::vector<AtomPair> in_ring = ring_bonds(graph);
  const auto is_in_ring = [&in_ring](std::size_t a, std::size_t b) {
    return std::binary_search(in_ring.begin(), in_ring.end(), engine::ordered_pair(a, b));
  };
  for (const engine::GraphAngle& angle : graph.angles) {
    Row row(features.angles);
    const double scaled = (angle.ideal_rad - kUsualAngle) / kAngleSpread;
    row.number(scaled);
    row.number(std::abs(scaled));
    row.number(is_in_ring(angle.first, angle.centre) && is_in_ring(angle.centre, angle.second));
  }
  if (features.atoms.size() != graph.atoms.size() * kAtomFeatures ||
      features.bonds.size() != graph.bonds.size() * kBondFeatures ||
      features.angles.size() != graph.angles.size() * kAngleFeatures)
    throw engine::InternalError("torsion network: features do not fill their tables");
  return features;
}

TorsionGraph mirror_image(const TorsionGraph& graph) {
  TorsionGraph image = graph;
  for (engine::GraphAtom& atom : image.atoms) atom.handedness = -atom.handedness;
  for (engine::TorsionBond& torsion : image.torsions)
    for (engine::TorsionEnd& end : torsion.ends)
      if (end.inversion == engine::kNowhere) std::swap(end.others[0], end.others[2]);
  return image;
}

}  // namespace saltus::mlsamplers
