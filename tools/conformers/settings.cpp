#include "tools/conformers/settings.h"

#include <limits>

#include "engine/core/text.h"
#include "engine/core/units.h"

namespace saltus::tools {

namespace {

/// ", OBC2 water"; nothing in vacuum.
std::string solvent_text(const forcefields::MmffOptions& mmff) {
  using engine::GeneralizedBornModel;
  if (!mmff.implicit_solvent) return "";
  switch (*mmff.implicit_solvent) {
    case GeneralizedBornModel::kObc1:
      return ", OBC1 water";
    case GeneralizedBornModel::kObc2:
      return ", OBC2 water";
    case GeneralizedBornModel::kGbn2:
      return ", GBn2 water";
  }
  return "";
}

}  // namespace

ConformerSettings default_settings(ConformerMode mode) {
  ConformerSettings settings;
  settings.mode = mode;
  if (mode == ConformerMode::kEnsemble) return settings;
  settings.mmff = forcefields::MmffOptions{};
  if (mode == ConformerMode::kMinima) {
    settings.mmff.variant = forcefields::MmffVariant::kMmff94s;
    settings.selection.rmsd_nm = 0.0125;
    settings.selection.energy_tolerance = 0.05 * engine::kKJPerKcal;
    settings.relaxation.force_tolerance = 0.1;
    return settings;
  }
  // Distributions are those of the force field itself, not of its time-averaged variant, and
  // choosing among draws would change them.
  settings.selection.rmsd_nm = 0.0;
  settings.selection.energy_window = std::numeric_limits<double>::infinity();
  settings.model = "default";
  settings.sort_by_energy = false;
  return settings;
}

void put_into_solvent(engine::GeneralizedBornModel model, ConformerSettings& settings) {
  settings.mmff.implicit_solvent = model;
  settings.mmff.dielectric = 1.0;
  settings.mmff.distance_dependent_dielectric = false;
}

std::string ConformerSettings::force_field_text() const {
  if (!minimise) return "none";
  return std::string(mmff.variant == forcefields::MmffVariant::kMmff94s ? "MMFF94s" : "MMFF94") +
         ", dielectric " + engine::significant_text(mmff.dielectric, 6) +
         (mmff.distance_dependent_dielectric ? "r" : "") + solvent_text(mmff) +
         (mmff.charges == forcefields::PartialCharges::kGiven ? ", charges of the file" : "");
}

}  // namespace saltus::tools
