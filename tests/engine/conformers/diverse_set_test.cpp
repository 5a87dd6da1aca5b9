// Oracle: all subsets tried, each pair superposed by engine/conformers/shape_comparison.h.
#include "engine/conformers/diverse_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/conformers/shape_blocks.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

constexpr std::size_t kAtoms = 6;

/// Scattered about one shape; the first two atoms are equal.
CoordinateBatch scattered(std::size_t n_shapes, double width) {
  CoordinateBatch x(n_shapes, kAtoms);
  RandomStream centre({3, 0}, StreamName::kTest, 0);
  std::vector<double> mean(3 * kAtoms);
  for (double& value : mean) value = 0.2 * centre.normal();
  for (std::size_t c = 0; c < n_shapes; ++c) {
    RandomStream random({3, 1}, StreamName::kTest, static_cast<std::uint32_t>(c));
    for (std::size_t i = 0; i < mean.size(); ++i) x.chain(c)[i] = mean[i] + width * random.normal();
  }
  return x;
}

ShapeComparison comparison() {
  std::vector<std::size_t> atoms(kAtoms);
  std::iota(atoms.begin(), atoms.end(), std::size_t{0});
  std::vector<std::uint32_t> same(kAtoms);
  std::iota(same.begin(), same.end(), 0u);
  std::vector<std::uint32_t> exchanged = same;
  std::swap(exchanged[0], exchanged[1]);
  return ShapeComparison(atoms, {same, exchanged});
}

TEST(ShapeBlocks, CountRadiiLikeSuperpositionsDo) {
  const CoordinateBatch x = scattered(40, 0.05);  // not a whole number of blocks
  const ShapeComparison compare = comparison();
  std::vector<ShapeComparison::Shape> shapes;
  for (std::size_t c = 0; c < x.n_chains(); ++c) shapes.push_back(compare.shape(x.chain(c)));
  const ShapeBlocks blocks(compare, {shapes.data(), shapes.size()});
  const std::vector<double> radii = {0.1, 0.08, 0.05};
  std::vector<std::size_t> seen(radii.size() + 1, 0);
  std::vector<std::uint8_t> counts(shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    blocks.count_radii(i, radii, {counts.data(), counts.size()});
    EXPECT_EQ(counts[i], radii.size()) << "a shape is near itself";
    for (std::size_t j = 0; j < shapes.size(); ++j) {
      if (i == j) continue;
      const double rmsd = compare.rmsd(shapes[i], shapes[j]);
      const auto expected =
          std::count_if(radii.begin(), radii.end(), [&](double radius) { return rmsd < radius; });
      EXPECT_EQ(counts[j], expected) << "rmsd " << rmsd;
      ++seen[counts[j]];
    }
  }
  for (const std::size_t n : seen) EXPECT_GT(n, 0u) << "a count that the shapes do not try";
}

struct Problem {
  CoordinateBatch x = scattered(12, 0.05);
  ShapeComparison compare = comparison();
  std::vector<double> weights;
  std::vector<double> radii_nm = {0.1, 0.08}, worth = {1.0, 0.5};

  Problem() {
    RandomStream random({3, 2}, StreamName::kTest, 0);
    for (std::size_t c = 0; c < x.n_chains(); ++c) weights.push_back(random.uniform());
  }
  double covered(const std::vector<std::size_t>& set) const {
    double sum = 0.0;
    for (std::size_t j = 0; j < x.n_chains(); ++j) {
      double best = 0.0;
      for (const std::size_t i : set) {
        const double rmsd =
            i == j ? 0.0 : compare.rmsd(compare.shape(x.chain(i)), compare.shape(x.chain(j)));
        double value = 0.0;
        for (std::size_t r = 0; r < radii_nm.size(); ++r)
          if (rmsd < radii_nm[r]) value += worth[r];
        best = std::max(best, value);
      }
      sum += weights[j] * best;
    }
    return sum;
  }
  std::vector<std::size_t> chosen() const {
    Nearness nearness(compare, radii_nm);
    // Some are added later.
    nearness.add(x.view().slice(0, 5));
    nearness.add(x.view().slice(5, x.n_chains() - 5));
    std::vector<std::size_t> all(x.n_chains());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return choose_diverse(nearness, all, weights, worth, 3);
  }
};

TEST(DiverseSet, EachChoiceIsTheBestNextOne) {
  const Problem problem;
  const auto chosen = problem.chosen();
  ASSERT_EQ(chosen.size(), 3u);
  std::vector<std::size_t> set;
  for (const std::size_t next : chosen) {
    double best = 0.0;
    for (std::size_t c = 0; c < problem.x.n_chains(); ++c) {
      set.push_back(c);
      best = std::max(best, problem.covered(set));
      set.pop_back();
    }
    set.push_back(next);
    EXPECT_NEAR(problem.covered(set), best, 1e-12) << "sums of 12 numbers of order 1";
  }
}

