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
  /// With kCutoffNonPeriodic only, of the implicit solvent too.
  double cutoff_nm = engine::Nonbonded{}.cutoff_nm;
  /// kHydrogenBonds: all bonds to hydrogen become constraints and lose their harmonic term.
  BondConstraints constraints = BondConstraints::kNone;
  std::optional<engine::GeneralizedBornModel> implicit_solvent;  ///< none: vacuum
  GeneralizedBornOptions solvent;  ///< of that model; its cutoff is the one above

  /// The solvent's options with the cutoff of pairs.
  GeneralizedBornOptions solvent_with_cutoff() const {
    GeneralizedBornOptions options = solvent;
    options.cutoff_nm = nonbonded_method == engine::NonbondedMethod::kNoCutoff ? 0.0 : cutoff_nm;
    return options;
  }
};

}  // namespace saltus::forcefields
