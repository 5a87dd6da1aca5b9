// Oracle: what is known of small rings (chairs, axial and equatorial places, numbers of minima),
// energies of other seeds, configurations of the strings.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/rings/ring_system.h"
#include "tools/conformers/make_conformers.h"

namespace saltus::tools {
namespace {

ConformerOutcome minima(const std::string& smiles, std::uint64_t seed, std::size_t n = 20) {
  ConformerSettings settings = default_settings(ConformerMode::kMinima);
  settings.n_conformers = n;
  settings.seed = seed;
  return make_conformers(smiles, settings);
}

ConformerOutcome shapes(const std::string& smiles, std::uint64_t seed, std::size_t n = 20) {
  ConformerSettings settings = default_settings(ConformerMode::kEnsemble);
  settings.n_conformers = n;
  settings.seed = seed;
  return make_conformers(smiles, settings);
}

const engine::ConformerEnsemble& ensemble_of(const ConformerOutcome& outcome) {
  static const engine::ConformerEnsemble none;
  return outcome.isomers.empty() ? none : outcome.isomers[0].ensemble;
}

double lowest(const ConformerOutcome& outcome) {
  const auto& energies = ensemble_of(outcome).energies;
  return energies.empty() ? INFINITY : energies.front();
}

double degrees(const ConformerOutcome& outcome, std::size_t c,
               const std::array<std::size_t, 4>& atoms) {
  return engine::kDegreePerRadian *
         engine::quartet_angle(ensemble_of(outcome).positions.chain(c), atoms);
}

TEST(RingConformers, OfCyclohexaneAreAChairAndTwistedBoats) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const ConformerOutcome outcome = minima("C1CCCCC1", seed);
    const engine::ConformerEnsemble& found = ensemble_of(outcome);
    ASSERT_GE(found.n_frames(), 2u) << outcome.message;
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_NEAR(std::abs(degrees(outcome, 0, {i, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6})), 56.0,
                  4.0);
    // MMFF94: 5.9 kcal/mol.
    EXPECT_NEAR(found.energies[1] - found.energies[0], 5.9 * engine::kKJPerKcal,
                0.3 * engine::kKJPerKcal);
    EXPECT_EQ(outcome.status, engine::MoleculeStatus::kOk);
    EXPECT_NE(outcome.message.find("the last ones brought none"), std::string::npos)
        << outcome.message;
  }
}

TEST(RingConformers, OfMethylpiperidineBeginWithTheEquatorialOneForEverySeed) {
  const double best = lowest(minima("CN1CCCCC1", 1, 50));
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const ConformerOutcome outcome = shapes("CN1CCCCC1", seed);
    ASSERT_GT(ensemble_of(outcome).n_frames(), 0u);
    // Methyl to the carbon across: trans when it is equatorial.
    EXPECT_GT(std::abs(degrees(outcome, 0, {0, 1, 2, 3})), 150.0);
    const ConformerOutcome found = minima("CN1CCCCC1", seed);
    EXPECT_NEAR(lowest(found), best, 0.2);
    bool axial = false;
    for (std::size_t c = 0; c < ensemble_of(found).n_frames(); ++c)
      axial = axial || std::abs(degrees(found, c, {0, 1, 2, 3})) < 100.0;
    EXPECT_TRUE(axial);
  }
}

TEST(RingConformers, ReachTheLowestForEverySeed) {
  for (const char* smiles : {"C1CC2CCCC(C1)C2", "O=C1CCCCCN1", "C1CCC2(CC1)CCNCC2",
                             "O=c1cccc2n1C[C@@H]1CNC[C@H]2C1", "C1CCCCCCC1",
                             // What differs is where hydrogens are.
                             "OC1CCCCC1", "C[C@@H]1CCCCN1"}) {
    SCOPED_TRACE(smiles);
    std::vector<double> energies;
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
      energies.push_back(lowest(shapes(smiles, seed)));
    const auto [low, high] = std::minmax_element(energies.begin(), energies.end());
    EXPECT_LT(*high - *low, 0.4);
  }
}

TEST(RingConformers, OfBicyclononaneBeginWithTwoChairs) {
  // C3 and C7 stand near each other, 3.1 angstrom; in chair and boat they do not.
  const ConformerOutcome outcome = shapes("C1CC2CCCC(C1)C2", 3);
  ASSERT_GT(ensemble_of(outcome).n_frames(), 0u);
  const auto x = ensemble_of(outcome).positions.chain(0);
  EXPECT_LT(engine::atom_distance(x.data(), 0, 4), 0.335);
}

TEST(RingConformers, OfLargeRingsAreMany) {
  EXPECT_GE(ensemble_of(minima("C1CCCCCCCCCCC1", 1, 60)).n_frames(), 20u);
  EXPECT_GE(ensemble_of(shapes("C1CCCCCCCCCCCCCC1", 1, 60)).n_frames(), 25u);
}

TEST(RingConformers, KeepConfigurations) {
  for (const char* smiles :
       {"C1CCC/C=C/CCCCCC1", "C1CCC/C=C\\CCCCCC1", "C[C@H]1CCCC[C@@H]1CO", "C[C@H]1CCCC[C@H]1CO"}) {
    SCOPED_TRACE(smiles);
    const ConformerOutcome outcome = shapes(smiles, 1);
    ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
    EXPECT_GT(ensemble_of(outcome).n_frames(), 1u);
    for (const std::string& perceived : outcome.isomers[0].smiles_3d)
      EXPECT_EQ(perceived, outcome.isomers[0].smiles);
  }
}

TEST(RingConformers, HaveTransAmidesInLargeRings) {
  const ConformerOutcome outcome = shapes("O=C1CCCCCCCCCCCCN1", 1, 30);
  ASSERT_GT(ensemble_of(outcome).n_frames(), 3u);
  for (std::size_t c = 0; c < ensemble_of(outcome).n_frames(); ++c)
    EXPECT_GT(std::abs(degrees(outcome, c, {2, 1, 14, 13})), 140.0) << c;
}

TEST(RingConformers, AreTheSameTwice) {
  const ConformerOutcome a = shapes("OC1CCN(CC1)C1CCCCCCC1", 4),
                         b = shapes("OC1CCN(CC1)C1CCCCCCC1", 4);
  ASSERT_GT(ensemble_of(a).n_frames(), 1u);
  EXPECT_EQ(ensemble_of(a).energies, ensemble_of(b).energies);
  EXPECT_EQ(ensemble_of(a).positions.values(), ensemble_of(b).positions.values());
}

TEST(RingConformers, EndInTime) {
  ConformerSettings settings = default_settings(ConformerMode::kEnsemble);
  settings.n_conformers = 2000;
  settings.timeout_s = 2.0;
  const ConformerOutcome outcome = make_conformers("C1CCCCCCCCCCCCCCCCCCC1", settings);
  EXPECT_LT(outcome.seconds, 20.0);
  EXPECT_EQ(outcome.status, engine::MoleculeStatus::kPartialTimeout) << outcome.message;
}

}  // namespace
}  // namespace saltus::tools
