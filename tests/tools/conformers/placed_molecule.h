#pragma once

#include <cstdint>
#include <string>

#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::tests {

/// A molecule with all hydrogens and the coordinates of one conformer.
inline forcefields::ChemMolecule placed_molecule(const std::string& smiles, std::uint64_t seed) {
  forcefields::ChemMolecule molecule =
      forcefields::with_hydrogens(forcefields::parse_listed_smiles(smiles, "here", 100));
  forcefields::EmbeddingOptions options;
  options.n_conformers = 1;
  options.seed = seed;
  molecule.positions_nm =
      forcefields::embed(molecule, forcefields::configuration_of(molecule), options)
          .positions.values();
  return molecule;
}

}  // namespace saltus::tests
