// Oracle: exact draws of a chain whose internal coordinates are independent.
#include "engine/conformers/ensemble_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/rings/ring_system.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/cyclohexane.h"
#include "tests/support/errors.h"
#include "tests/support/torsion_frames.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kTemperature_K = 300.0;

struct Case {
  ChainMolecule molecule{6};
  std::shared_ptr<const TorsionGraph> graph =
      std::make_shared<TorsionGraph>(make_torsion_graph(molecule.topology()));
  CoordinateBatch starts{8, 6};
  EnsembleOptions options;

  Case() {
    starts.values() = molecule.draw(8, kTemperature_K, 11).positions.values();
    options.temperature_K = kTemperature_K;
    options.n_levels = 3;
    options.n_ladders = 16;
    options.n_warm_up = 64;
    options.n_sweeps = 2000;
  }
  MoleculeEnsemble sample(std::shared_ptr<const TorsionModel> model = nullptr,
                          const Configuration& configuration = {}) const {
    return sample_ensemble(molecule.system(), graph, std::move(model), starts, configuration,
                           options);
  }
};

struct Mean {
  double value = 0.0, error = 0.0;
};

Mean mean_of(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  double sum = 0.0, squares = 0.0;
  for (const double v : values) sum += v;
  for (const double v : values) squares += (v - sum / n) * (v - sum / n);
  return {sum / n, std::sqrt(squares / (n * (n - 1.0)))};
}

/// Mean over ladders, which are independent.
Mean mean_of_ladders(const std::vector<double>& values, const std::vector<std::size_t>& ladders,
                     std::size_t n_ladders) {
  std::vector<double> sums(n_ladders, 0.0), counts(n_ladders, 0.0);
  for (std::size_t f = 0; f < values.size(); ++f) {
    sums[ladders[f]] += values[f];
    counts[ladders[f]] += 1.0;
  }
  for (std::size_t l = 0; l < n_ladders; ++l) sums[l] /= counts[l];
  return mean_of(sums);
}

void expect_exact_averages(const Case& chain, const MoleculeEnsemble& ensemble) {
  const ChainBatch exact = chain.molecule.draw(20000, kTemperature_K, 12);
  const auto torsions = torsions_of_frames(*chain.graph, ensemble.positions.view());
  const auto exact_torsions = torsions_of_frames(*chain.graph, exact.positions.view());
  const std::size_t r = chain.graph->torsions.size();
  // Student's t with 15 degrees of freedom leaves 6 standard errors once in 40,000 comparisons.
  constexpr double kErrors = 6.0;
  const auto compare = [&](const std::string& what, const std::vector<double>& sampled,
                           const std::vector<double>& drawn) {
    const Mean a = mean_of_ladders(sampled, ensemble.ladders, chain.options.n_ladders);
    const Mean b = mean_of(drawn);
    EXPECT_LT(std::abs(a.value - b.value), kErrors * std::hypot(a.error, b.error))
        << what << ": " << a.value << " +- " << a.error << ", exact " << b.value;
    return a.error;
  };
  compare("energy", ensemble.energies, exact.energies);
  for (std::size_t t = 0; t < r; ++t) {
    std::vector<double> sampled, drawn;
    for (std::size_t f = 0; f < ensemble.energies.size(); ++f)
      sampled.push_back(std::cos(torsions[f * r + t]));
    for (std::size_t f = 0; f < exact.energies.size(); ++f)
      drawn.push_back(std::cos(exact_torsions[f * r + t]));
    EXPECT_LT(compare("torsion " + std::to_string(t), sampled, drawn), 0.05);
  }
}

TEST(EnsembleSampler, HasTheBoltzmannDistributionWithHistograms) {
  const Case chain;
  const MoleculeEnsemble ensemble = chain.sample();
  ASSERT_EQ(ensemble.energies.size(), 16u * 2000u);
  expect_exact_averages(chain, ensemble);
}

TEST(EnsembleSampler, HasItWithAPoorModel) {
  const Case chain;
  expect_exact_averages(chain, chain.sample(std::make_shared<NeighbourModel>(*chain.graph)));
}

TEST(EnsembleSampler, HasItWithoutTorsionMoves) {
  Case chain;
  chain.options.torsion_moves = false;
  const MoleculeEnsemble ensemble = chain.sample();
  for (const auto& move : ensemble.facts.acceptances)
    EXPECT_EQ(move.name.find("torsion"), std::string::npos);
  const Mean energy = mean_of_ladders(ensemble.energies, ensemble.ladders, 16);
  const Mean exact = mean_of(chain.molecule.draw(20000, kTemperature_K, 12).energies);
  EXPECT_LT(std::abs(energy.value - exact.value), 6.0 * std::hypot(energy.error, exact.error));
}

/// Share of frames of one sign of a ring torsion, ladder by ladder.
Mean share_of_one_chair(const MoleculeEnsemble& ensemble, std::size_t n_ladders) {
  std::vector<double> signs;
  for (std::size_t f = 0; f < ensemble.n_frames(); ++f)
    signs.push_back(quartet_angle(ensemble.positions.chain(f), {0, 1, 2, 3}) > 0.0 ? 1.0 : 0.0);
  return mean_of_ladders(signs, ensemble.ladders, n_ladders);
}

