#pragma once

#include <cstdint>
#include <vector>

#include "engine/moves/move.h"
#include "engine/potential/analytic.h"

namespace saltus::tests {

/// Chains drawn exactly from the canonical density of a separable potential at one temperature,
/// with velocities from the Maxwell distribution and energies set. The start of every exactness
/// test: starts are independent, so the ends are too.
engine::ChainBatch draw_exact_chains(const engine::SeparablePotential& potential,
                                     std::size_t n_chains, double temperature_K,
                                     const std::vector<double>& masses, std::uint64_t seed);

/// Applies a move in steps 0 .. n_applications - 1.
void apply_repeatedly(const engine::Move& move, engine::ChainBatch& chains,
                      const engine::TargetDensity& target, std::size_t n_applications,
                      std::uint64_t seed);

/// All coordinates of all chains. For a separable potential they are independent draws from one
/// density as long as the move is exact.
const std::vector<double>& pooled_coordinates(const engine::ChainBatch& chains);

/// Velocities in units of their thermal width, sqrt(m / kT) v, of all chains: standard normal.
std::vector<double> reduced_velocities(const engine::ChainBatch& chains,
                                       const std::vector<double>& masses);

/// Distribution function of the standard normal.
double standard_normal_cdf(double x);

}  // namespace saltus::tests
