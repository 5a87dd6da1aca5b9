#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/outcome.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// A molecule to make conformers of.
struct NamedMolecule {
  std::size_t number = 1;  ///< of its list, from 1: seeds depend on it
  std::string where;       ///< "list.smi:12"; may be empty
  std::string name = "molecule";
  std::string smiles;                                 ///< read when there is no `molecule`
  std::optional<forcefields::ChemMolecule> molecule;  ///< of an SD record, for instance
  std::optional<engine::MoleculeFailure> failure;     ///< of reading it: it becomes the outcome
};

/// Makes conformers of one molecule: reading, choice of configuration, embedding, relaxation,
/// choice of conformers; configurations are verified after embedding and after relaxation. The
/// result depends on number, molecule and settings only (unless time runs out). Never throws for a
/// molecule: what is wrong with it is in the outcome. May be called by several threads at once.
/// @param settings  with the network of torsions loaded, if there is to be one
///                  (load_torsion_model in tools/conformers/torsion_models.h)
/// @throws InputError  for a core together with settings that cannot hold it
ConformerOutcome make_conformers(const NamedMolecule& named, const ConformerSettings& settings);

/// The same of a SMILES string; hydrogens need not be written.
ConformerOutcome make_conformers(const std::string& smiles, const ConformerSettings& settings);

}  // namespace saltus::tools
