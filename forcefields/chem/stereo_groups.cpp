#include "forcefields/chem/stereo_groups.h"

#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/StereoGroup.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/core/random.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/rdkit_version_detail.h"
#include "forcefields/chem/stereo_groups_detail.h"

namespace saltus::forcefields {

namespace {

using RDKit::StereoGroupType;

/// Atoms of each group that may be inverted.
std::vector<std::vector<unsigned>> free_groups(const RDKit::ROMol& molecule) {
  std::vector<std::vector<unsigned>> groups;
  for (const RDKit::StereoGroup& group : molecule.getStereoGroups()) {
    if (group.getGroupType() == StereoGroupType::STEREO_ABSOLUTE) continue;
    std::vector<unsigned> atoms;
    for (const RDKit::Atom* atom : group.getAtoms()) atoms.push_back(atom->getIdx());
    if (!atoms.empty()) groups.push_back(std::move(atoms));
  }
  return groups;
}

/// @param inverted  whether the n-th group is
RDKit::RWMol with_groups_inverted(const RDKit::ROMol& molecule,
                                  const std::vector<std::vector<unsigned>>& groups,
                                  const std::vector<bool>& inverted) {
  RDKit::RWMol result(molecule);
  result.setStereoGroups({});
  if (std::find(inverted.begin(), inverted.end(), true) == inverted.end()) return result;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (inverted[g])
      for (const unsigned atom : groups[g]) result.getAtomWithIdx(atom)->invertChirality();
  // Labels such as R and S, which canonical names look at, are those of the old molecule.
  RDKit::MolOps::setDoubleBondNeighborDirections(result);
  constexpr bool kIncludeRings = false;
  result.clearComputedProps(kIncludeRings);
  constexpr bool kClean = true, kForce = true, kFlagPossible = true;
  RDKit::MolOps::assignStereochemistry(result, kClean, kForce, kFlagPossible);
  return result;
}

}  // namespace

namespace detail {

void keep_stereo_groups(const RDKit::ROMol& whole, const std::vector<int>& atoms,
                        RDKit::RWMol& part) {
  std::vector<RDKit::StereoGroup> groups;
  for (const RDKit::StereoGroup& group : whole.getStereoGroups()) {
    std::vector<RDKit::Atom*> kept;
    for (const RDKit::Atom* atom : group.getAtoms()) {
      const auto found = std::find(atoms.begin(), atoms.end(), static_cast<int>(atom->getIdx()));
      if (found != atoms.end())
        kept.push_back(part.getAtomWithIdx(static_cast<unsigned>(found - atoms.begin())));
    }
    if (!kept.empty()) groups.push_back(stereo_group(group.getGroupType(), kept));
  }
  part.setStereoGroups(std::move(groups));
}

}  // namespace detail

StereoGroupCounts stereo_group_counts(const ChemMolecule& molecule) {
  StereoGroupCounts counts;
  for (const RDKit::StereoGroup& group : molecule.graph->molecule().getStereoGroups()) {
    if (group.getAtoms().empty()) continue;
    if (group.getGroupType() == StereoGroupType::STEREO_AND) ++counts.n_and;
    if (group.getGroupType() == StereoGroupType::STEREO_OR) ++counts.n_or;
  }
  return counts;
}

std::vector<ChemMolecule> group_alternatives(const ChemMolecule& molecule,
                                             const StereoisomerOptions& options) {
  return detail::translate_errors(molecule.source, [&] {
    const RDKit::ROMol& graph = molecule.graph->molecule();
    const auto groups = free_groups(graph);
    if (groups.empty()) return std::vector<ChemMolecule>{molecule};
    constexpr std::size_t kEffort = 8, kCountable = 20;
    const std::size_t n_all = std::size_t{1} << std::min(groups.size(), kCountable);
    engine::RandomStream random({options.seed, 0}, engine::StreamName::kStereoChoice, 0);
    const std::size_t first = options.random_order ? random.below(n_all) : 0;
    std::vector<ChemMolecule> found;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < std::min(n_all, kEffort * options.max_isomers); ++i) {
      if (found.size() == options.max_isomers) break;
      const std::size_t number = (first + i) % n_all;
      std::vector<bool> inverted(groups.size());
      for (std::size_t g = 0; g < std::min(groups.size(), kCountable); ++g)
        inverted[g] = (number >> g) % 2 == 1;
      RDKit::RWMol alternative = with_groups_inverted(graph, groups, inverted);
      if (!seen.insert(RDKit::MolToSmiles(alternative)).second) continue;
      found.push_back(detail::make_chem_molecule(std::move(alternative), molecule.source));
      found.back().name = molecule.name;
    }
    return found;
  });
}

}  // namespace saltus::forcefields
