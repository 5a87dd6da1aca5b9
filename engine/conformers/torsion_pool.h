#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/conformers/stereo_check.h"
#include "engine/potential/energy_function.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"

namespace saltus::engine {

/// How a pool of conformers is made of a few.
struct TorsionPoolOptions {
  std::size_t n_draws = 4000;  ///< sets of torsions
  std::size_t n_kept = 1000;   ///< of the draws, at most
  /// kJ/mol: draws are kept with odds exp(-E / this), E before relaxation.
  double selection_energy = 20.0;
  double force_tolerance = 40.0;  ///< kJ/mol/nm, rms: of the relaxation of those kept
  std::size_t n_steps = 12;       ///< of it, at most; 0: none
  /// Atoms that stay where the seeds have them, to the last bit: the sides of torsions without them
  /// turn, and torsions with such atoms on both sides do not.
  std::vector<std::size_t> held_atoms = {};
  /// [S]: shares of the draws that begin with each seed, not normalised; empty: all alike, in turn.
  std::vector<double> seed_weights = {};
  std::uint64_t seed = 1;
  std::uint64_t round = 0;  ///< pools of the same seed and different rounds are independent draws
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Conformers, not sorted, not chosen.
struct TorsionPool {
  CoordinateBatch positions;              ///< [C, N, 3], nm: first the minimised seeds
  std::vector<double> energies;           ///< [C], kJ/mol
  std::size_t n_wrong_configuration = 0;  ///< relaxed, but then left out
  bool timed_out = false;  ///< some of those kept are missing, or there were fewer draws
};

/// Draws torsions of the seeds, one after the other in the graph's order given those before, from
/// a model; keeps some, drawn without replacement with odds by their energies (the largest
/// perturbed ones, E / kT plus Gumbel noise); minimises these and the seeds for a few steps.
/// Rings, bond lengths and angles, signs of nitrogens are those of the seeds, used in turn or by
/// weights. Bonds that turn nothing but hydrogen atoms are left alone. Not a Boltzmann ensemble:
/// what the conformers of a molecule may look like in some surrounding. Source of the choice:
/// Efraimidis, Spirakis, Inf. Process. Lett. 97, 181 (2006), doi:10.1016/j.ipl.2005.11.003.
/// @param seeds  [S, N, 3], nm, S >= 1
/// @throws InputError  when there is no seed, sizes differ, an option is not positive, or weights
/// are
///                     negative or all 0
TorsionPool draw_torsion_pool(const EnergyFunction& energy, const TorsionGraph& graph,
                              const TorsionModel& model, const CoordinateBatch& seeds,
                              const Configuration& configuration,
                              const TorsionPoolOptions& options);

}  // namespace saltus::engine
