#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/conformers/outcome.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// Shares of an isomer's conformers, which add up to 1: from importance weights where there are
/// some, equal for draws from the Boltzmann distribution, otherwise
///   p_c = g_c exp(-E_c / kT) / sum_i g_i exp(-E_i / kT)
/// over the conformers that were kept, g being how many minima each represents
/// (engine/conformers/degeneracy.h; 1 where that was not counted). Empty without energies.
std::vector<double> populations(const IsomerConformers& isomer, const ConformerSettings& settings);

/// The lowest energy of the isomers of one of a record's molecules, kJ/mol; infinity without any.
double lowest_energy_of_siblings(const ConformerOutcome& outcome, std::size_t part);

/// Shares of an isomer's conformers among those of all isomers of its molecule, by the same
/// formula; all of them add up to 1. Empty where populations are not by energies, and for molecules
/// with one isomer.
std::vector<double> populations_among_siblings(const ConformerOutcome& outcome,
                                               const IsomerConformers& isomer,
                                               const ConformerSettings& settings);

/// The temperature of these populations, K.
double population_temperature(const IsomerConformers& isomer, const ConformerSettings& settings);

/// The force field of an isomer's conformers: "MMFF94s, dielectric 4r", "UFF", "none".
std::string force_field_text(const IsomerConformers& isomer, const ConformerSettings& settings);

/// How the conformers were made, "UFF" after it where it took the place of MMFF94, "(biased)"
/// where they are known not to have the distribution that was asked for.
std::string method_text(const IsomerConformers& isomer);

/// "32", "more than 4096"
std::string possible_isomers_text(const ConformerOutcome& outcome);

}  // namespace saltus::tools
