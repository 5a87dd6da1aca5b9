#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "engine/minimisation/minimise.h"
#include "engine/potential/energy_function.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// How far conformers are minimised.
struct RelaxationOptions {
  double force_tolerance = MinimisationOptions{}.force_tolerance;  ///< kJ/mol/nm, rms
  std::size_t n_steps = MinimisationOptions{}.n_steps;             ///< at most, for each
  std::vector<std::size_t> frozen_atoms = {};                      ///< stay where they are
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Outcome for one conformer.
enum class Relaxed {
  kConverged,
  kNotConverged,  ///< lower, but not at the minimum
  kFailed,        ///< two atoms coincide: its energy is infinite
  kNotReached,    ///< the deadline came first
};

/// Relaxed conformers.
struct Relaxation {
  std::vector<Relaxed> ends;            ///< [C]
  std::vector<double> energies_kJ_mol;  ///< [C]; of those that were reached and did not fail
  bool timed_out = false;
};

/// Minimises conformers, several blocks of lanes after the other, until the deadline.
/// @param x  in and out [C, N, 3], nm
Relaxation relax_conformers(const EnergyFunction& energy, CoordinateBatch& x,
                            const RelaxationOptions& options);

}  // namespace saltus::engine
