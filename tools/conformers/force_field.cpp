#include "tools/conformers/force_field.h"

#include <vector>

#include "engine/conformers/molecule_status.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/cumulenes.h"
#include "forcefields/mmff/mmff_system.h"
#include "forcefields/uff/uff_energy.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

/// Why there are no parameters, without the place and the advice meant for run decks.
std::string reason_of(const forcefields::ChemMolecule& molecule, const engine::InputError& error) {
  std::string text = error.what();
  const std::string place = molecule.source + ": ";
  if (text.compare(0, place.size(), place) == 0) text.erase(0, place.size());
  return text.substr(0, text.find("; use another force field"));
}

}  // namespace

ConformerField make_conformer_field(const forcefields::ChemMolecule& molecule,
                                    const ConformerSettings& settings) {
  ConformerField field;
  try {
    field.system = forcefields::mmff_system(molecule, settings.mmff);
    field.energy =
        std::make_unique<engine::NativeEnergy>(*field.system, nullptr, engine::Precision::kDouble);
    return field;
  } catch (const engine::InputError& error) {
    const std::string reason = reason_of(molecule, error);
    // UFF has no charges, so that nothing could stand in.
    if (settings.mmff.implicit_solvent || settings.mmff.charges != forcefields::PartialCharges{})
      throw MoleculeFailure(MoleculeStatus::kNoParameters, reason);
    try {
      field.energy = forcefields::uff_energy(molecule);
    } catch (const engine::InputError& another) {
      throw MoleculeFailure(MoleculeStatus::kNoParameters,
                            reason + ", and " + reason_of(molecule, another) +
                                "; --minimize none makes conformers without energies");
    }
    if (settings.mode == ConformerMode::kBoltzmann)
      throw MoleculeFailure(MoleculeStatus::kNoParameters,
                            reason +
                                "; --mode boltzmann supports no other force field, --mode ensemble "
                                "--fallback uff makes conformers with UFF");
    if (!settings.fallback_uff)
      throw MoleculeFailure(MoleculeStatus::kNoParameters,
                            reason +
                                "; --fallback uff makes conformers with UFF, "
                                "--minimize none makes them without energies");
    field.name = "UFF";
    field.note = "minimised with UFF, because " + reason.substr(0, reason.find("; ")) +
                 "; its energies do not compare with those of other molecules";
    return field;
  }
}

std::string note_on_cumulenes(const forcefields::ChemMolecule& molecule) {
  std::string rows;
  for (const std::vector<std::size_t>& row : forcefields::cumulenes(molecule)) {
    rows += rows.empty() ? "" : ", ";
    for (std::size_t i = 0; i < row.size(); ++i)
      rows += (i == 0 ? "" : "=") + molecule.topology.atoms[row[i]].name;
  }
  return rows.empty()
             ? ""
             : "MMFF94 has no torsion across linear atoms: the dihedral between the ends of " +
                   rows + " is as it was built";
}

}  // namespace saltus::tools