TEST(DiverseSet, IsNearlyTheBestOfAllSets) {
  const Problem problem;
  double best = 0.0;
  for (std::size_t a = 0; a < 12; ++a)
    for (std::size_t b = 0; b < a; ++b)
      for (std::size_t c = 0; c < b; ++c) best = std::max(best, problem.covered({a, b, c}));
  EXPECT_GE(problem.covered(problem.chosen()), (1.0 - std::exp(-1.0)) * best);
}

TEST(DiverseSet, StopsWhenNothingIsGained) {
  Problem problem;
  for (std::size_t c = 1; c < problem.x.n_chains(); ++c)
    std::copy(problem.x.chain(0).begin(), problem.x.chain(0).end(), problem.x.chain(c).begin());
  EXPECT_EQ(problem.chosen(), std::vector<std::size_t>{0});
  problem.weights.assign(problem.x.n_chains(), 0.0);
  EXPECT_TRUE(problem.chosen().empty());
}

TEST(DiverseSet, IsChosenFromCandidatesOnly) {
  const Problem problem;
  Nearness nearness(problem.compare, problem.radii_nm);
  nearness.add(problem.x.view());
  const std::vector<std::size_t> candidates = {9, 2, 7, 4};
  CoordinateBatch x(candidates.size(), kAtoms);
  for (std::size_t c = 0; c < candidates.size(); ++c)
    x.copy_chain(problem.x.view(), candidates[c], c);
  Nearness alone(problem.compare, problem.radii_nm);
  alone.add(x.view());
  const std::vector<double> weights = {0.3, 0.1, 0.2, 0.4};
  const auto chosen = choose_diverse(nearness, candidates, weights, problem.worth, 4);
  const std::vector<std::size_t> numbers = {0, 1, 2, 3};
  std::vector<std::size_t> expected;
  for (const std::size_t c : choose_diverse(alone, numbers, weights, problem.worth, 4))
    expected.push_back(candidates[c]);
  EXPECT_EQ(chosen, expected);
}

TEST(Nearness, KnowsWhichStandAlone) {
  Problem problem;
  // Copies of the first, the last one apart.
  const std::size_t n = problem.x.n_chains();
  for (std::size_t c = 1; c + 1 < n; ++c)
    std::copy(problem.x.chain(0).begin(), problem.x.chain(0).end(), problem.x.chain(c).begin());
  for (double& value : problem.x.chain(n - 1)) value *= 3.0;
  const auto n_alone = [&](ConstCoordinates x, double rmsd_nm) {
    Nearness nearness(problem.compare, {rmsd_nm});
    nearness.add(x);
    return nearness.count_alone();
  };
  EXPECT_EQ(n_alone(problem.x.view(), 1e-3), 1u);
  EXPECT_EQ(n_alone(problem.x.view(), 100.0), 0u);
  EXPECT_EQ(n_alone(problem.x.view().slice(0, 1), 1.0), 1u);
  Nearness nearness(problem.compare, {1e-3});
  nearness.add(problem.x.view());
  EXPECT_EQ(nearness.count_alone(std::vector<std::size_t>{0, n - 1}), 2u)
      << "the copies are left out";
}

TEST(Nearness, FindsThoseFarFromAllOthers) {
  const Problem problem;
  const ConstCoordinates x = problem.x.view();
  const std::vector<bool> far =
      is_far_from_all(x.slice(4, 8), x.slice(0, 4), problem.compare, 0.09);
  ASSERT_EQ(far.size(), 8u);
  std::size_t n_far = 0;
  for (std::size_t c = 0; c < 8; ++c) {
    double nearest = 1.0;
    for (std::size_t k = 0; k < 4; ++k)
      nearest = std::min(nearest, problem.compare.rmsd(problem.compare.shape(x.chain(4 + c)),
                                                       problem.compare.shape(x.chain(k))));
    EXPECT_EQ(far[c], nearest >= 0.09);
    n_far += far[c] ? 1 : 0;
  }
  EXPECT_GT(n_far, 0u);
  EXPECT_LT(n_far, 8u);
}

TEST(DiverseSet, SaysWhatIsWrong) {
  const auto message = [](const Problem& problem) {
    return tests::message_of<InputError>([&] { problem.chosen(); });
  };
  Problem few;
  few.weights.pop_back();
  EXPECT_EQ(message(few), "diverse set: 11 weights for 12 conformers");
  Problem rising;
  rising.radii_nm = {0.05, 0.1};
  EXPECT_EQ(message(rising), "nearness: radii must be positive and fall");
  Problem uneven;
  uneven.worth = {1.0};
  EXPECT_EQ(message(uneven), "diverse set: there must be as many worths as radii");
  Problem negative;
  negative.weights[3] = -1.0;
  EXPECT_EQ(message(negative), "diverse set: weights must be finite and not negative");
}

}  // namespace
}  // namespace saltus::engine
