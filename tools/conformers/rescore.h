#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "tools/conformers/ensemble_thermodynamics.h"
#include "tools/conformers/make_conformers.h"
#include "tools/conformers/outcome.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// A conformer of a file.
struct EnsembleMember : NamedMolecule {
  /// What the file says of its share, relative to the others of the molecule; NaN: nothing.
  double weight = std::numeric_limits<double>::quiet_NaN();
};

/// One conformer of a file and what became of it. NaN and 0 where there is nothing.
struct RescoredConformer {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  std::size_t number = 0;  ///< of the record
  std::string where, name;
  /// "OK"; "DUPLICATE" (of one that counts); "NOT_MINIMISED" (no minimum of its configuration was
  /// reached), "NO_ENERGY" (not finite, or another configuration, where nothing is minimised),
  /// "OTHER_MOLECULE", or a word of engine::MoleculeStatus.
  std::string status = "OK";
  std::string message;
  double energy = kUnknown;              ///< kJ/mol; of a duplicate that of the one that counts
  double degeneracy = kUnknown;          ///< minima it stands for
  double population = kUnknown;          ///< 0 for duplicates
  double population_in_file = kUnknown;  ///< its own, normalised over the molecule's
  std::size_t duplicate_of = 0;          ///< number of that record
};

/// An ensemble of one molecule, rescored.
struct RescoredEnsemble {
  std::string smiles, force_field;
  std::string note;
  double temperature_K = 0.0;
  /// Those that count, lowest energy first; `ancestors` are places in `conformers`.
  IsomerConformers distinct;
  std::vector<double> populations;        ///< [distinct]
  EnsembleThermodynamics thermodynamics;  ///< meaningless without distinct conformers
  /// 1/2 sum_c |p_c - q_c| over distinct conformers, q of the file, those of duplicates added to
  /// the conformer that counts and those of failed ones to nobody's; NaN without weights.
  double distance_to_file = RescoredConformer::kUnknown;
  std::vector<RescoredConformer> conformers;  ///< as they were given
};

/// Energies, populations, entropy and free energy of an existing ensemble of one molecule: the
/// conformers are minimised, or taken as they are when `settings.minimise` is false, then energies
/// by the force field of the settings. Two closer than the settings' selection says, by rmsd and
/// energy, are one, and count once. Populations are those of populations.h at the settings'
/// temperature, with the same degeneracies as --mode minima counts them. Never throws for a
/// conformer.
/// @param members   all of the same molecule; the atoms of the first decide about the order
/// @param settings  of mode kMinima
RescoredEnsemble rescore(const std::vector<EnsembleMember>& members,
                         const ConformerSettings& settings);

}  // namespace saltus::tools
