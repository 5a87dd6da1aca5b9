#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/system/coordinates.h"
#include "forcefields/chem/chem_molecule.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::tests {

/// CPU time of this thread, s.
double cpu_seconds();

/// Conformers of one molecule and what they cost, all in all.
struct ConformerRun {
  engine::CoordinateBatch positions;  ///< nm
  double seconds = 0.0;               ///< CPU time
};

/// What to ask both programs for.
struct RunRequest {
  std::size_t n_conformers = 50;
  int seed = 42;
};

/// RDKit's ETKDGv3; nothing when it takes longer than 30 s for a molecule.
ConformerRun run_etkdg(const forcefields::ChemMolecule& molecule, const RunRequest& request);

/// The same, minimised with RDKit's MMFF94 to its end where it has parameters.
ConformerRun run_minimised_etkdg(const forcefields::ChemMolecule& molecule,
                                 const RunRequest& request);

/// Saltus' conformers as `saltus conformers` makes them; what the string leaves open stays open.
/// @param smiles   atoms keep their order, hydrogens follow
/// @param network  of torsions; null: crystal-derived preferences
ConformerRun run_saltus(const std::string& smiles,
                        const std::shared_ptr<const mlsamplers::TorsionNetwork>& network,
                        const RunRequest& request);

}  // namespace saltus::tests
