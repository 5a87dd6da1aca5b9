#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/conformers/molecule_status.h"
#include "engine/conformers/molecule_table.h"
#include "engine/ensemble/conformer_ensemble.h"

namespace saltus::tools {

/// Conformers of one molecule with one configuration.
struct IsomerConformers {
  std::string name;    ///< that of the record, with "_iso2", "_frag2" appended where there are more
  std::string smiles;  ///< what was embedded
  std::size_t part = 0;  ///< of the record's molecules; isomers of one are siblings
  std::uint64_t seed = 0;
  engine::MoleculeTable molecule;
  std::vector<double> partial_charges;  ///< [N], e; empty: not asked for, or unknown
  std::string force_field;              ///< "UFF"; empty: that of the settings
  engine::ConformerEnsemble ensemble;   ///< lowest energy first, but for draws
  std::vector<std::string> smiles_3d;   ///< [F], as the positions are
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
