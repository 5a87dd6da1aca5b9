#pragma once

#include <cstddef>
#include <vector>

#include "tests/bench/torsion_molecules.h"

namespace saltus::tests {

/// Torsions of independent chains of one sampler.
struct ChainTorsions {
  std::vector<std::vector<double>> chains;  ///< [C], each [F, R], rad
  std::size_t n_evaluations = 0;            ///< of the energy, all levels, in sweeps that count
  engine::CoordinateBatch frames;           ///< [kPlainChains, N, 3], nm: from all over the chains
};

/// Chains of hybrid Monte Carlo without exchange.
constexpr std::size_t kPlainChains = 16;

/// Runs of replica exchange with different seeds and starts; each ladder is a chain.
/// @param torsion_moves  false: trajectories and exchanges only
/// @param model          torsions are reset from it; null: from histograms made in warm-up
ChainTorsions exchange_chains(const BenchMolecule& molecule, bool torsion_moves,
                              const std::shared_ptr<const engine::TorsionModel>& model,
                              std::size_t n_runs, std::size_t n_sweeps, std::size_t purpose);

/// Hybrid Monte Carlo at 300 K alone, its step tuned as that of replica exchange is.
/// @param starts  one for each chain
ChainTorsions plain_chains(const BenchMolecule& molecule, const engine::CoordinateBatch& starts,
                           std::size_t n_sweeps, std::size_t purpose);

/// Effective samples of the slowest torsion, all chains pooled, so that chains that have not met
/// show as slow.
double slowest_effective_samples(const engine::TorsionGraph& graph, const ChainTorsions& chains);

}  // namespace saltus::tests
