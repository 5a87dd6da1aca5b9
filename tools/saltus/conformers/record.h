#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/conformers/molecule_status.h"
#include "engine/conformers/molecule_table.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/system/coordinates.h"
#include "forcefields/chem/chem_molecule.h"
#include "forcefields/chem/stereoisomers.h"
#include "forcefields/mmff/mmff_system.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::tools {

/// What conformers are wanted for.
enum class ConformerMode {
  kEnsemble,   ///< different shapes of low energy
  kMinima,     ///< different minima of the energy
  kBoltzmann,  ///< draws from the Boltzmann distribution
};

/// What to do about centres and double bonds whose configuration is not given.
enum class StereoPolicy { kKeep, kEnumerate, kRandom, kFail };

/// What to do about records of several molecules.
enum class FragmentPolicy { kLargest, kAll, kFail };

/// All that decides about the conformers of a molecule, with the defaults of kEnsemble.
struct ConformerSettings {
  ConformerMode mode = ConformerMode::kEnsemble;
  std::optional<std::size_t> n_conformers;  ///< to build; by flexibility when not given
  engine::SelectionOptions selection;       ///< which of them stay
  engine::RelaxationOptions relaxation;     ///< the deadline is each molecule's own
  bool minimise = true;
  bool fallback_uff = false;  ///< what happens to molecules without MMFF94 parameters
  /// Weak electrostatics keep molecules from folding onto themselves.
  forcefields::MmffOptions mmff = {forcefields::MmffVariant::kMmff94s, 4.0, true};
  StereoPolicy stereo = StereoPolicy::kEnumerate;
  forcefields::StereoisomerOptions isomers;  ///< order and seed are each molecule's own
  FragmentPolicy fragments = FragmentPolicy::kLargest;
  /// Of populations, and of kBoltzmann's distribution.
  double temperature_K = engine::EnsembleOptions{}.temperature_K;
  std::string sampler = "exchange";  ///< of kBoltzmann: "exchange" or "annealing"
  std::string model = "none";        ///< of torsions: "default", "none" or the path of a file
  std::shared_ptr<const mlsamplers::TorsionNetwork> network;  ///< what `model` names; may be null
  bool use_input_3d = false;   ///< whether the coordinates of SD records are the first conformer
  bool sort_by_energy = true;  ///< else in the order in which they were made
  std::size_t max_atoms = 500, max_rotors = 60;
  double timeout_s = 60.0;  ///< for each molecule
  std::uint64_t seed = 1;

  /// "MMFF94s, dielectric 4r"
  std::string force_field_text() const;
};

/// What a mode takes where nothing is asked for.
ConformerSettings default_settings(ConformerMode mode);

/// One record of the input.
struct ConformerRecord {
  std::size_t number = 0;       ///< over all inputs, from 1
  std::string where;            ///< "list.smi:12"
  std::string name;             ///< never empty
  std::string text;             ///< the line as it was; of SDF records nothing
  std::string smiles;           ///< of lists
  double input_fraction = 0.0;  ///< share of the inputs read so far; 0 where nobody knows
  std::optional<forcefields::ChemMolecule> molecule;  ///< of SDF records
  std::optional<engine::MoleculeFailure> failure;     ///< of reading it
};

/// How an ensemble was made and how good it is; NaN and 0 where nothing is known.
struct EnsembleFacts {
  double temperature_K = 0.0;  ///< 0: no temperature was involved
  bool biased = false;  ///< whether the conformers are known not to have the distribution asked for
  std::string method;   ///< "ETKDGv3, L-BFGS"; empty: the usual one
  std::string force_field;   ///< "UFF"; empty: that of the settings
  double n_effective = 0.0;  ///< effective samples of the slowest coordinate, or Kish's number
  std::string slowest;       ///< which coordinate that is: "ring C1-C2-C3-C4"
  double free_energy = std::numeric_limits<double>::quiet_NaN();        ///< kJ/mol
  double free_energy_error = std::numeric_limits<double>::quiet_NaN();  ///< kJ/mol
  std::size_t n_energy_evaluations = 0;
  std::vector<std::pair<std::string, double>> acceptances;  ///< of each move
};

/// Conformers of one molecule with one configuration.
struct IsomerConformers {
  std::string name;    ///< that of the record, with "_iso2", "_frag2" appended where there are more
  std::string smiles;  ///< what was embedded
  std::size_t part = 0;  ///< of the record's molecules; isomers of one are siblings
  std::uint64_t seed = 0;
  engine::MoleculeTable molecule;
  engine::CoordinateBatch positions;   ///< [C, N, 3], nm; lowest energy first
  std::vector<double> energies;        ///< [C], kJ/mol; NaN without a force field
  std::vector<std::string> smiles_3d;  ///< [C], as the positions are
  std::vector<bool> converged;         ///< [C], whether the minimisation came to its end
  std::vector<double> log_weights;     ///< [C], of importance; empty: all equal
  std::vector<double> degeneracies;    ///< [C], minima each represents; empty: not counted
  /// [C], log density of the torsion model at the conformer's torsions; empty or NaN: none.
  std::vector<double> log_q;
  /// [C], whether the chain had moved since the frame before; empty: no chain.
  std::vector<bool> accepted;
  EnsembleFacts facts;
  std::vector<std::string> torsion_names;     ///< of rotatable bonds, bonds in rings, nitrogens
  std::vector<std::vector<double>> torsions;  ///< [name][C], rad; nitrogens: +90 or -90 degrees
};

/// Outcome for a record.
struct ConformerOutcome {
  engine::MoleculeStatus status = engine::MoleculeStatus::kOk;
  std::string message;
  std::string smiles;  ///< canonical; empty when it could not be read
  std::vector<IsomerConformers> isomers;
  std::size_t n_requested = 0, n_embedded = 0, n_stereo_rejected = 0, n_kept = 0;
  std::uint64_t n_possible_isomers = 0;  ///< that the open configurations lead to
  bool more_isomers_possible = false;    ///< than these: they were not counted to the end
  bool isomers_cut = false;              ///< whether some were not tried because of a limit
  double seconds = 0.0;
};

/// "32", "more than 4096"
std::string possible_isomers_text(const ConformerOutcome& outcome);

}  // namespace saltus::tools
