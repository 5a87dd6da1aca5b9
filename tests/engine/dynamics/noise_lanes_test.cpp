// Oracle: scalar Philox and RandomStream for the integers, Box-Muller in double for the normals,
// and the exact distribution function, tails and independence of normals.
#include "engine/dynamics/noise_lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "engine/core/aligned_vector.h"
#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_term.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::uint32_t kChain = 77;

StreamStart start_of(std::uint64_t seed) {
  // A step beyond 32 bits, so that every word of the counter is in use.
  return stream_start({test_seed(seed), (std::uint64_t{5} << 33) + 11}, StreamName::kLangevinNoise,
                      kChain);
}

TEST(NoiseLanes, WordsAreThoseOfTheScalarStreamOnEveryInstructionSet) {
  constexpr std::size_t kBlocks = 5;
  const std::uint32_t first = 0xFFFFFFF0u;
  const StreamStart start = start_of(1);
  for (const std::string& name : available_instruction_sets()) {
    choose_instruction_set(name);
    AlignedVector<std::uint32_t> words(4 * kBlocks * kLaneWidth);
    draw_words(start, first, kBlocks, kLaneWidth, words.data());
    for (std::size_t lane = 0; lane < kLaneWidth; ++lane)
      for (std::size_t block = 0; block < kBlocks; ++block) {
        auto counter = start.counter;
        counter[0] = first + static_cast<std::uint32_t>(block);
        counter[2] += static_cast<std::uint32_t>(lane);
        const auto expected = philox4x32(counter, start.key);
        for (std::size_t w = 0; w < 4; ++w)
          ASSERT_EQ(words[(4 * block + w) * kLaneWidth + lane], expected[w])
              << name << ", lane " << lane << ", word " << 4 * block + w;
      }
  }
  choose_instruction_set(available_instruction_sets().front());
}

TEST(NoiseLanes, WordsAreTheBitsOfRandomStream) {
  const StepKey key{test_seed(2), 9};
  AlignedVector<std::uint32_t> words(8 * kLaneWidth);
  draw_words(stream_start(key, StreamName::kTest, 3), 0, 2, kLaneWidth, words.data());
  RandomStream stream(key, StreamName::kTest, 3 + 6);
  for (std::size_t w = 0; w < 8; w += 2) {
    const std::uint64_t bits = stream.bits();
    EXPECT_EQ(words[w * kLaneWidth + 6], static_cast<std::uint32_t>(bits));
    EXPECT_EQ(words[(w + 1) * kLaneWidth + 6], static_cast<std::uint32_t>(bits >> 32));
  }
}

TEST(NoiseLanes, NormalsAreBoxMullerOfTheWordsOnEveryInstructionSet) {
  constexpr std::size_t kBlocks = 4096;
  const StreamStart start = start_of(3);
  AlignedVector<std::uint32_t> words(4 * kBlocks * kLaneWidth);
  draw_words(start, 0, kBlocks, kLaneWidth, words.data());
  for (const std::string& name : available_instruction_sets()) {
    choose_instruction_set(name);
    AlignedVector<float> normals(words.size());
    draw_normals(start, 0, kBlocks, kLaneWidth, normals.data());
    double largest = 0.0;  // in units of the error that float arithmetic may have
    for (std::size_t n = 0; n < 4 * kBlocks; n += 2)
      for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
        const std::size_t at = n * kLaneWidth + lane;
        const double u = (static_cast<double>(words[at]) + 1.0) * 0x1p-32;
        const double angle = kTwoPi * static_cast<double>(words[at + kLaneWidth]) * 0x1p-32;
        const double radius = std::sqrt(-2.0 * std::log(u));
        // u is rounded to 6e-8, which is an absolute error of the radius squared; all else is
        // relative.
        const double unit = 3e-7 * radius + 6e-8 / radius;
        for (const double error :
             {static_cast<double>(normals[at]) - radius * std::cos(angle),
              static_cast<double>(normals[at + kLaneWidth]) - radius * std::sin(angle)})
          largest = std::max(largest, std::abs(error) / unit);
      }
    EXPECT_LE(largest, 1.0 * tolerance_scale()) << name;
  }
  choose_instruction_set(available_instruction_sets().front());
}

TEST(NoiseLanes, ALaneDoesNotKnowHowManyThereAre) {
  AlignedVector<float> all(8 * kLaneWidth), few(8 * kLaneWidth);
  draw_normals(start_of(4), 5, 2, kLaneWidth, all.data());
  draw_normals(start_of(4), 5, 2, 3, few.data());
  for (std::size_t n = 0; n < 8; ++n)
    for (std::size_t lane = 0; lane < 3; ++lane)
      EXPECT_EQ(few[n * kLaneWidth + lane], all[n * kLaneWidth + lane]);
}

