// Oracle: quadrature, equal bits, and the same molecule written in another way.
#include "mlsamplers/torsions/network_torsion_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/units.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using engine::TorsionGraph;
using engine::VonMisesMixture;
using mlsamplers::marginal_densities;

/// Ethyl-like torsions of all kinds: nitrogens, oxygens, methyls, branches.
TorsionGraph branched() {
  return make_graph({{6, engine::kNowhere},
                     {6, 0},
                     {7, 1},
                     {6, 2},
                     {6, 3},
                     {8, 4},
                     {6, 3},
                     {7, 1},
                     {6, 6},
                     {9, 6}});
}

/// A context and the memory behind it.
struct Known {
  std::vector<double> torsions;
  std::vector<std::uint8_t> mask;
  std::vector<int> signs;
  engine::TorsionContext context() const { return {torsions, mask, signs}; }
};

Known random_context(const TorsionGraph& graph, std::uint64_t purpose) {
  auto stream = test_stream(purpose);
  Known known;
  for (std::size_t i = 0; i < graph.torsions.size(); ++i) {
    known.torsions.push_back(engine::kTwoPi * stream.uniform() - engine::kPi);
    known.mask.push_back(static_cast<std::uint8_t>(stream.below(2)));
  }
  for (std::size_t i = 0; i < graph.inversions.size(); ++i)
    known.signs.push_back(stream.below(2) == 1 ? 1 : -1);
  return known;
}

std::shared_ptr<const engine::TorsionModel> model_of(const TorsionGraph& graph) {
  return trained_on_molecules().network.model_for(graph);
}

VonMisesMixture density_of(const TorsionGraph& graph, std::size_t torsion, const Known& known) {
  VonMisesMixture mixture;
  model_of(graph)->density(torsion, known.context(), mixture);
  return mixture;
}

/// Parameters in a row, for comparisons of bits.
std::vector<double> numbers_of(const VonMisesMixture& mixture) {
  std::vector<double> numbers = {static_cast<double>(mixture.fold), mixture.uniform};
  for (const auto* list : {&mixture.weights, &mixture.means, &mixture.concentrations})
    numbers.insert(numbers.end(), list->begin(), list->end());
  return numbers;
}

/// Largest difference of log-densities on a grid.
double difference(const VonMisesMixture& a, const VonMisesMixture& b, double sign = 1.0) {
  double largest = 0.0;
  for (double tau = -3.0; tau < 3.1; tau += 0.1)
    largest = std::max(largest, std::abs(a.log_density(tau) - b.log_density(sign * tau)));
  return largest;
}

TEST(NetworkTorsionModel, DensitiesIntegrateToOneWithTheSymmetryOfTheirRotor) {
  const TorsionGraph graph = branched();
  const Known known = random_context(graph, 1);
  int n_rotors = 0, n_folded = 0;
  for (std::size_t b = 0; b < graph.torsions.size(); ++b) {
    const VonMisesMixture q = density_of(graph, b, known);
    EXPECT_EQ(q.fold, graph.torsions[b].fold);
    n_rotors += graph.torsions[b].symmetry == 3;
    n_folded += q.fold == 3;
    constexpr int kPoints = 4000;  // the trapezoidal rule is exact far beyond 1e-12 here
    double integral = 0.0;
    for (int i = 0; i < kPoints; ++i)
      integral += std::exp(q.log_density(engine::kTwoPi * i / kPoints)) * engine::kTwoPi / kPoints;
    EXPECT_NEAR(integral, 1.0, 1e-9) << b;
    EXPECT_NEAR(q.log_density(0.3), q.log_density(0.3 + engine::kTwoPi / q.fold), 1e-9);
  }
  EXPECT_EQ(n_rotors, 2);
  EXPECT_EQ(n_folded, 1);
}

