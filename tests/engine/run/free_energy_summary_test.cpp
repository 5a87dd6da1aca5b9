// Oracle: exact free energies, energies and heat capacities of harmonic oscillators, and counts of
// frames and blocks by hand. Values must be within six of their own errors, which are known to 20
// %: false alarms below 1e-5 each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/run/free_energy_summary.h"
#include "engine/run/run_summary.h"
#include "tests/support/environment.h"

namespace saltus::engine {
namespace {

using tests::test_seed;
using tests::tolerance_scale;

constexpr double kStandardErrors = 6.0;
constexpr std::size_t kDimensions = 9;

/// Oscillators of nine dimensions; each energy stays for `repeats` frames.
LadderRecord oscillators(std::size_t n_ladders, std::size_t n_frames, std::size_t repeats = 1,
                         std::vector<double> temperatures_K = {300.0, 360.0, 430.0}) {
  LadderRecord record;
  record.temperatures_K = std::move(temperatures_K);
  record.n_ladders = n_ladders;
  record.n_frames = n_frames;
  record.steps_per_frame = 10;
  for (std::size_t k = 0; k < record.temperatures_K.size(); ++k)
    for (std::size_t l = 0; l < n_ladders; ++l)
      for (std::size_t t = 0; t < n_frames; ++t) {
        RandomStream stream({test_seed(31 + k), t / repeats}, StreamName::kTest,
                            static_cast<std::uint32_t>(l));
        double square = 0.0;
        for (std::size_t d = 0; d < kDimensions; ++d) square += std::pow(stream.normal(), 2);
        record.energies.push_back(0.5 * kGasConstant * record.temperatures_K[k] * square);
      }
  return record;
}

/// f_k - f_0.
double exact(const LadderRecord& record, std::size_t k) {
  return -0.5 * kDimensions * std::log(record.temperatures_K[k] / record.temperatures_K[0]);
}

void expect_near(const FreeEnergyEstimate& estimate, double value) {
  EXPECT_NEAR(estimate.value, value, tolerance_scale() * kStandardErrors * estimate.error);
  EXPECT_GT(estimate.error, 0.0);
  EXPECT_LT(estimate.error, 0.2) << "an error must be seen";
}

TEST(FreeEnergySummary, IsThatOfOscillators) {
  const LadderRecord record = oscillators(16, 60);
  const FreeEnergySummary summary = summarise_ladder(record);
  EXPECT_EQ(summary.missing, "");
  EXPECT_EQ(summary.mbar_missing, "");
  for (std::size_t k = 1; k < 3; ++k) {
    expect_near(summary.mbar.from_first[k], exact(record, k));
    expect_near(summary.mbar.to_next[k - 1], exact(record, k) - exact(record, k - 1));
    expect_near(summary.plain.from_first[k], exact(record, k));
  }
  EXPECT_TRUE(summary.mapped.pairs.empty());
  EXPECT_TRUE(free_energy_warnings(summary).empty());
}

TEST(FreeEnergySummary, HasEnergiesAndHeatCapacities) {
  const LadderRecord record = oscillators(16, 60);
  const FreeEnergySummary summary = summarise_ladder(record);
  ASSERT_EQ(summary.levels.size(), 3U);
  for (const LevelSummary& level : summary.levels) {
    const double half = 0.5 * kDimensions * kGasConstant;
    expect_near({level.mean_energy / (half * level.temperature_K),
                 level.mean_energy_error / (half * level.temperature_K)},
                1.0);
    expect_near({level.heat_capacity / half, level.heat_capacity_error / half}, 1.0);
  }
}

TEST(FreeEnergySummary, ThinsFramesByTheirInefficiency) {
  // 1 + 2 (3/4 + 2/4 + 1/4) = 4 of energies that stay for four frames.
  const FreeEnergySummary summary = summarise_ladder(oscillators(16, 400, 4));
  EXPECT_GE(summary.inefficiency_steps, 36.0);
  EXPECT_LE(summary.inefficiency_steps, 48.0);
  EXPECT_EQ(summary.steps_between_samples % 10, 0U);
  EXPECT_GE(summary.steps_between_samples, summary.inefficiency_steps);
  EXPECT_LT(static_cast<double>(summary.steps_between_samples), summary.inefficiency_steps + 10.0);
  const std::uint64_t stride = summary.steps_between_samples / 10;
  EXPECT_EQ(summary.n_samples, 16 * ((400 + stride - 1) / stride));
  EXPECT_TRUE(summary.whole_ladders);
  EXPECT_EQ(summary.n_blocks, 16U);
  EXPECT_EQ(summary.block_size, summary.n_samples / 16);
}

TEST(FreeEnergySummary, TakesNoMoreThanItMay) {
  LadderSummaryOptions options;
  options.most_potentials = 16 * 9 * 20;
  const FreeEnergySummary summary = summarise_ladder(oscillators(16, 60), options);
  EXPECT_EQ(summary.n_samples, 16U * 20U);
  EXPECT_EQ(summary.steps_between_samples, 30U);
}

TEST(FreeEnergySummary, TakesPiecesOfOneLadder) {
  const LadderRecord record = oscillators(1, 2000, 2);
  const FreeEnergySummary summary = summarise_ladder(record);
  EXPECT_EQ(summary.missing, "");
  EXPECT_FALSE(summary.whole_ladders);
  EXPECT_EQ(summary.block_words(), "pieces of ladders");
  EXPECT_EQ(summary.n_blocks * summary.block_size, summary.n_samples);
  // Pieces are five inefficiencies long, which are two frames here and known to 20 %.
  const double piece_steps =
      static_cast<double>(summary.block_size * summary.steps_between_samples);
  EXPECT_GE(piece_steps, 5.0 * summary.inefficiency_steps - 1e-9);
  EXPECT_LE(piece_steps, 180.0);
  for (std::size_t k = 1; k < 3; ++k) expect_near(summary.mbar.from_first[k], exact(record, k));
}

TEST(FreeEnergySummary, SaysThatARunIsTooShortForErrors) {
  const FreeEnergySummary summary = summarise_ladder(oscillators(1, 20));
  EXPECT_THAT(summary.missing,
              testing::StartsWith("errors need 8 independent blocks of frames, this run has "));
  EXPECT_TRUE(summary.mbar.from_first.empty());
  EXPECT_EQ(summary.levels.size(), 3U);
  EXPECT_EQ(summarise_ladder(oscillators(9, 3)).missing,
            "the run has 3 frames, at least 4 are needed");
}

TEST(FreeEnergySummary, CountsTheWorkAgainstThePressure) {
  // Oscillators whose energies are split between U and p V at random have the same u_k.
  LadderRecord record = oscillators(16, 60);
  const FreeEnergySummary at_once = summarise_ladder(record);
  record.pressure = 2.0;
  for (std::size_t i = 0; i < record.energies.size(); ++i) {
    record.volumes.push_back(3.0 + std::sin(static_cast<double>(i)));
    record.energies[i] -= record.pressure * record.volumes[i];
  }
  const FreeEnergySummary summary = summarise_ladder(record);
  EXPECT_TRUE(summary.constant_pressure);
  for (std::size_t k = 1; k < 3; ++k) expect_near(summary.mbar.from_first[k], exact(record, k));
  EXPECT_NEAR(summary.levels[1].heat_capacity, at_once.levels[1].heat_capacity, 1e-9);
  record.pressure = 0.0;
  const double wrong = summarise_ladder(record).mbar.from_first[1].value;
  EXPECT_GT(std::abs(wrong - exact(record, 1)), kStandardErrors * summary.mbar.from_first[1].error);
}

/// Adds works of the map x' = (T' / T)^(exponent / 2) x.
void add_works(double exponent, LadderRecord& record) {
  record.works_to_next.assign(record.energies.size(), 0.0);
  record.works_to_previous = record.works_to_next;
  const std::size_t n_levels = record.temperatures_K.size(), n = record.energies.size() / n_levels;
  for (std::size_t k = 0; k < n_levels; ++k)
    for (std::size_t i = k * n; i < (k + 1) * n; ++i)
      for (const int side : {-1, 1}) {
        if ((side < 0 && k == 0) || (side > 0 && k + 1 == n_levels)) continue;
        const double here = record.temperatures_K[k],
                     ratio = record.temperatures_K[side < 0 ? k - 1 : k + 1] / here;
        (side < 0 ? record.works_to_previous : record.works_to_next)[i] =
            record.energies[i] / (kGasConstant * here) * (std::pow(ratio, exponent - 1.0) - 1.0) -
            0.5 * kDimensions * exponent * std::log(ratio);
      }
}

TEST(FreeEnergySummary, TellsWhatAMapGives) {
  LadderRecord record = oscillators(16, 60);
  add_works(0.7, record);
  record.works_to_next[5] = std::numeric_limits<double>::infinity();
  const FreeEnergySummary summary = summarise_ladder(record);
  EXPECT_EQ(summary.n_map_evaluations, 16U * 60U * 4U);
  ASSERT_EQ(summary.mapped.pairs.size(), 2U);
  for (std::size_t k = 1; k < 3; ++k) expect_near(summary.mapped.from_first[k], exact(record, k));
  EXPECT_LT(summary.mapped.from_first[2].error, summary.plain.from_first[2].error);
  // Works whose sign is wrong are seen.
  for (double& w : record.works_to_next) w = -w;
  for (double& w : record.works_to_previous) w = -w;
  record.works_to_next[5] = 0.0;
  const FreeEnergyEstimate wrong = summarise_ladder(record).mapped.from_first[2];
  EXPECT_GT(std::abs(wrong.value - exact(record, 2)), kStandardErrors * wrong.error);
}

TEST(FreeEnergySummary, PlainWorksAreDifferencesOfPotentials) {
  const LadderRecord record = oscillators(1, 4);
  const std::vector<double> up = plain_works(record, 1), down = plain_works(record, -1);
  const double step = 1.0 / (kGasConstant * 360.0) - 1.0 / (kGasConstant * 300.0);
  EXPECT_DOUBLE_EQ(up[2], step * record.energies[2]);
  EXPECT_DOUBLE_EQ(down[4], -step * record.energies[4]);
  EXPECT_EQ(down[0], 0.0);
  EXPECT_EQ(up[8], 0.0);
}

TEST(FreeEnergySummary, WarnsOfNeighboursThatHardlyOverlap) {
  RunSummary summary;
  summary.free_energy = summarise_ladder(oscillators(16, 60, 1, {300.0, 330.0, 9000.0}));
  const double overlap = summary.free_energy->plain.pairs[1].overlap;
  ASSERT_LT(overlap, kLowOverlap);
  ASSERT_GT(summary.free_energy->plain.pairs[0].overlap, kLowOverlap);
  compute_warnings(summary);
  ASSERT_EQ(summary.warnings.size(), 1U);
  EXPECT_THAT(
      summary.warnings[0],
      testing::StartsWith("The ensembles of 330 K and 9000 K have little in common (overlap "));
}

TEST(FreeEnergySummary, SaysThatNoImageHasWeight) {
  LadderRecord record = oscillators(16, 60);
  add_works(0.7, record);
  for (std::size_t i = 0; i < 16 * 60; ++i)
    record.works_to_next[i] = std::numeric_limits<double>::infinity();
  const FreeEnergySummary summary = summarise_ladder(record);
  EXPECT_THAT(summary.mapped_missing, testing::HasSubstr("infinite"));
  EXPECT_TRUE(summary.mapped.pairs.empty());
  EXPECT_FALSE(summary.mbar.from_first.empty());
}

TEST(FreeEnergySummary, RefusesRecordsThatDoNotFit) {
  LadderRecord record = oscillators(2, 8);
  record.works_to_next.assign(record.energies.size(), 0.0);
  EXPECT_THROW(summarise_ladder(record), InputError);
  record = oscillators(2, 8);
  record.energies.pop_back();
  EXPECT_THROW(summarise_ladder(record), InputError);
}

}  // namespace
}  // namespace saltus::engine