TEST(EnsembleSampler, ChangesPuckersOfRings) {
  const Cyclohexane molecule;
  EnsembleOptions options;
  options.n_levels = 1;
  options.hottest_K = options.temperature_K;
  options.n_ladders = 16;
  options.n_warm_up = 40;
  options.n_sweeps = 200;
  const auto sample = [&] {
    return sample_ensemble(molecule.system(), molecule.graph(), nullptr, Cyclohexane::start(), {},
                           options);
  };
  const MoleculeEnsemble moved = sample();
  const Mean share = share_of_one_chair(moved, options.n_ladders);
  EXPECT_NEAR(share.value, 0.5, 6.0 * share.error);
  EXPECT_LT(share.error, 0.05);
  const auto& acceptances = moved.facts.acceptances;
  const auto flips = std::find_if(acceptances.begin(), acceptances.end(),
                                  [](const auto& move) { return move.name == "ring_flip"; });
  ASSERT_NE(flips, acceptances.end());
  EXPECT_EQ(flips->n_tried, options.n_ring_moves * options.n_sweeps * options.n_ladders);
  EXPECT_GT(flips->share(), 0.1);

  // Without these moves the ring stays in the chair it began with.
  options.n_ring_moves = 0;
  const MoleculeEnsemble fixed = sample();
  EXPECT_NEAR(std::abs(share_of_one_chair(fixed, options.n_ladders).value - 0.5), 0.5, 1e-12);
}

TEST(EnsembleSampler, DependsOnTheSeedAlone) {
  Case chain;
  chain.options.n_sweeps = 20;
  EXPECT_EQ(chain.sample().energies, chain.sample().energies);
  const auto before = chain.sample().energies;
  chain.options.seed = 2;
  EXPECT_NE(chain.sample().energies, before);
}

TEST(EnsembleSampler, CountsWhatItDoes) {
  Case chain;
  chain.options.n_sweeps = 10;
  chain.options.every = 5;
  const MoleculeEnsemble ensemble = chain.sample();
  EXPECT_EQ(ensemble.energies.size(), 16u * 2u);
  EXPECT_FALSE(ensemble.timed_out);
  std::vector<std::string> names;
  for (const auto& move : ensemble.facts.acceptances) {
    names.push_back(move.name);
    EXPECT_GT(move.n_tried, 0u);
    EXPECT_LE(move.n_accepted, move.n_tried);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"hmc", "replica_exchange", "torsion_reset_1",
                                             "torsion_reset_2", "torsion_reset_3"}));
  // 48 chains, 10 sweeps: a trajectory, two single and two joint resets in each at least.
  EXPECT_GE(ensemble.facts.n_energy_evaluations, 48u * 10u * 5u);
}

TEST(EnsembleSampler, KnowsWhichReplicaAFrameIs) {
  Case chain;
  chain.options.n_sweeps = 200;
  const MoleculeEnsemble ensemble = chain.sample();
  ASSERT_EQ(ensemble.ancestors.size(), ensemble.energies.size());
  std::vector<std::size_t> counts(chain.options.n_levels, 0);
  for (const std::size_t replica : ensemble.ancestors) ++counts.at(replica);
  // All come by, as exchanges are easy here.
  for (const std::size_t count : counts) EXPECT_GT(count, 0u);
  EXPECT_EQ(ensemble.n_changes.size(), chain.graph->torsions.size());
  for (const std::size_t n : ensemble.n_changes) EXPECT_GT(n, 0u);
}

TEST(EnsembleSampler, LeavesOutFramesOfAnotherConfiguration) {
  Case chain;
  chain.options.n_sweeps = 10;
  // The chain's atoms 0 1 2 3 as a centre that is as often one way round as the other.
  Configuration configuration;
  configuration.centres.push_back({1, {0, 2, 3}, 1});
  const MoleculeEnsemble ensemble = chain.sample(nullptr, configuration);
  EXPECT_GT(ensemble.n_lost, 0u);
  EXPECT_EQ(ensemble.energies.size() + ensemble.n_lost, 160u);
  for (std::size_t f = 0; f < ensemble.energies.size(); ++f)
    EXPECT_TRUE(has_configuration(configuration, ensemble.positions.chain(f)));
}

TEST(EnsembleSampler, StopsAtTheDeadline) {
  Case chain;
  chain.options.deadline = std::chrono::steady_clock::now();
  const MoleculeEnsemble ensemble = chain.sample();
  EXPECT_TRUE(ensemble.timed_out);
  EXPECT_TRUE(ensemble.energies.empty());
}

TEST(EnsembleSampler, RefusesImpossibleOptions) {
  Case chain;
  chain.options.hottest_K = 100.0;
  EXPECT_EQ(message_of<InputError>([&] { chain.sample(); }),
            "the hottest temperature of an ensemble must not be below its own");
  chain.options.n_levels = 0;
  EXPECT_EQ(message_of<InputError>([&] { chain.sample(); }),
            "an ensemble needs at least one level, one ladder and one sweep per frame");
}

TEST(TorsionStatistics, TellChainsThatNeverMeet) {
  const Case chain;
  const std::size_t r = chain.graph->torsions.size();
  std::vector<double> torsions;
  std::vector<std::size_t> ladders;
  RandomStream random({5, 0}, StreamName::kTest, 0);
  for (std::size_t f = 0; f < 400; ++f)
    for (std::size_t l = 0; l < 4; ++l) {
      ladders.push_back(l);
      for (std::size_t t = 0; t < r; ++t)
        // The first torsion stays near where its ladder began, the others are free.
        torsions.push_back(t == 0 ? static_cast<double>(l) + 0.1 * random.normal()
                                  : kTwoPi * random.uniform());
    }
  const auto effective = effective_torsion_samples(*chain.graph, torsions, ladders);
  EXPECT_LT(effective[0], 20.0);
  for (std::size_t t = 1; t < r; ++t) EXPECT_GT(effective[t], 800.0);
}

}  // namespace
}  // namespace saltus::tests
