#include "forcefields/chem/stereoisomers.h"

#include <GraphMol/Chirality.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/core/random.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

namespace {

namespace Chirality = RDKit::Chirality;

/// Configurations of a molecule that are open.
std::vector<Chirality::StereoInfo> open_places(const RDKit::ROMol& molecule) {
  RDKit::RWMol copy(molecule);
  constexpr bool kClean = false, kFlagPossible = true;
  std::vector<Chirality::StereoInfo> open;
  for (const auto& place : Chirality::findPotentialStereo(copy, kClean, kFlagPossible)) {
    const bool known = place.type == Chirality::StereoType::Atom_Tetrahedral ||
                       place.type == Chirality::StereoType::Bond_Double;
    if (known && place.specified != Chirality::StereoSpecified::Specified) open.push_back(place);
  }
  return open;
}

void configure(RDKit::RWMol& molecule, const Chirality::StereoInfo& place, bool second_choice) {
  if (place.type == Chirality::StereoType::Atom_Tetrahedral) {
    molecule.getAtomWithIdx(place.centeredOn)
        ->setChiralTag(second_choice ? RDKit::Atom::CHI_TETRAHEDRAL_CW
                                     : RDKit::Atom::CHI_TETRAHEDRAL_CCW);
    return;
  }
  RDKit::Bond* bond = molecule.getBondWithIdx(place.centeredOn);
  // Two atoms at either end, of which only the first is sure to be there.
  bond->setStereoAtoms(place.controllingAtoms[0], place.controllingAtoms[2]);
  bond->setStereo(second_choice ? RDKit::Bond::STEREOCIS : RDKit::Bond::STEREOTRANS);
}

using Choices = std::vector<bool>;

/// The n-th of all combinations, or a random one.
class Combinations {
 public:
  Combinations(std::size_t n_places, const StereoisomerOptions& options)
      : n_places_(n_places),
        random_({options.seed, 0}, engine::StreamName::kStereoChoice, 0),
        counting_(!options.random_order && n_places < kCountable &&
                  (std::size_t{1} << n_places) <= kEffort * options.most) {}

  std::size_t size(const StereoisomerOptions& options) const {
    return counting_ ? std::size_t{1} << n_places_ : kEffort * options.most;
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

RDKit::RWMol configured(const RDKit::ROMol& molecule,
                        const std::vector<Chirality::StereoInfo>& places, const Choices& choices) {
  RDKit::RWMol isomer(molecule);
  for (std::size_t i = 0; i < places.size(); ++i) configure(isomer, places[i], choices[i]);
  RDKit::MolOps::setDoubleBondNeighborDirections(isomer);
  constexpr bool kIncludeRings = false;
  isomer.clearComputedProps(kIncludeRings);
  constexpr bool kClean = true, kForce = true, kFlagPossible = true;
  RDKit::MolOps::assignStereochemistry(isomer, kClean, kForce, kFlagPossible);
  return isomer;
}

}  // namespace

StereoFreedom stereo_freedom(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    StereoFreedom freedom;
    for (const auto& place : open_places(molecule.graph->molecule()))
      ++(place.type == Chirality::StereoType::Bond_Double ? freedom.n_double_bonds
                                                          : freedom.n_centres);
    return freedom;
  });
}

std::vector<ChemMolecule> stereoisomers(const ChemMolecule& molecule,
                                        const StereoisomerOptions& options) {
  return detail::translate_errors(molecule.source, [&] {
    const auto places = open_places(molecule.graph->molecule());
    if (places.empty()) return std::vector<ChemMolecule>{molecule};
    std::vector<ChemMolecule> isomers;
    std::set<std::string> seen;
    Combinations combinations(places.size(), options);
    const std::size_t n = combinations.size(options);
    for (std::size_t i = 0; i < n && isomers.size() < options.most; ++i) {
      RDKit::RWMol isomer = configured(molecule.graph->molecule(), places, combinations.next());
      if (!seen.insert(RDKit::MolToSmiles(isomer)).second) continue;
      isomers.push_back(detail::make_chem_molecule(std::move(isomer), molecule.source));
      isomers.back().name = molecule.name;
    }
    return isomers;
  });
}

}  // namespace saltus::forcefields
