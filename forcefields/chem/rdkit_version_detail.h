#pragma once

#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/GraphMol.h>
#include <GraphMol/StereoGroup.h>
#include <RDGeneral/versions.h>

#include <string>
#include <type_traits>
#include <vector>

/// Where releases of RDKit differ: 2022.09 of Debian 12 and 2025.03 of Debian 13 are known.
namespace saltus::forcefields::detail {

/// Whether the RDKit in use is newer than 2022.09.
inline bool is_rdkit_after_2022_09() {
  constexpr const char* kFirst = "2023";
  return std::string(RDKit::rdkitVersion) >= kFirst;
}

/// Releases after 2022.09 build a chain of cumulated double bonds exactly straight, and then refuse
/// it: a neighbour in line with a double bond counts as a failure, so that R2C=C=CR2 cannot be
/// embedded. For as long as this object lives those bonds are of another type, which is not
/// checked; they come out 6 pm longer. Does nothing to bonds of known configuration, nor with
/// 2022.09.
class StraightChains {
 public:
  explicit StraightChains(RDKit::RWMol& graph) {
    if (!is_rdkit_after_2022_09()) return;
    for (const RDKit::Atom* atom : graph.atoms()) {
      std::vector<RDKit::Bond*> bonds;
      for (RDKit::Bond* bond : graph.atomBonds(atom))
        if (bond->getBondType() == RDKit::Bond::DOUBLE) bonds.push_back(bond);
      if (atom->getDegree() != 2 || bonds.size() != 2) continue;
      straight_.insert(straight_.end(), bonds.begin(), bonds.end());
    }
    for (RDKit::Bond* bond : straight_)
      if (bond->getStereo() <= RDKit::Bond::STEREOANY) bond->setBondType(RDKit::Bond::ONEANDAHALF);
  }
  ~StraightChains() {
    for (RDKit::Bond* bond : straight_) bond->setBondType(RDKit::Bond::DOUBLE);
  }
  StraightChains(const StraightChains&) = delete;
  StraightChains& operator=(const StraightChains&) = delete;

 private:
  std::vector<RDKit::Bond*> straight_;
};

/// Releases after 2022.09 refuse what they have built when a double bond of a ring has not the
/// configuration asked for, so that nothing is left to be turned. For as long as this object lives
/// double bonds of rings have none, nor do bonds of rings carry the marks that tell it; marks of
/// substituents stay. Does nothing with 2022.09.
class OpenRingBonds {
 public:
  explicit OpenRingBonds(RDKit::RWMol& graph) {
    if (!is_rdkit_after_2022_09()) return;
    for (RDKit::Bond* bond : graph.bonds()) {
      if (graph.getRingInfo()->numBondRings(bond->getIdx()) == 0) continue;
      marked_.push_back({bond, bond->getStereo(), bond->getBondDir(), bond->getStereoAtoms()});
      bond->setStereo(RDKit::Bond::STEREONONE);
      bond->getStereoAtoms().clear();
      bond->setBondDir(RDKit::Bond::NONE);
    }
  }
  ~OpenRingBonds() {
    for (const Marked& marked : marked_) {
      marked.bond->getStereoAtoms() = marked.atoms;
      marked.bond->setStereo(marked.stereo);
      marked.bond->setBondDir(marked.direction);
    }
  }
  OpenRingBonds(const OpenRingBonds&) = delete;
  OpenRingBonds& operator=(const OpenRingBonds&) = delete;

 private:
  struct Marked {
    RDKit::Bond* bond;
    RDKit::Bond::BondStereo stereo;
    RDKit::Bond::BondDir direction;
    RDKit::INT_VECT atoms;
  };
  std::vector<Marked> marked_;
};

/// RDKit's EmbedMultipleConfs: numbers of the conformers that it could make and gave to `graph`.
/// @param parameters  a copy, since releases after 2022.09 write to them
inline std::vector<int> embed_conformers(RDKit::RWMol& graph, unsigned n,
                                         RDKit::DGeomHelpers::EmbedParameters parameters) {
  const StraightChains straight(graph);
  return RDKit::DGeomHelpers::EmbedMultipleConfs(graph, n, parameters);
}

/// A group of centres of which something is known together. Releases after 2022.09 have groups of
/// bonds, too (atropisomers); ours have none.
template <class Group = RDKit::StereoGroup>
Group stereo_group(RDKit::StereoGroupType type, const std::vector<RDKit::Atom*>& atoms) {
  using Atoms = std::vector<RDKit::Atom*>;
  if constexpr (std::is_constructible_v<Group, RDKit::StereoGroupType, const Atoms&>)
    return Group(type, atoms);
  else
    return Group(type, atoms, std::vector<RDKit::Bond*>());
}

}  // namespace saltus::forcefields::detail
