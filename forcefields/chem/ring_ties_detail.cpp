#include "forcefields/chem/ring_ties_detail.h"

#include <algorithm>
#include <array>

namespace saltus::forcefields::detail {

namespace {

constexpr std::size_t kMaxCageAtoms = 7;   // atoms of three bridges together
constexpr std::size_t kMaxFusedAtoms = 4;  // of the two beside a bond
constexpr std::size_t kMaxBridgeAtoms = kMaxCageAtoms - 2;
constexpr std::size_t kMaxPaths = 500;

/// Atoms between two others.
using Path = std::vector<unsigned>;

class PathSearch {
 public:
  PathSearch(const RDKit::ROMol& molecule, unsigned from, unsigned to)
      : molecule_(molecule), to_(to), on_path_(molecule.getNumAtoms(), false) {
    on_path_[from] = true;
    extend(from);
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Path& a, const Path& b) { return a.size() < b.size(); });
  }
  const std::vector<Path>& found() const { return found_; }

 private:
  void extend(unsigned at) {
    for (const RDKit::Bond* bond : molecule_.atomBonds(molecule_.getAtomWithIdx(at))) {
      if (molecule_.getRingInfo()->numBondRings(bond->getIdx()) == 0) continue;
      const unsigned next = bond->getOtherAtomIdx(at);
      if (next == to_ && found_.size() < kMaxPaths) found_.push_back(path_);
      if (next == to_ || on_path_[next] || path_.size() == kMaxBridgeAtoms) continue;
      on_path_[next] = true;
      path_.push_back(next);
      extend(next);
      path_.pop_back();
      on_path_[next] = false;
    }
  }

  const RDKit::ROMol& molecule_;
  unsigned to_;
  std::vector<bool> on_path_;
  Path path_;
  std::vector<Path> found_;
};

bool disjoint(const Path& a, const Path& b) {
  return std::none_of(a.begin(), a.end(), [&](unsigned atom) {
    return std::find(b.begin(), b.end(), atom) != b.end();
  });
}

using Bridges = std::array<const Path*, 3>;

bool is_small(const Bridges& bridges) {
  const std::size_t n = bridges[0]->size() + bridges[1]->size() + bridges[2]->size();
  // The paths are sorted: only the first can be a bond.
  return n <= (bridges[0]->empty() ? kMaxFusedAtoms : kMaxCageAtoms);
}

/// The smallest three bridges of a pair of atoms; empty when they are not so small.
std::vector<Bridges> small_bridges(const std::vector<Path>& paths) {
  std::vector<Bridges> found;
  for (std::size_t i = 0; i < paths.size(); ++i)
    for (std::size_t j = i + 1; j < paths.size(); ++j) {
      if (paths[j].empty() || !disjoint(paths[i], paths[j])) continue;
      for (std::size_t k = j + 1; k < paths.size(); ++k) {
        const Bridges bridges = {&paths[i], &paths[j], &paths[k]};
        if (!is_small(bridges)) break;
        if (!disjoint(paths[i], paths[k]) || !disjoint(paths[j], paths[k])) continue;
        return {bridges};
      }
    }
  return found;
}

/// The handedness of an element whose ligands are looked at in the order outside, bridges.
int parity_towards(const StereoElement& element, std::array<unsigned, 3> bridges) {
  std::vector<unsigned> ligands = element.ligands;
  if (ligands.size() == 3) ligands.push_back(kNoAtom);
  std::vector<unsigned> order(1, kNoAtom);
  for (const unsigned ligand : ligands)
    if (std::find(bridges.begin(), bridges.end(), ligand) == bridges.end()) order[0] = ligand;
  order.insert(order.end(), bridges.begin(), bridges.end());
  return parity(ligands, order);
}

std::string name_of(const Bridges& bridges) {
  std::string name;
  for (std::size_t b = 3; b-- > 0;)
    name += (name.empty() ? "" : ".") + std::to_string(bridges[b]->size());
  return "bicyclo[" + name + "]";
}

bool may_be_bridgehead(const RDKit::ROMol& molecule, const StereoElement& element) {
  if (element.kind != StereoKind::kCentre) return false;
  int n_ring_bonds = 0;
  for (const RDKit::Bond* bond : molecule.atomBonds(molecule.getAtomWithIdx(element.first)))
    n_ring_bonds += molecule.getRingInfo()->numBondRings(bond->getIdx()) > 0 ? 1 : 0;
  return n_ring_bonds >= 3;
}

}  // namespace

std::vector<StereoTie> ring_ties(const RDKit::ROMol& molecule,
                                 const std::vector<StereoElement>& elements) {
  std::vector<StereoTie> ties;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!may_be_bridgehead(molecule, elements[i])) continue;
    for (std::size_t j = i + 1; j < elements.size(); ++j) {
      if (!may_be_bridgehead(molecule, elements[j])) continue;
      const unsigned first = elements[i].first, second = elements[j].first;
      const PathSearch search(molecule, first, second);
      for (const Bridges& bridges : small_bridges(search.found())) {
        std::array<unsigned, 3> at_first{}, at_second{};
        for (std::size_t b = 0; b < 3; ++b) {
          at_first[b] = bridges[b]->empty() ? second : bridges[b]->front();
          at_second[b] = bridges[b]->empty() ? first : bridges[b]->back();
        }
        // Seen from outside, the bridges run one way round at one end, the other way at the other.
        const int product =
            -parity_towards(elements[i], at_first) * parity_towards(elements[j], at_second);
        ties.push_back({i, j, product, "bridgeheads of " + name_of(bridges)});
      }
    }
  }
  return ties;
}

}  // namespace saltus::forcefields::detail
