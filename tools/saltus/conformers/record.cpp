#include "tools/saltus/conformers/record.h"

#include <cstdio>

namespace saltus::tools {

std::string ConformerSettings::force_field_text() const {
  if (!minimise) return "none";
  char dielectric[32];
  std::snprintf(dielectric, sizeof dielectric, "%g", mmff.dielectric);
  return std::string(mmff.variant == forcefields::MmffVariant::kMmff94s ? "MMFF94s" : "MMFF94") +
         ", dielectric " + dielectric + (mmff.distance_dependent_dielectric ? "r" : "");
}

std::string possible_isomers_text(const ConformerOutcome& outcome) {
  return (outcome.more_isomers_possible ? "more than " : "") +
         std::to_string(outcome.n_possible_isomers);
}

}  // namespace saltus::tools
