#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/conformers/stereo_check.h"
#include "engine/system/coordinates.h"
#include "engine/system/system.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "forcefields/chem/chem_molecule.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::tests {

/// What the torsion benchmark measures, on what, and how long.
struct TorsionBenchOptions {
  bool kl = false, acceptance = false, boltzmann = false;
  std::string pt_hmc;     ///< folder; empty: not measured
  std::string ensembles;  ///< folder of `saltus train`; its held-out molecules are the unseen ones
  std::string list;       ///< instead: a file of one SMILES string a line, all of them taken
  std::string model = "default";
  std::size_t molecules = 0;  ///< 0: 60, or 20 for populations
  std::size_t draws = 560;
  std::size_t reference_sweeps = 2000;
  std::size_t etkdg_conformers = 560, etkdg_molecules = 20;
  double etkdg_seconds = 20.0;     ///< at most, for a molecule
  std::size_t sweeps = 1000;       ///< of the sampler that is measured, a run
  std::size_t hmc_sweeps = 16000;  ///< of a run without a torsion network
  bool reference_resets = true;    ///< populations' reference resets torsions uniformly, too
  std::size_t repeats = 4;         ///< runs of each
  std::size_t threads = 2;
  std::uint64_t seed = 1;
  std::string json;
};

/// A molecule to measure on.
struct ListedMolecule {
  std::uint64_t record = 0;
  std::string smiles;
};

/// One that is ready for it.
struct BenchMolecule {
  std::string name;  ///< SMILES, or what a file calls it
  std::uint64_t seed = 1;
  forcefields::ChemMolecule molecule;  ///< with all hydrogens
  engine::System system;
  std::shared_ptr<const engine::TorsionGraph> graph;
  engine::Configuration configuration;
  std::shared_ptr<const engine::TorsionModel> model;  ///< null without a network
  double network_seconds = 0.0;                       ///< CPU time that the model took
};

using Network = std::shared_ptr<const mlsamplers::TorsionNetwork>;

/// Those of the options' ensembles that are never trained on, by record, or all of its list.
/// @throws InputError  when there are none
std::vector<ListedMolecule> listed_molecules(const TorsionBenchOptions& options);

/// As evenly spread over those that fit as whole numbers allow; n at most.
std::vector<ListedMolecule> spread_over(const std::vector<ListedMolecule>& molecules, std::size_t n,
                                        const std::function<bool(const ListedMolecule&)>& fits);

/// With all hydrogens, as training sees it.
forcefields::ChemMolecule read_listed(const ListedMolecule& listed);

/// @param molecule  with all hydrogens
/// @throws InputError  when it has no MMFF94 parameters or no torsions
BenchMolecule ready(const forcefields::ChemMolecule& molecule, const std::string& name,
                    const Network& network, std::uint64_t seed);

/// Seed of one purpose on one molecule.
std::uint64_t purpose_seed(const BenchMolecule& molecule, std::size_t purpose);

/// Relaxed ETKDG conformers.
/// @throws InputError  when there are none
engine::CoordinateBatch relaxed_starts(const BenchMolecule& molecule, std::uint64_t seed);

/// Replica exchange with the command's temperatures, a third of the sweeps before for warm-up.
/// @param model  null: histograms from warm-up
engine::MoleculeEnsemble exchange(const BenchMolecule& molecule,
                                  std::shared_ptr<const engine::TorsionModel> model,
                                  std::size_t n_sweeps, std::uint64_t seed,
                                  bool torsion_moves = true);

/// CPU seconds of the calling thread.
double thread_seconds();

}  // namespace saltus::tests
