// Oracle: hand counts, and the density estimate against the density the samples came from.
#include "engine/torsions/histogram_torsion_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

TorsionGraph pentane_chain() { return make_torsion_graph(ChainMolecule().topology()); }

VonMisesMixture density_of(const TorsionModel& model, std::size_t torsion) {
  VonMisesMixture mixture{2, 0.5, {1.0, 1.0}, {0.0, 0.0}, {0.0, 0.0}};  // leftovers
  model.density(torsion, {}, mixture);
  return mixture;
}

TEST(UniformTorsionModel, AreUniform) {
  const UniformTorsionModel model(2);
  EXPECT_EQ(model.name(), "uniform");
  EXPECT_EQ(model.n_torsions(), 2u);
  EXPECT_NEAR(density_of(model, 1).log_density(0.3), -std::log(kTwoPi), 1e-15);
}

TEST(HistogramTorsionModel, CountsFoldedAngles) {
  TorsionGraph graph = pentane_chain();
  graph.torsions[1].fold = 3;
  const double degree = kRadianPerDegree;
  // Torsion 1 folds 65, -55 and -175 degrees to one angle, 195 = -165 degrees.
  const std::vector<double> samples = {3 * degree,    65 * degree,   7 * degree,   -55 * degree,
                                       -177 * degree, -175 * degree, 183 * degree, 11 * degree};
  const HistogramTorsionModel model(graph, samples);
  EXPECT_EQ(model.name(), "histogram");
  EXPECT_EQ(model.n_torsions(), 2u);

  const VonMisesMixture first = density_of(model, 0);
  EXPECT_EQ(first.fold, 1);
  ASSERT_EQ(first.weights.size(), 2u);
  EXPECT_EQ(first.weights[0], 0.5);
  EXPECT_NEAR(first.means[0], -175 * degree, 1e-12);
  EXPECT_NEAR(first.means[1], 5 * degree, 1e-12);
  EXPECT_NEAR(first.concentrations[0], 1.5 * std::pow(36.0 / kTwoPi, 2), 1e-12);
  EXPECT_EQ(first.uniform, 0.02);

  const VonMisesMixture second = density_of(model, 1);
  EXPECT_EQ(second.fold, 3);
  EXPECT_EQ(second.weights, (std::vector<double>{0.75, 0.25}));
  EXPECT_NEAR(second.means[0], -165 * degree, 1e-12);
  EXPECT_NEAR(second.means[1], 35 * degree, 1e-12);
}

TEST(HistogramTorsionModel, ComesNearTheDensityItsSamplesCameFrom) {
  const VonMisesMixture truth{3, 0.2, {0.6, 0.4}, {0.5, -2.0}, {3.0, 5.0}};
  TorsionGraph graph = pentane_chain();
  for (TorsionBond& torsion : graph.torsions) torsion.fold = 3;
  auto stream = test_stream(21);
  std::vector<double> samples(2 * 200000);
  for (double& tau : samples) tau = truth.sample(stream);
  const VonMisesMixture estimate = density_of(HistogramTorsionModel(graph, samples), 0);
  // Bins and kernels blur by 10 degrees of the folded angle; counting adds 2 % in the valleys.
  for (double tau = -3.1; tau < 3.1; tau += 0.1)
    EXPECT_NEAR(estimate.log_density(tau), truth.log_density(tau), tolerance_scale() * 0.15);
}

TEST(HistogramTorsionModel, RefusesWhatIsNoSample) {
  const TorsionGraph graph = pentane_chain();
  const auto message = [](const TorsionGraph& of, const std::vector<double>& samples) {
    return message_of<InputError>([&] { HistogramTorsionModel(of, samples); });
  };
  EXPECT_EQ(message({}, {}), "torsion histogram: the molecule has no torsion");
  EXPECT_EQ(message(graph, {}),
            "torsion histogram: 0 angles, expected a positive multiple of the 2 torsions");
  EXPECT_EQ(message(graph, {1.0, 2.0, 3.0}),
            "torsion histogram: 3 angles, expected a positive multiple of the 2 torsions");
  EXPECT_EQ(message(graph, {1.0, 2.0, 3.0, std::numeric_limits<double>::quiet_NaN()}),
            "torsion histogram: torsion 1 of sample 1 is not a finite number");
}

}  // namespace
}  // namespace saltus::tests
