#include "tools/conformers/core.h"

#include <optional>
#include <utility>

#include "engine/conformers/molecule_status.h"
#include "engine/core/error.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using forcefields::ChemMolecule;

ChemMolecule given_molecule(const NamedMolecule& named, const ConformerSettings& settings) {
  return settings.core ? forcefields::with_remembered_numbers(*named.molecule) : *named.molecule;
}

forcefields::FoundCore core_of(const ChemMolecule& molecule, const NamedMolecule& named,
                               const ConformerSettings& settings) {
  if (!settings.core) return {};
  forcefields::CoreSearch search;
  search.record = named.molecule ? &*named.molecule : nullptr;
  search.first_of_several = settings.first_core;
  return settings.core->find(molecule, forcefields::configuration_of(molecule), search);
}

IsomersWithCore isomers_with_core(std::vector<ChemMolecule> isomers, const NamedMolecule& named,
                                  const ConformerSettings& settings) {
  if (!settings.core) return {std::move(isomers), ""};
  IsomersWithCore result;
  std::optional<MoleculeFailure> failure;
  for (ChemMolecule& isomer : isomers) {
    try {
      core_of(forcefields::with_hydrogens(isomer), named, settings);
      result.molecules.push_back(std::move(isomer));
    } catch (const MoleculeFailure& error) {
      if (error.status() != MoleculeStatus::kStereoImpossible) throw;
      if (!failure) failure = error;
    }
  }
  if (result.molecules.empty() && failure) throw MoleculeFailure(*failure);
  const std::size_t n_left_out = isomers.size() - result.molecules.size();
  if (n_left_out > 0)
    result.note = "the coordinates of the core rule out " + std::to_string(n_left_out) + " of " +
                  std::to_string(isomers.size()) + " stereoisomers";
  return result;
}

void check_core(const ConformerSettings& settings) {
  if (!settings.core) return;
  if (settings.mode == ConformerMode::kBoltzmann)
    throw engine::InputError(
        "a core cannot be held in Boltzmann mode: its draws are those of molecules all of whose "
        "atoms move; ensemble and minima modes hold it");
  if (!settings.minimise)
    throw engine::InputError(
        "a core cannot be held without minimisation, which makes the bonds between it and the "
        "rest right");
  if (settings.use_input_3d && !settings.core->is_of_records())
    throw engine::InputError(
        "coordinates of the input cannot be the first conformer when a template says where the "
        "core is");
}

}  // namespace saltus::tools
