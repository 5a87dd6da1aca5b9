#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/potential/energy_function.h"
#include "engine/system/system.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// The force field in which one molecule is relaxed.
struct ConformerField {
  std::optional<engine::System> system;            ///< of MMFF94; nothing of another one
  std::unique_ptr<engine::EnergyFunction> energy;  ///< kJ/mol
  std::string name;                                ///< "UFF"; empty: MMFF94, as was asked for
  std::string note;                                ///< for the user; may be empty
};

/// MMFF94 as the settings say, or what --fallback allows where it has no parameters.
/// @throws MoleculeFailure  kNoParameters, naming atoms, elements and what helps
ConformerField make_conformer_field(const forcefields::ChemMolecule& molecule,
                                    const ConformerSettings& settings);

/// What MMFF94 does not hold in place: "MMFF94 has no torsion across ..."; empty when there is
/// nothing to say.
std::string note_on_cumulenes(const forcefields::ChemMolecule& molecule);

}  // namespace saltus::tools
