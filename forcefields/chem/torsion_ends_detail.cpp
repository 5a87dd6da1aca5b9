#include "forcefields/chem/torsion_ends_detail.h"

#include <GraphMol/RingInfo.h>
#include <GraphMol/new_canon.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "engine/conformers/automorphisms.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::forcefields::detail {

using engine::AtomShape;
using engine::InvertibleCentre;
using engine::kNowhere;

namespace {

/// Colours by which atoms can be told apart without looking at their neighbours. Where there are
/// MMFF94 charges, they take the place of formal ones, which depend on how resonance is drawn.
std::vector<int> atom_colours(const RDKit::ROMol& molecule,
                              const std::vector<engine::GraphAtom>& atoms) {
  std::vector<std::array<long, 8>> keys;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const engine::GraphAtom& a = atoms[i];
    constexpr double kResolution = 1e6;  // of charges, above rounding errors
    const RDKit::Atom* atom = molecule.getAtomWithIdx(static_cast<unsigned>(i));
    keys.push_back({a.atomic_number, a.degree, a.n_hydrogens, a.aromatic ? 1 : 0, a.mmff_type,
                    a.mmff_type > 0 ? std::lround(kResolution * a.partial_charge) : a.formal_charge,
                    a.handedness, static_cast<long>(atom->getIsotope())});
  }
  std::map<std::array<long, 8>, int> colours;
  for (const auto& key : keys) colours.emplace(key, static_cast<int>(colours.size()));
  std::vector<int> result;
  for (const auto& key : keys) result.push_back(colours[key]);
  return result;
}

/// Classes of atoms that are interchangeable. Bonds to groups at the end count as equal
/// whatever their order, so that the oxygens of a carboxylate or nitro group are.
std::vector<int> equal_classes(const RDKit::ROMol& molecule, const engine::TorsionGraph& graph) {
  engine::ColouredGraph coloured;
  coloured.colours = atom_colours(molecule, graph.atoms);
  const auto is_inner = [&](std::size_t i) {
    return graph.atoms[i].degree - graph.atoms[i].n_hydrogens > 1;
  };
  for (const engine::GraphBond& bond : graph.bonds) {
    constexpr int kOrders = 8;
    const bool inner = is_inner(bond.first) && is_inner(bond.second);
    coloured.edges.push_back(
        {bond.first, bond.second, inner ? kOrders * bond.configuration + bond.order : 0});
  }
  return engine::refined_colours(coloured);
}

/// +1 when an even number of exchanges makes one order of the same atoms out of the other.
int parity(const std::vector<std::size_t>& from, const std::vector<std::size_t>& to) {
  std::vector<std::size_t> order = from;
  int sign = 1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto found = std::find(order.begin(), order.end(), to[i]);
    const auto place = order.begin() + static_cast<std::ptrdiff_t>(i);
    if (found == place) continue;
    std::iter_swap(place, found);
    sign = -sign;
  }
  return sign;
}

}  // namespace

TorsionEnds::TorsionEnds(const ChemMolecule& molecule, const engine::TorsionGraph& graph)
    : graph_(graph), neighbours_(molecule.topology.neighbours()) {
  const RDKit::ROMol& chemical = molecule.graph->molecule();
  RDKit::Canon::rankMolAtoms(chemical, ranks_);
  classes_ = equal_classes(chemical, graph);
  specified_.assign(graph.atoms.size(), false);
  centres_.resize(graph.atoms.size());
  for (std::size_t i = 0; i < graph.atoms.size(); ++i) {
    std::sort(neighbours_[i].begin(), neighbours_[i].end(),
              [&](std::size_t a, std::size_t b) { return ranks_[a] > ranks_[b]; });
    centres_[i] = {i, neighbours_[i], 1};
    n_rings_.push_back(chemical.getRingInfo()->numAtomRings(static_cast<unsigned>(i)));
  }
  for (engine::ChiralCentre& centre : configuration_of(molecule).centres) {
    specified_[centre.atom] = true;
    centres_[centre.atom] = std::move(centre);
  }
}

bool TorsionEnds::is_invertible(std::size_t atom) const {
  constexpr int kNitrogen = 7, kNeighbours = 3;
  const engine::GraphAtom& a = graph_.atoms[atom];
  return a.atomic_number == kNitrogen && a.degree == kNeighbours && a.formal_charge == 0 &&
         a.shape == AtomShape::kTetrahedral && !specified_[atom] && n_rings_[atom] < 2;
}