TEST(NetworkTorsionModel, TheOrderOfAtomsBondsAndEndsDoesNotShow) {
  const TorsionGraph graph = branched();
  const Known known = random_context(graph, 2);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const PermutedGraph other = permuted(graph, seed);
    Known moved = known;
    for (std::size_t b = 0; b < graph.torsions.size(); ++b) {
      moved.torsions[other.torsion_of[b]] = known.torsions[b];
      moved.mask[other.torsion_of[b]] = known.mask[b];
    }
    for (std::size_t i = 0; i < graph.inversions.size(); ++i)
      moved.signs[other.inversion_of[i]] = known.signs[i];
    for (std::size_t b = 0; b < graph.torsions.size(); ++b)
      // Sums of float32 in another order.
      EXPECT_LT(difference(density_of(graph, b, known),
                           density_of(other.graph, other.torsion_of[b], moved)),
                2e-4)
          << b;
  }
}

TEST(NetworkTorsionModel, HiddenTorsionsDoNotShowAndKnownOnesDo) {
  const TorsionGraph graph = branched();
  Known known = random_context(graph, 3);
  const auto model = model_of(graph);
  int n_seen = 0;
  for (std::size_t b = 0; b < graph.torsions.size(); ++b) {
    const auto before = numbers_of(density_of(graph, b, known));
    for (std::size_t c = 0; c < graph.torsions.size(); ++c) {
      Known other = known;
      other.torsions[c] = c == b || known.mask[c] == 0 ? std::nan("") : known.torsions[c] + 1.0;
      VonMisesMixture q;
      model->density(b, other.context(), q);
      if (c == b || known.mask[c] == 0) {
        EXPECT_EQ(numbers_of(q), before) << b << " sees " << c;
      } else {
        n_seen += numbers_of(q) != before;
      }
    }
  }
  EXPECT_GT(n_seen, 10);
}

TEST(NetworkTorsionModel, KnownAnglesCountModuloTheirSymmetry) {
  const TorsionGraph graph = branched();
  Known known = random_context(graph, 4);
  known.mask.assign(known.mask.size(), 1);
  for (std::size_t b = 0; b < graph.torsions.size(); ++b) {
    Known turned = known;
    for (std::size_t c = 0; c < graph.torsions.size(); ++c)
      turned.torsions[c] += engine::kTwoPi / graph.torsions[c].symmetry;
    EXPECT_LT(difference(density_of(graph, b, known), density_of(graph, b, turned)), 1e-4) << b;
  }
}

TEST(NetworkTorsionModel, ANegativeSignIsThatOfTheCentreTurnedInsideOut) {
  const TorsionGraph graph = branched();
  ASSERT_EQ(graph.inversions.size(), 2u);
  const Known known = random_context(graph, 5);
  double seen = 0.0;
  for (std::size_t centre = 0; centre < 2; ++centre) {
    TorsionGraph turned = graph;
    for (engine::TorsionBond& torsion : turned.torsions)
      for (engine::TorsionEnd& end : torsion.ends)
        if (end.inversion == centre) std::swap(end.others[0], end.others[2]);
    Known other = known;
    other.signs[centre] = -known.signs[centre];
    for (std::size_t b = 0; b < graph.torsions.size(); ++b) {
      const VonMisesMixture q = density_of(graph, b, known);
      EXPECT_LT(difference(q, density_of(turned, b, other)), 2e-4) << b;
      seen = std::max(seen, difference(q, density_of(graph, b, other)));
    }
  }
  EXPECT_GT(seen, 0.01);
}

TEST(NetworkTorsionModel, MarginalsAreWhatNothingKnownGives) {
  const TorsionGraph graph = branched();
  Known known = random_context(graph, 6);
  known.mask.assign(known.mask.size(), 0);
  const auto marginals = marginal_densities(*model_of(graph), known.signs);
  ASSERT_EQ(marginals.size(), graph.torsions.size());
  for (std::size_t b = 0; b < marginals.size(); ++b)
    EXPECT_EQ(numbers_of(marginals[b]), numbers_of(density_of(graph, b, known)));
}

TEST(NetworkTorsionModel, AMoleculeWithoutTorsionsHasAnEmptyModel) {
  const TorsionGraph graph = make_graph({{6, engine::kNowhere}});
  EXPECT_EQ(model_of(graph)->n_torsions(), 0u);
  EXPECT_TRUE(marginal_densities(*model_of(graph), {}).empty());
}

}  // namespace
}  // namespace saltus::tests
