#pragma once

#include <cstddef>
#include <vector>

#include "engine/diagnostics/free_energy.h"

namespace saltus::engine {

/// Samples of several ensembles whose reduced potentials are all known at all samples.
struct LadderSamples {
  /// [K, N]: u_k of each sample; samples of ensemble 0 first, then of 1, ...; finite or +inf
  Span<const double> potentials;
  std::vector<std::size_t> counts;  ///< [K], samples of each ensemble; their sum is N
  std::size_t block_size = 1;       ///< of all ensembles
  /// Block b of every ensemble is of the same ladder, whose chains exchange configurations: draws
  /// take it for all ensembles or for none. Counts are equal then.
  bool joint_blocks = false;
};

/// Reduced free energies of K ensembles.
struct LadderFreeEnergies {
  std::vector<FreeEnergyEstimate> from_first;  ///< [K], f_k - f_0
  std::vector<FreeEnergyEstimate> to_next;     ///< [K - 1], f_(k+1) - f_k
};

/// MBAR: the f_k that solve
///   f_k = -log sum_n exp(-u_k(x_n)) / sum_j N_j exp(f_j - u_j(x_n)),
/// which are at the minimum of the convex function
///   sum_n log sum_k N_k exp(f_k - u_k(x_n)) - sum_k N_k f_k,
/// found by Newton's steps from Bennett's estimates between neighbours, until none is longer than
/// 1e-9 (1e-6 in draws). Of two ensembles it is Bennett's acceptance ratio. Source: Shirts,
/// Chodera, J. Chem. Phys. 129, 124105 (2008), doi:10.1063/1.2978177.
/// @throws InputError      as perturbation_free_energy, for each ensemble; when there are joint
///                         blocks and counts differ
/// @throws NumericalError  when steps do not end or a matrix is singular, as where ensembles have
///                         nothing in common
LadderFreeEnergies ladder_free_energies(const LadderSamples& samples,
                                        const BootstrapOptions& options);

/// Work between neighbouring levels of ladders at samples of all levels, see WorkSamples. Blocks
/// are of ladders as with LadderSamples::joint_blocks; sample i of every level was taken of the
/// same ladder at the same time.
struct LadderWork {
  /// [K, n]: of samples of level k on the way to level k + 1; those of the last are not looked at
  Span<const double> to_next;
  /// [K, n]: on the way to level k - 1; those of the first are not looked at
  Span<const double> to_previous;
  std::size_t n_levels = 0, block_size = 1;
};

/// What work says of two neighbours, k and k + 1. All differences are f_(k+1) - f_k.
struct NeighbourFreeEnergy {
  FreeEnergyEstimate up;       ///< perturbation_free_energy of samples of level k
  FreeEnergyEstimate down;     ///< minus that of samples of level k + 1
  FreeEnergyEstimate bennett;  ///< acceptance_ratio_free_energy of both
  double overlap = 0.0;        ///< work_overlap
  /// Kish's number of the weights exp(-w) over the number of samples: how well the images of one
  /// level's samples stand for the other level.
  double share_up = 0.0, share_down = 0.0;
  /// Mean of min(1, exp(-w - w')) over pairs of samples of the same ladder and time: how often
  /// replica exchange with this map is accepted.
  double acceptance = 0.0;
};

/// Estimates from work, of all pairs and of all levels.
struct LadderWorkEstimates {
  std::vector<NeighbourFreeEnergy> pairs;      ///< [K - 1]
  std::vector<FreeEnergyEstimate> from_first;  ///< [K], sums of Bennett's estimates
};

/// Free energies along a ladder from work between neighbours. All of them share their bootstrap
/// draws, so that errors of sums have in them that neighbours are not independent.
/// @throws InputError      as acceptance_ratio_free_energy; when there are fewer than two levels
/// @throws NumericalError  when the work of all samples of a level is infinite, also in a draw
LadderWorkEstimates ladder_work_free_energies(const LadderWork& work,
                                              const BootstrapOptions& options);

}  // namespace saltus::engine
