#include "tools/conformers/lone_molecule.h"

#include "engine/core/counted.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using forcefields::ChemMolecule;

namespace {

void add_note(const std::string& text, std::string& note) {
  note += (note.empty() ? "" : "; ") + text;
}

ChemMolecule one_of(const ChemMolecule& molecule, const ConformerSettings& settings,
                    std::string& note) {
  std::vector<ChemMolecule> parts = forcefields::fragments_of(molecule);
  if (parts.size() == 1) return molecule;
  if (settings.fragments != FragmentPolicy::kLargest)
    throw MoleculeFailure(MoleculeStatus::kDisconnected,
                          std::to_string(parts.size()) +
                              " molecules that are not bonded to each other; --fragments largest "
                              "takes the largest");
  add_note("the largest of " + std::to_string(parts.size()) + " molecules is used", note);
  return std::move(parts[forcefields::largest_of(parts)]);
}

void check_size(const ChemMolecule& molecule, const ConformerSettings& settings) {
  if (molecule.n_atoms() > settings.max_atoms)
    throw MoleculeFailure(MoleculeStatus::kTooLarge,
                          std::to_string(molecule.n_atoms()) + " atoms, at most " +
                              std::to_string(settings.max_atoms) + " are allowed; see --max-atoms");
}

}  // namespace

LoneMolecule lone_molecule(const NamedMolecule& named, const ConformerSettings& settings,
                           bool needs_positions) {
  if (named.failure) throw MoleculeFailure(*named.failure);
  LoneMolecule lone;
  const ChemMolecule read = named.molecule ? *named.molecule
                                           : forcefields::parse_listed_smiles(
                                                 named.smiles, named.where, settings.max_atoms);
  for (const std::string& remark : read.remarks) add_note(remark, lone.note);
  if (needs_positions && read.positions_nm.empty())
    throw MoleculeFailure(MoleculeStatus::kNoCoordinates,
                          "only 2D coordinates, expected those of a conformer");
  const ChemMolecule part = one_of(read, settings, lone.note);
  check_size(part, settings);
  lone.molecule = forcefields::with_hydrogens(part);
  check_size(lone.molecule, settings);
  lone.n_hydrogens_added = lone.molecule.n_atoms() - part.n_atoms();
  if (lone.n_hydrogens_added > 0 && !lone.molecule.positions_nm.empty())
    add_note(engine::counted(lone.n_hydrogens_added, "hydrogen") + " added", lone.note);
  lone.smiles = forcefields::canonical_smiles(lone.molecule);
  return lone;
}

}  // namespace saltus::tools
