// Oracle: published known answers of Philox4x32-10 (Random123), exact distribution functions with
// the DKW bound, and the promises of the key: every part of it changes the numbers.
#include "engine/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;
using Block = std::array<std::uint32_t, 4>;

TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

/// Every purpose there is.
std::vector<StreamName> all_names() {
  std::vector<StreamName> names;
  for (std::uint16_t i = 1; i < static_cast<std::uint16_t>(StreamName::kEnd); ++i)
    names.push_back(static_cast<StreamName>(i));
  return names;
}

TEST(StreamName, NumbersStay) {
  // Another number would change every result: new names follow the last one.
  EXPECT_EQ(all_names().front(), StreamName::kVelocities);
  EXPECT_EQ(static_cast<int>(StreamName::kTest), 14);
  EXPECT_EQ(static_cast<int>(StreamName::kPoolChoice), 24);
  EXPECT_EQ(static_cast<int>(StreamName::kSolvation), 25);
  EXPECT_GE(all_names().size(), 25u);
}

TEST(RandomStream, EveryPartOfTheKeyGivesAStreamOfItsOwn) {
  // Seeds and steps on both sides of 32 bits; four numbers of each stream, all different.
  std::set<std::uint64_t> seen;
  std::size_t n_drawn = 0;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 32, ~0ull})
    for (std::uint64_t step : {0ull, 1ull, 1ull << 32, (1ull << 48) - 1})
      for (StreamName name : all_names())
        for (std::uint32_t chain : {0u, 1u, 0xffffffffu}) {
          RandomStream stream({seed, step}, name, chain);
          for (int i = 0; i < 4; ++i, ++n_drawn) seen.insert(stream.bits());
        }
  EXPECT_EQ(seen.size(), n_drawn);
}

TEST(RandomStream, SameKeySameNumbers) {
  RandomStream a({3, 4}, StreamName::kProposal, 5), b({3, 4}, StreamName::kProposal, 5);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.bits(), b.bits());
}

TEST(StepKey, ChildrenAreIndependentOfParentSiblingsAndGrandchildren) {
  const StepKey root{42, 7};
  std::set<std::uint64_t> seeds = {root.seed};
  for (std::uint32_t i = 0; i < 20; ++i) {
    const StepKey child = root.child(i);
    EXPECT_EQ(child.step, root.step);
    seeds.insert(child.seed);
    for (std::uint32_t j = 0; j < 20; ++j) seeds.insert(child.child(j).seed);
  }
  EXPECT_EQ(seeds.size(), 1u + 20u + 400u);
}

TEST(StepKey, ChildOfAStepIsThatOfTheSeed) {
  // A composite's parts keep their seeds from step to step; only the step differs.
  EXPECT_EQ((StepKey{42, 7}.child(3).seed), (StepKey{42, 8}.child(3).seed));
}

TEST(StepKey, StreamsOfSiblingsAreUncorrelated) {
  // The sum of two independent uniforms modulo 1 is uniform; of two equal or opposite ones it is
  // not.
  const StepKey root{test_seed(1), 0};
  std::vector<double> sums;
  for (std::uint32_t chain = 0; chain < 100000; ++chain) {
    const double a = RandomStream(root.child(0), StreamName::kAccept, chain).uniform();
    const double b = RandomStream(root.child(1), StreamName::kAccept, chain).uniform();
    sums.push_back(std::fmod(a + b, 1.0));
  }
  expect_distribution(
      "sum of siblings", sums, [](double x) { return x; }, 0.016);
}

TEST(RandomStream, UniformsLieOnTheOpenGrid) {
  RandomStream stream({test_seed(2), 0}, StreamName::kTest, 0);
  constexpr double kSteps = 4503599627370496.0;  // 2^52
  std::vector<double> draws;
  for (int i = 0; i < 200000; ++i) {
    const double u = stream.uniform();
    ASSERT_GT(u, 0.0);
    ASSERT_LT(u, 1.0);
    const double place = u * kSteps - 0.5;
    ASSERT_EQ(place, std::floor(place)) << "not half a step off a multiple of 2^-52";
    draws.push_back(u);
  }
  expect_distribution(
      "uniform", draws, [](double x) { return x; }, 0.012);
}

TEST(RandomStream, NormalsAreNormalAndPairsIndependent) {
  RandomStream stream({test_seed(3), 0}, StreamName::kTest, 0);
  std::vector<double> even, odd, sums;
  for (int i = 0; i < 100000; ++i) {
    even.push_back(stream.normal());
    odd.push_back(stream.normal());
    sums.push_back((even.back() + odd.back()) / std::sqrt(2.0));
  }
  expect_projections({{"even", even, standard_normal_cdf},
                      {"odd", odd, standard_normal_cdf},
                      {"sum of a pair", sums, standard_normal_cdf}},
                     0.018);
}

TEST(RandomStream, BelowIsUnbiased) {
  // 3 * 2^62 does not divide 2^64: a plain remainder would give the first 2^62 numbers twice the
  // weight of the others.
  constexpr std::uint64_t kLarge = 3ull << 62;
  RandomStream stream({test_seed(4), 0}, StreamName::kTest, 0);
  std::vector<double> draws;
  std::size_t counts[3] = {0, 0, 0};
  constexpr std::size_t kDraws = 100000;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const std::uint64_t value = stream.below(kLarge);
    ASSERT_LT(value, kLarge);
    draws.push_back(static_cast<double>(value) / static_cast<double>(kLarge));
    ++counts[stream.below(3)];
  }
  expect_distribution(
      "below 3 * 2^62", draws, [](double x) { return x; }, 0.016);
  for (std::size_t count : counts)
    EXPECT_NEAR(static_cast<double>(count) / kDraws, 1.0 / 3.0,
                tolerance_scale() * dkw_threshold(kDraws, kAlpha));
  EXPECT_EQ(stream.below(1), 0u);
}

TEST(Shuffle, MakesEveryOrderEquallyOften) {
  RandomStream stream({test_seed(5), 0}, StreamName::kTest, 0);
  std::map<std::vector<int>, std::size_t> counts;
  constexpr std::size_t kDraws = 100000;
  for (std::size_t i = 0; i < kDraws; ++i) {
    std::vector<int> values = {1, 2, 3};
    engine::shuffle(engine::Span<int>(values), stream);
    ++counts[values];
  }
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) {
    EXPECT_TRUE(std::is_permutation(order.begin(), order.end(), std::vector<int>{1, 2, 3}.begin()));
    EXPECT_NEAR(static_cast<double>(count) / kDraws, 1.0 / 6.0,
                tolerance_scale() * dkw_threshold(kDraws, kAlpha));
  }
  std::vector<int> none;
  engine::shuffle(engine::Span<int>(none), stream);
}

}  // namespace
}  // namespace saltus::tests
