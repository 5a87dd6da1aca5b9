#pragma once

#include <string>
#include <vector>

#include "forcefields/chem/core_pattern.h"
#include "tools/conformers/make_conformers.h"

namespace saltus::tools {

/// The molecule of a record, whose atoms remember their numbers where a core is asked for.
forcefields::ChemMolecule given_molecule(const NamedMolecule& named,
                                         const ConformerSettings& settings);

/// What is held of one stereoisomer; nothing where no core is asked for.
/// @param molecule  with all hydrogens, made of given_molecule()
/// @throws MoleculeFailure  as CorePattern::find
forcefields::FoundCore core_of(const forcefields::ChemMolecule& molecule,
                               const NamedMolecule& named, const ConformerSettings& settings);

/// Stereoisomers that a core allows.
struct IsomersWithCore {
  std::vector<forcefields::ChemMolecule> molecules;
  std::string note;  ///< how many it does not; empty when it allows all
};

/// Leaves out those whose configuration the coordinates of the core contradict.
/// @throws MoleculeFailure  as CorePattern::find, when none is left or for other reasons
IsomersWithCore isomers_with_core(std::vector<forcefields::ChemMolecule> isomers,
                                  const NamedMolecule& named, const ConformerSettings& settings);

/// @throws InputError  where settings and a core exclude each other
void check_core(const ConformerSettings& settings);

}  // namespace saltus::tools