std::vector<InvertibleCentre> TorsionEnds::invertible_centres() const {
  std::vector<InvertibleCentre> centres;
  for (std::size_t i = 0; i < graph_.atoms.size(); ++i) {
    if (!is_invertible(i)) continue;
    const auto& near = neighbours_[i];
    centres.push_back({i, {near[0], near[1], near[2]}});
  }
  std::sort(centres.begin(), centres.end(),
            [&](const auto& a, const auto& b) { return ranks_[a.atom] > ranks_[b.atom]; });
  return centres;
}

std::vector<std::size_t> TorsionEnds::neighbours_but(std::size_t atom, std::size_t other) const {
  std::vector<std::size_t> rest = neighbours_[atom];
  rest.erase(std::find(rest.begin(), rest.end(), other));
  return rest;
}

bool TorsionEnds::is_alone(std::size_t atom, const std::vector<std::size_t>& among) const {
  return std::count_if(among.begin(), among.end(),
                       [&](std::size_t other) { return classes_[other] == classes_[atom]; }) == 1;
}

bool TorsionEnds::all_equal(const std::vector<std::size_t>& atoms) const {
  return std::all_of(atoms.begin(), atoms.end(),
                     [&](std::size_t atom) { return classes_[atom] == classes_[atoms[0]]; });
}

std::size_t TorsionEnds::reference(std::size_t atom,
                                   const std::vector<std::size_t>& candidates) const {
  std::vector<std::size_t> chosen;
  constexpr std::size_t kAround = 3;  // a tetrahedral atom's neighbours besides the axis
  if (graph_.atoms[atom].shape == AtomShape::kTetrahedral && candidates.size() == kAround)
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(chosen),
                 [&](std::size_t candidate) { return is_alone(candidate, candidates); });
  if (chosen.empty()) chosen = candidates;
  return *std::max_element(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
    const int first = graph_.atoms[a].atomic_number, second = graph_.atoms[b].atomic_number;
    return first != second ? first < second : ranks_[a] < ranks_[b];
  });
}

/// +1: seen from the first neighbour, the others (a lone pair last, if there are but three) run
/// counterclockwise.
int TorsionEnds::arrangement(std::size_t atom, const std::vector<std::size_t>& neighbours) const {
  return centres_[atom].sign * parity(centres_[atom].neighbours, neighbours);
}

engine::TorsionEnd TorsionEnds::end(std::size_t atom, std::size_t other,
                                    const std::vector<InvertibleCentre>& inversions) const {
  engine::TorsionEnd result;
  result.atom = atom;
  std::vector<std::size_t> rest = neighbours_but(atom, other);
  result.reference = reference(atom, rest);
  rest.erase(std::find(rest.begin(), rest.end(), result.reference));
  const AtomShape shape = graph_.atoms[atom].shape;
  auto& [at_120, at_180, at_240] = result.others;
  if (shape == AtomShape::kPlanar && rest.size() == 1) at_180 = rest[0];
  if (shape == AtomShape::kTetrahedral && (rest.size() == 1 || rest.size() == 2)) {
    // A lone pair is one more atom after the others.
    if (rest.size() == 1) rest.push_back(kNowhere);
    std::vector<std::size_t> around = {other, result.reference, rest[0]};
    if (rest[1] != kNowhere) around.push_back(rest[1]);
    const bool counterclockwise = arrangement(atom, around) > 0;
    at_120 = counterclockwise ? rest[1] : rest[0];
    at_240 = counterclockwise ? rest[0] : rest[1];
  }
  const auto centre = std::find_if(inversions.begin(), inversions.end(),
                                   [&](const InvertibleCentre& c) { return c.atom == atom; });
  if (centre != inversions.end())
    result.inversion = static_cast<std::size_t>(centre - inversions.begin());
  return result;
}

int TorsionEnds::symmetry(const engine::TorsionEnd& end, std::size_t other) const {
  const std::vector<std::size_t> around = neighbours_but(end.atom, other);
  if (!all_equal(around)) return 1;
  const AtomShape shape = graph_.atoms[end.atom].shape;
  const std::size_t n = around.size();
  const bool symmetric =
      (shape == AtomShape::kTetrahedral && n == 3) || (shape == AtomShape::kPlanar && n == 2);
  return symmetric ? static_cast<int>(n) : 1;
}

}  // namespace saltus::forcefields::detail
