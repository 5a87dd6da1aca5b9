#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "engine/moves/move.h"
#include "engine/moves/proposal.h"
#include "engine/potential/energy_function.h"

namespace saltus::tests {

/// What an energy function promises beyond its interface, and how exactly its promises are checked.
struct EnergyInvariantOptions {
  bool translation = true;  ///< U and forces move along when the molecule is shifted
  bool rotation = true;     ///< and when it is turned
  /// Atoms that may change places without changing U.
  std::vector<std::pair<std::size_t, std::size_t>> equal_atoms;
  /// Put atoms on top of each other and expect energies that are not NaN.
  bool clashes = true;
  /// Of force components, relative to max(1 kJ/mol/nm, largest component): Ridders' error in
  /// double.
  double force_tolerance = 1e-6;
  double first_difference_nm = 2e-4;
  /// Of energies, relative to max(1 kJ/mol, |U|), between evaluations that should be equal.
  double energy_tolerance = 1e-12;
  /// The same after a rigid motion, which rounds coordinates.
  double motion_tolerance = 1e-9;
};

/// Forces = -grad U (Ridders); U unchanged by what should not change it; batch = one by one;
/// energies alone = energies with forces; no NaN at clashes; arrays of the wrong size, and
/// positions without the boxes that are needed, throw InternalError.
/// @param points  [B, N, 3], nm, B >= 1: sane configurations
void expect_energy_function_invariants(const engine::EnergyFunction& energy,
                                       engine::ConstCoordinates points,
                                       const EnergyInvariantOptions& options = {});

struct ProposalInvariantOptions {
  /// Of positions (nm) and log-densities between a batch and its parts; 0 means equal bits.
  double batch_tolerance = 0.0;
  /// Of log-densities, relative to max(1, |log q|), between sample() and log_density().
  double density_tolerance = 1e-10;
  /// Above 0: check that q(.|x) integrates to 1 by importance sampling from a Gaussian around x of
  /// this width, nm, wider than q. Only sensible for a few dimensions and tractable proposals.
  double normalisation_width_nm = 0.0;
  std::size_t normalisation_draws = 100000;
};

/// Same key -> same bits; other step, seed or chain -> other states; the split into batches does
/// not matter; sizes fit; a measure is declared. For tractable proposals also log_forward =
/// log_density(x'|x), log_reverse = log_density(x|x') and, if asked for, normalisation.
/// @param chains  at least 2; positions and states are used
void expect_proposal_invariants(const engine::Proposal& proposal, const engine::ChainBatch& chains,
                                const engine::StepKey& key,
                                const ProposalInvariantOptions& options = {});

struct MoveInvariantOptions {
  /// Of carried energies, relative to max(1 kJ/mol, |U|).
  double energy_tolerance = 1e-10;
  /// Whether a chain changes only when its own record says so. False for replica exchange, whose
  /// records stand at the lower chain of a pair.
  bool outcome_at_own_chain = true;
};

/// Replay gives the same bits; carried energies and further terms are those of positions and box;
/// chains that no record calls accepted keep positions, box and terms bit for bit; records are
/// complete and consistent with their ratios; no memory (what was applied to other chains before
/// does not matter).
/// @param chains  energies need not be set
void expect_move_invariants(const engine::Move& move, engine::ChainBatch chains,
                            const engine::TargetDensity& target, const engine::StepKey& key,
                            const MoveInvariantOptions& options = {});

/// A map between spaces of equal dimension: returns y(x) and sets log |det dy/dx|.
using CoordinateMap =
    std::function<std::vector<double>(const std::vector<double>& x, double* log_abs_det)>;

struct BijectionInvariantOptions {
  double round_trip_tolerance = 1e-9;  ///< absolute, of each component
  double log_det_tolerance = 1e-6;     ///< Ridders' error, summed over components
  double first_difference = 1e-3;
};

/// inverse(forward(x)) = x; both log-determinants cancel; forward's is that of the numerical
/// Jacobian.
void expect_bijection_invariants(const CoordinateMap& forward, const CoordinateMap& inverse,
                                 const std::vector<std::vector<double>>& points,
                                 const BijectionInvariantOptions& options = {});

/// Matrix [rows of y, columns of x] of a function's derivatives, by Ridders' method.
std::vector<double> numerical_jacobian(
    const std::function<std::vector<double>(const std::vector<double>&)>& f,
    const std::vector<double>& x, double first_step);

}  // namespace saltus::tests
