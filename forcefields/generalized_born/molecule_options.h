#pragma once

#include <optional>

#include "engine/system/system.h"
#include "forcefields/generalized_born/generalized_born_parameters.h"

namespace saltus::forcefields {

/// Which bonds keep their length.
enum class BondConstraints { kNone, kHydrogenBonds };

/// What force fields of AMBER's kind leave open, whichever files they come from. What users may
/// leave out has its default here and nowhere else: decks hold one of these.
struct MoleculeOptions {
  engine::NonbondedMethod nonbonded_method = engine::NonbondedMethod::kNoCutoff;
  /// Without meaning for kNoCutoff; of the implicit solvent too.
  double cutoff_nm = engine::Nonbonded{}.cutoff_nm;
  engine::EwaldParameters ewald;       ///< kEwald and kPme only
  double switching_distance_nm = 0.0;  ///< see engine::Nonbonded; 0: none
  /// Adds the energy of the Lennard-Jones tail, periodic methods only; see engine::Nonbonded.
  bool long_range_correction = true;
  std::optional<engine::Box> box;  ///< needed by periodic methods, unused by others
  /// Water keeps its geometry by three constraints.
  bool rigid_water = false;
  /// kHydrogenBonds: all bonds to hydrogen become constraints and lose their harmonic term.
  BondConstraints constraints = BondConstraints::kNone;
  std::optional<engine::GeneralizedBornModel> implicit_solvent;  ///< none: vacuum
  GeneralizedBornOptions solvent;  ///< of that model; its cutoff is the one above

  /// Writes what is said here of pairs: method, cutoff, Ewald sum, switching and tail.
  void set_pairs(engine::Nonbonded& nonbonded) const {
    nonbonded.method = nonbonded_method;
    nonbonded.cutoff_nm = cutoff_nm;
    nonbonded.ewald = ewald;
    nonbonded.switching_distance_nm = switching_distance_nm;
    nonbonded.long_range_correction = long_range_correction && is_periodic(nonbonded_method);
  }
  /// The solvent's options with the cutoff of pairs.
  GeneralizedBornOptions solvent_with_cutoff() const {
    GeneralizedBornOptions options = solvent;
    options.cutoff_nm = nonbonded_method == engine::NonbondedMethod::kNoCutoff ? 0.0 : cutoff_nm;
    return options;
  }
};

}  // namespace saltus::forcefields
