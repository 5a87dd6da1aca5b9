#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/molecule_status.h"
#include "engine/conformers/molecule_table.h"
#include "engine/system/coordinates.h"

namespace saltus::tools {

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

}  // namespace saltus::tools
