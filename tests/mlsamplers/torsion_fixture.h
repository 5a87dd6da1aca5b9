#pragma once

#include <cstddef>
#include <vector>

#include "engine/torsions/torsion_graph.h"
#include "mlsamplers/training/torsion_trainer.h"

namespace saltus::tests {

/// One heavy atom of an acyclic molecule of single bonds: carbon, nitrogen, oxygen or fluorine.
struct HeavyAtom {
  int atomic_number = 6;
  std::size_t parent = engine::kNowhere;
};

/// The graph of a molecule of tetrahedral atoms, with hydrogens added. Nitrogens that are an end of
/// a torsion are invertible; torsions are bonds of heavy atoms with something at both ends.
engine::TorsionGraph make_graph(const std::vector<HeavyAtom>& heavy);

/// A graph of `n` heavy atoms joined at random.
engine::TorsionGraph random_graph(std::size_t n, std::uint64_t seed);

/// The same molecule with atoms, bonds, angles, torsions, invertible centres, neighbours and ends
/// written in another order.
struct PermutedGraph {
  engine::TorsionGraph graph;
  std::vector<std::size_t> torsion_of;    ///< [R]: new place of each torsion
  std::vector<std::size_t> inversion_of;  ///< [I]
};
PermutedGraph permuted(const engine::TorsionGraph& graph, std::uint64_t seed);

/// Chains of carbon between two fluorines, or a fluorine and a hydroxyl group, whose torsions are a
/// Markov chain of known entropy:
///   tau_0 uniform, tau_i = tau_{i-1} + d (fluorines) or -tau_{i-1} + d (hydroxyl), d ~ vM(0, 4).
/// And a chiral one, F-CH(OH)-CH2-F, of one hand only, whose torsion (the first) is vM(1, 4).
struct ChainSamples {
  mlsamplers::TorsionSamples samples;
  std::vector<std::size_t> order;  ///< torsions along the chain
  int sign = 1;                    ///< of tau_{i-1}
};
constexpr double kChainConcentration = 4.0;
ChainSamples draw_chain(std::size_t n_carbons, bool hydroxyl, std::size_t n_samples,
                        std::uint64_t seed);
mlsamplers::TorsionSamples draw_chiral(std::size_t n_samples, std::uint64_t seed);

/// A small network trained on such chains, once for all tests.
const mlsamplers::TrainedTorsionNetwork& trained_on_chains();
/// One trained, not for long, on branched molecules whose torsions follow each other and the signs
/// of nitrogens.
const mlsamplers::TrainedTorsionNetwork& trained_on_molecules();
/// What trained_on_chains() was made of.
std::vector<mlsamplers::TorsionSamples> chains_to_train_on();
mlsamplers::TorsionTrainingOptions quick_training();

/// Of any torsion model: mean -log q of the torsions of samples, nats; nothing or all known.
double mean_nll(const engine::TorsionModel& model, const mlsamplers::TorsionSamples& samples,
                bool all_known);

}  // namespace saltus::tests
