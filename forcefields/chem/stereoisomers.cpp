#include "forcefields/chem/stereoisomers.h"

#include <GraphMol/MolOps.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/core/random.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/stereo_elements_detail.h"
#include "forcefields/chem/stereo_marks_detail.h"
#include "forcefields/chem/stereo_smiles_detail.h"
#include "forcefields/chem/stereo_space_detail.h"

namespace saltus::forcefields {

namespace {

using detail::StereoSpace;
using Choices = StereoSpace::Choices;

/// The n-th of all combinations, or a random one.
class Combinations {
 public:
  Combinations(std::size_t n_places, const StereoisomerOptions& options)
      : n_places_(n_places),
        random_({options.seed, 0}, engine::StreamName::kStereoChoice, 0),
        counting_(!options.random_order && n_places < kCountable &&
                  (std::size_t{1} << n_places) <= kEffort * options.max_isomers) {}

  std::size_t size(const StereoisomerOptions& options) const {
    return counting_ ? std::size_t{1} << n_places_ : kEffort * options.max_isomers;
  }
  Choices next() {
    Choices choices(n_places_);
    for (std::size_t i = 0; i < n_places_; ++i)
      choices[i] = counting_ ? (number_ >> i) % 2 == 1 : random_.below(2) == 1;
    ++number_;
    return choices;
  }

 private:
  static constexpr std::size_t kCountable = 20;
  static constexpr std::size_t kEffort = 8;  // combinations tried for each isomer wanted
  std::size_t n_places_, number_ = 0;
  engine::RandomStream random_;
  bool counting_;
};

/// The graph with signs for its open elements.
RDKit::RWMol configured(const RDKit::RWMol& molecule, const StereoSpace& space,
                        const StereoSpace::Signs& signs) {
  RDKit::RWMol isomer(molecule);
  for (const std::size_t e : space.open_elements())
    detail::set_sign(isomer, space.elements()[e], signs[e]);
  constexpr bool kIncludeRings = false;
  constexpr bool kClean = true, kForce = true, kFlagPossible = true, kComputed = true;
  if (detail::unseen_elements(isomer).empty()) {
    RDKit::MolOps::setDoubleBondNeighborDirections(isomer);
    isomer.clearComputedProps(kIncludeRings);
    RDKit::MolOps::assignStereochemistry(isomer, kClean, kForce, kFlagPossible);
    return isomer;
  }
  for (RDKit::Bond* bond : isomer.bonds()) bond->setBondDir(RDKit::Bond::NONE);
  isomer.setProp(RDKit::common_properties::_StereochemDone, 1, kComputed);
  return isomer;
}

}  // namespace

StereoFreedom stereo_freedom(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    StereoFreedom freedom;
    const StereoSpace space(molecule.graph->molecule());
    for (const std::size_t e : space.open_elements())
      ++(space.elements()[e].kind == detail::StereoKind::kCentre ? freedom.n_centres
                                                                 : freedom.n_double_bonds);
    const StereoSpace::Count count = space.count();
    freedom.n_isomers = count.n;
    freedom.exact = count.exact;
    freedom.contradiction = space.contradiction();
    return freedom;
  });
}

std::vector<ChemMolecule> stereoisomers(const ChemMolecule& molecule,
                                        const StereoisomerOptions& options) {
  return detail::translate_errors(molecule.source, [&] {
    const StereoSpace space(molecule.graph->molecule());
    if (space.n_choices() == 0) return std::vector<ChemMolecule>{molecule};
    std::vector<ChemMolecule> isomers;
    std::set<StereoSpace::Signs> seen;
    Combinations combinations(space.n_choices(), options);
    const std::size_t n = combinations.size(options);
    for (std::size_t i = 0; i < n && isomers.size() < options.max_isomers; ++i) {
      const StereoSpace::Signs signs = space.signs(combinations.next());
      if (!seen.insert(space.canonical(signs)).second) continue;
      isomers.push_back(detail::make_chem_molecule(
          configured(molecule.graph->molecule(), space, signs), molecule.source));
      isomers.back().name = molecule.name;
    }
    return isomers;
  });
}

bool isomers_may_be_strained(const ChemMolecule& molecule) {
  const RDKit::RWMol& graph = molecule.graph->molecule();
  const StereoSpace space(graph);
  const std::vector<std::size_t> open = space.open_elements();
  return std::any_of(open.begin(), open.end(), [&](std::size_t e) {
    return graph.getRingInfo()->numAtomRings(space.elements()[e].first) > 0;
  });
}

std::vector<std::string> stereo_notes(const ChemMolecule& molecule) {
  return detail::mark_notes(molecule.graph->molecule());
}

}  // namespace saltus::forcefields