TEST(NoiseLanes, AChainAloneHasTheNormalsOfALane) {
  constexpr std::size_t kBlocks = 37;  // no whole number of vectors
  for (const std::string& name : available_instruction_sets()) {
    choose_instruction_set(name);
    AlignedVector<float> all(4 * kBlocks * kLaneWidth), one(4 * 3 * kLaneWidth);
    draw_normals(start_of(6), 5, kBlocks, kLaneWidth, all.data());
    draw_normals_of_one(start_of(6), 5, kBlocks, one.data());
    for (std::size_t n = 0; n < 4 * kBlocks; ++n) ASSERT_EQ(one[n], all[n * kLaneWidth]) << name;
  }
  choose_instruction_set(available_instruction_sets().front());
}

/// Normals [n_blocks * 4][lane].
AlignedVector<float> draw(std::uint64_t seed, std::size_t n_blocks) {
  AlignedVector<float> normals(4 * n_blocks * kLaneWidth);
  draw_normals(start_of(seed), 0, n_blocks, kLaneWidth, normals.data());
  return normals;
}

TEST(NoiseLanes, NormalsHaveTheirDistributionFunction) {
  const AlignedVector<float> normals = draw(5, 20000);
  // 1.28 million draws: the gap of a uniform of 8 bits would be seen.
  expect_distribution("normals", {normals.begin(), normals.end()}, standard_normal_cdf, 0.0043);
}

/// |sum - n mean| in standard errors of n independent numbers.
double deviation(double sum, double n, double mean, double variance) {
  return std::abs(sum - n * mean) / std::sqrt(n * variance);
}

// 5.33 standard errors have a two-sided probability of 1e-7.
const double kFarthest = 5.33;

TEST(NoiseLanes, NormalsHaveTheirMomentsAndTails) {
  constexpr std::size_t kRounds = 20, kBlocks = 32768;  // 42 million normals
  double sum[5] = {}, beyond[6] = {}, n = 0.0;
  for (std::size_t round = 0; round < kRounds; ++round)
    for (float normal : draw(100 + round, kBlocks)) {
      const double z = static_cast<double>(normal);
      ASSERT_LT(std::abs(z), 6.67);
      double power = 1.0;
      for (std::size_t m = 1; m <= 4; ++m) sum[m] += power *= z;
      for (std::size_t s = 1; s <= 5; ++s) beyond[s] += std::abs(z) > static_cast<double>(s);
      n += 1.0;
    }
  EXPECT_LT(deviation(sum[1], n, 0.0, 1.0), kFarthest);
  EXPECT_LT(deviation(sum[2], n, 1.0, 2.0), kFarthest);
  EXPECT_LT(deviation(sum[3], n, 0.0, 15.0), kFarthest);
  EXPECT_LT(deviation(sum[4], n, 3.0, 96.0), kFarthest);
  for (std::size_t s = 1; s <= 5; ++s) {
    const double p = std::erfc(static_cast<double>(s) / std::sqrt(2.0));
    // 24 draws are expected beyond 5: the normal approximation of their number is good enough for
    // a bound this wide (a Poisson number of mean 24 exceeds 50 with probability 1e-6).
    EXPECT_LT(deviation(beyond[s], n, p, p * (1.0 - p)), kFarthest) << s << " sigma";
  }
}

TEST(NoiseLanes, NormalsAreIndependent) {
  constexpr std::size_t kBlocks = 65536;
  const AlignedVector<float> z = draw(7, kBlocks);
  // Partners of a Box-Muller pair, neighbouring pairs, blocks, lanes, and a distance of 17 blocks,
  // one step of 22 atoms.
  for (std::size_t distance :
       {kLaneWidth, 2 * kLaneWidth, 4 * kLaneWidth, std::size_t{1}, 17 * 4 * kLaneWidth}) {
    double product = 0.0, squares = 0.0, n = 0.0;
    for (std::size_t at = 0; at + distance < z.size(); ++at) {
      const double a = static_cast<double>(z[at]), b = static_cast<double>(z[at + distance]);
      product += a * b;
      squares += (a * a - 1.0) * (b * b - 1.0);
      n += 1.0;
    }
    EXPECT_LT(deviation(product, n, 0.0, 1.0), kFarthest) << "distance " << distance;
    EXPECT_LT(deviation(squares, n, 0.0, 4.0), kFarthest) << "distance " << distance;
  }
}

}  // namespace
}  // namespace saltus::tests
