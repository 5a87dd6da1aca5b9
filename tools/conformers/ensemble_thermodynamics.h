#pragma once

#include "engine/core/span.h"

namespace saltus::tools {

/// What conformers at one temperature amount to; kJ/mol, kJ/mol/K.
struct EnsembleThermodynamics {
  double mean_energy = 0.0;
  double entropy = 0.0;
  double free_energy = 0.0;
};

/// With p_c the shares of conformers, E_c their energies and g_c how many minima each stands for,
///   <E> = sum_c p_c E_c,   S = -R sum_c p_c ln(p_c / g_c),   F = <E> - T S,
/// and with p_c = g_c exp(-E_c / RT) / Z this is F = -RT ln Z, Z = sum_c g_c exp(-E_c / RT): of
/// minima as points, without vibrations and rotations; S is 0 for a single minimum.
/// @param shares        [C], adding up to 1
/// @param energies      [C], kJ/mol
/// @param degeneracies  [C]; empty: all 1
/// @throws InternalError  when the sizes do not fit
EnsembleThermodynamics ensemble_thermodynamics(engine::Span<const double> shares,
                                               engine::Span<const double> energies,
                                               engine::Span<const double> degeneracies,
                                               double temperature_K);

}  // namespace saltus::tools
