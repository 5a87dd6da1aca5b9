#pragma once

#include <string>
#include <vector>

#include "tools/solvation/ions.h"
#include "tools/solvation/solvate.h"
#include "tools/solvation/water_box.h"

namespace saltus::tools {

/// What `saltus solvate` is asked to put together.
struct SolvationRequest {
  std::string structure;        ///< .pdb; empty: water alone
  std::string water = "tip3p";  ///< tip3p, tip4pew or spce
  std::vector<std::string>
      force_field;  ///< files by path or installed names; empty: the usual ones
  IonOptions ions;
};

/// Masses, dalton, of the solute, a molecule of water and each ion.
struct SolvationMasses {
  double solute = 0.0, water = 0.0, positive = 0.0, negative = 0.0;
};

/// The same as atoms with parameters.
struct SolvationInput {
  Solute solute;
  std::string molecule;        ///< "ACE-ALA-NME, 22 atoms"; empty without one
  double solute_charge = 0.0;  ///< e, before it is rounded
  WaterBox water;
  double water_radius_nm = 0.0;
  std::vector<std::string>
      force_field;  ///< for a deck: those of the request, and that of the water
  SolvationMasses masses;
  std::vector<std::string> notes;  ///< for the user
};

/// Reads the molecule, a box of equilibrated water as OpenMM's Python package has it, and the force
/// field, from which radii, charges and masses are. That of the water is added to the list unless
/// one of the files has a template of water.
/// @throws UsageError  when the structure is no PDB file, or for an unknown model of water
/// @throws FileError   when a file is not there, be it the structure, a force field or the water
/// @throws InputError  naming file, residue and atom: as load_molecule does; no template of water
/// or
///                     ions; ions of another charge; a solute whose charge is not a whole number,
///                     or that is in water already
SolvationInput read_solvation_input(const SolvationRequest& request);

}  // namespace saltus::tools
