// Oracle: two-state populations in closed form, from energies of minima found elsewhere.
#include "tools/conformers/rescore.h"

#include <gmock/gmock.h>

#include "tests/tools/conformers/butane.h"
#include "tools/conformers/force_field.h"

namespace saltus::tools {
namespace {

using engine::kGasConstant;
using testing::HasSubstr;
using tests::Butane;

const Butane& butane() {
  static const Butane molecule;
  return molecule;
}

TEST(EnsembleThermodynamics, OfTwoStatesIsTheClosedForm) {
  constexpr double kT = 300.0, kGap = 2.5, kFirst = -7.0;
  const double x = 2.0 * std::exp(-kGap / (kGasConstant * kT)), z = 1.0 + x;
  const auto sums = ensemble_thermodynamics(std::vector<double>{1.0 / z, x / z},
                                            std::vector<double>{kFirst, kFirst + kGap},
                                            std::vector<double>{1.0, 2.0}, kT);
  EXPECT_NEAR(sums.free_energy, kFirst - kGasConstant * kT * std::log(z), 1e-12);
  EXPECT_NEAR(sums.mean_energy, kFirst + kGap * x / z, 1e-12);
  EXPECT_NEAR(sums.entropy, (sums.mean_energy - sums.free_energy) / kT, 1e-14);
  // Of n equal minima ln n, whether they are told apart or counted.
  const auto equal =
      ensemble_thermodynamics(std::vector<double>(4, 0.25), std::vector<double>(4, 1.0), {}, kT);
  EXPECT_NEAR(equal.entropy, kGasConstant * std::log(4.0), 1e-14);
  const auto counted = ensemble_thermodynamics(std::vector<double>{1.0}, std::vector<double>{1.0},
                                               std::vector<double>{4.0}, kT);
  EXPECT_NEAR(counted.entropy, equal.entropy, 1e-14);
}

/// Turned as a whole about the z axis and moved: the same conformer.
std::vector<double> moved(std::vector<double> x) {
  for (std::size_t i = 0; i < x.size(); i += 3) {
    const double a = x[i], b = x[i + 1];
    x[i] = -b + 0.3;
    x[i + 1] = a - 0.1;
  }
  return x;
}

std::vector<double> mirrored(std::vector<double> x) {
  for (std::size_t i = 0; i < x.size(); i += 3) x[i] = -x[i];
  return x;
}

EnsembleMember member(const std::vector<double>& x, std::size_t number, double weight) {
  auto record = butane().record<EnsembleMember>(x, number);
  record.weight = weight;
  return record;
}

ConformerSettings at(double temperature_K) {
  ConformerSettings settings = butane().settings;
  settings.temperature_K = temperature_K;
  return settings;
}

TEST(Rescore, GivesPopulationsOfTwoStates) {
  constexpr double kT = 350.0;
  const RescoredEnsemble outcome =
      rescore({member(butane().gauche, 1, 0.5), member(butane().anti, 2, 0.25),
               member(moved(butane().anti), 3, 0.25)},
              at(kT));
  ASSERT_EQ(outcome.populations.size(), 2u) << outcome.note;
  const double gap = butane().energy_gauche - butane().energy_anti;
  const double x = 2.0 * std::exp(-gap / (kGasConstant * kT));
  EXPECT_NEAR(outcome.populations[0], 1.0 / (1.0 + x), 1e-4);
  EXPECT_NEAR(outcome.populations[1], x / (1.0 + x), 1e-4);
  EXPECT_NEAR(outcome.thermodynamics.free_energy,
              butane().energy_anti - kGasConstant * kT * std::log(1.0 + x), 1e-3);
  EXPECT_EQ(outcome.conformers[0].status, "OK");
  EXPECT_EQ(outcome.conformers[0].degeneracy, 2.0);
  // The lower one of the two is kept; their energies differ by rounding alone.
  const std::size_t kept = outcome.conformers[1].status == "OK" ? 1 : 2, other = 3 - kept;
  EXPECT_EQ(outcome.conformers[kept].status, "OK");
  EXPECT_EQ(outcome.conformers[kept].degeneracy, 1.0);
  EXPECT_EQ(outcome.conformers[other].status, "DUPLICATE");
  EXPECT_EQ(outcome.conformers[other].duplicate_of, kept + 1);
  EXPECT_EQ(outcome.conformers[other].population, 0.0);
  // The file says one half each.
  EXPECT_NEAR(outcome.distance_to_file, std::abs(0.5 - 1.0 / (1.0 + x)), 1e-4);
}

TEST(Rescore, CountsMirrorImagesOnceWhicheverWayTheyAreGiven) {
  const RescoredEnsemble both =
      rescore({member(butane().anti, 1, 1.0), member(butane().gauche, 2, 1.0),
               member(mirrored(butane().gauche), 3, 1.0)},
              at(300.0));
  const RescoredEnsemble one =
      rescore({member(butane().anti, 1, 1.0), member(butane().gauche, 2, 1.0)}, at(300.0));
  ASSERT_EQ(both.populations.size(), 3u);
  ASSERT_EQ(one.populations.size(), 2u);
  EXPECT_NEAR(both.populations[0], one.populations[0], 1e-4);
  EXPECT_NEAR(both.thermodynamics.free_energy, one.thermodynamics.free_energy, 1e-3);
  EXPECT_NEAR(both.thermodynamics.entropy, one.thermodynamics.entropy, 1e-5);
}

TEST(Rescore, TakesConformersAsTheyAreOrMinimisesThem) {
  std::vector<double> turned = butane().anti;
  butane().bond().set_angle(2.7, turned);
  ConformerSettings settings = at(300.0);
  const RescoredEnsemble minimised = rescore({member(turned, 1, 1.0)}, settings);
  EXPECT_NEAR(minimised.conformers[0].energy, butane().energy_anti, 0.01);
  settings.minimise = false;
  const RescoredEnsemble as_it_is = rescore({member(turned, 1, 1.0)}, settings);
  double energy = 0.0;
  const ConformerField field = make_conformer_field(butane().molecule, butane().settings);
  field.energy->evaluate({turned.data(), 1, turned.size() / 3}, {&energy, 1}, {});
  EXPECT_NEAR(as_it_is.conformers[0].energy, energy, 1e-9);
  EXPECT_GT(energy, butane().energy_anti + 1.0);
  EXPECT_EQ(as_it_is.force_field, minimised.force_field);
}

TEST(Rescore, SaysWhatItCouldNotUse) {
  const RescoredEnsemble outcome =
      rescore({member({}, 1, 0.0), member(butane().anti, 2, 1.0)}, at(300.0));
  EXPECT_EQ(outcome.conformers[0].status, "NO_COORDINATES");
  EXPECT_EQ(outcome.conformers[1].status, "OK");
  EXPECT_EQ(outcome.populations, std::vector<double>{1.0});
  const RescoredEnsemble without =
      rescore({member(butane().anti, 1, std::numeric_limits<double>::quiet_NaN())}, at(300.0));
  EXPECT_TRUE(std::isnan(without.distance_to_file));
}

}  // namespace
}  // namespace saltus::tools
