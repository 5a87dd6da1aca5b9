#include "tests/bench/torsion_chains.h"

#include <algorithm>

#include "engine/core/error.h"
#include "tests/support/torsion_frames.h"

namespace saltus::tests {

namespace {

// Chains of one more ensemble, after those that are there.
void append(const engine::TorsionGraph& graph, const engine::MoleculeEnsemble& ensemble,
            std::size_t n_ladders, ChainTorsions& out) {
  const std::size_t first = out.chains.size(), r = graph.torsions.size();
  out.chains.resize(first + n_ladders);
  out.n_evaluations += ensemble.facts.n_energy_evaluations;
  const auto torsions = quartets_of_frames(graph, ensemble.positions.view());
  for (std::size_t f = 0; f < ensemble.ladders.size(); ++f) {
    auto& chain = out.chains[first + ensemble.ladders[f]];
    const auto row = torsions.begin() + static_cast<std::ptrdiff_t>(f * r);
    chain.insert(chain.end(), row, row + static_cast<std::ptrdiff_t>(r));
  }
  for (std::size_t c = first; c < out.chains.size(); ++c)
    if (out.chains[c].empty())
      throw engine::InputError("a chain never had the configuration asked for");
}

}  // namespace

ChainTorsions exchange_chains(const BenchMolecule& molecule, bool torsion_moves,
                              const std::shared_ptr<const engine::TorsionModel>& model,
                              std::size_t n_runs, std::size_t n_sweeps, std::size_t purpose) {
  ChainTorsions result;
  result.frames = engine::CoordinateBatch(kPlainChains, molecule.molecule.n_atoms());
  for (std::size_t run = 0; run < n_runs; ++run) {
    const auto ensemble =
        exchange(molecule, model, n_sweeps, purpose_seed(molecule, purpose + run), torsion_moves);
    append(*molecule.graph, ensemble, engine::EnsembleOptions().n_ladders, result);
    for (std::size_t i = run; i < kPlainChains; i += n_runs) {
      const auto frame =
          ensemble.positions.chain((i + 1) * ensemble.positions.n_chains() / kPlainChains - 1);
      std::copy(frame.begin(), frame.end(), result.frames.chain(i).begin());
    }
  }
  return result;
}

ChainTorsions plain_chains(const BenchMolecule& molecule, const engine::CoordinateBatch& starts,
                           std::size_t n_sweeps, std::size_t purpose) {
  engine::EnsembleOptions options;
  options.n_levels = 1;
  options.n_ladders = kPlainChains;
  options.n_warm_up = 0;  // they start in equilibrium
  options.n_sweeps = n_sweeps;
  options.torsion_moves = false;
  options.seed = purpose_seed(molecule, purpose);
  ChainTorsions result;
  append(*molecule.graph,
         engine::sample_ensemble(molecule.system, molecule.graph, nullptr, starts,
                                 molecule.configuration, options),
         kPlainChains, result);
  return result;
}

double slowest_effective_samples(const engine::TorsionGraph& graph, const ChainTorsions& chains) {
  std::vector<double> torsions;
  std::vector<std::size_t> ladders;
  for (std::size_t c = 0; c < chains.chains.size(); ++c) {
    torsions.insert(torsions.end(), chains.chains[c].begin(), chains.chains[c].end());
    ladders.insert(ladders.end(), chains.chains[c].size() / graph.torsions.size(), c);
  }
  const auto effective = effective_torsion_samples(graph, torsions, ladders);
  return *std::min_element(effective.begin(), effective.end());
}

}  // namespace saltus::tests
