// Oracle: the published tables by hand for a few atoms; whole energies against OpenMM are in
// ffxml_energy_test. Neck tables: entries of Nguyen et al. as in AMBER.

#include "forcefields/generalized_born/generalized_born_parameters.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/core/error.h"
#include "engine/potential/gbn2_neck_tables.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using engine::GeneralizedBornModel;
using engine::InputError;

engine::Topology molecule(const std::string& residue) {
  engine::Topology topology;
  topology.residues.push_back({residue, "", 1, "", 0});
  topology.atoms = {{"NH1", 7, 0}, {"1HH1", 1, 0}, {"CZ", 6, 0}, {"HZ", 1, 0}, {"S", 16, 0}};
  topology.bonds = {{0, 1}, {0, 2}, {2, 3}, {2, 4}};
  return topology;
}

const std::vector<double> kCharges = {-0.5, 0.3, 0.1, 0.1, 0.0};

TEST(GeneralizedBorn, ObcTakesRadiiFromNeighboursAndScalesFromElements) {
  const auto solvent = forcefields::generalized_born_parameters(GeneralizedBornModel::kObc1,
                                                                molecule("ARG"), kCharges, {});
  EXPECT_EQ(solvent.particles[0].radius_nm, 0.155);
  EXPECT_EQ(solvent.particles[1].radius_nm, 0.13);
  EXPECT_EQ(solvent.particles[2].radius_nm, 0.17);
  EXPECT_EQ(solvent.particles[3].radius_nm, 0.12);
  EXPECT_EQ(solvent.particles[4].scale, 0.96);
  EXPECT_EQ(solvent.particles[0].gamma, 2.909125);
  EXPECT_EQ(solvent.particles[1].charge, 0.3);
  EXPECT_EQ(solvent.offset_nm, 0.009);
}

TEST(GeneralizedBorn, Gbn2KnowsArginineAndNucleicAcids) {
  const auto arginine = forcefields::generalized_born_parameters(GeneralizedBornModel::kGbn2,
                                                                 molecule("ARG"), kCharges, {});
  EXPECT_EQ(arginine.particles[1].radius_nm, 0.117);
  EXPECT_EQ(arginine.particles[3].radius_nm, 0.12);
  EXPECT_EQ(arginine.particles[4].scale, -0.703469);
  EXPECT_EQ(arginine.particles[2].alpha, 0.733756);
  EXPECT_EQ(arginine.offset_nm, 0.0195141);
  const auto nucleotide = forcefields::generalized_born_parameters(GeneralizedBornModel::kGbn2,
                                                                   molecule("DA5"), kCharges, {});
  EXPECT_EQ(nucleotide.particles[1].radius_nm, 0.13);
  EXPECT_EQ(nucleotide.particles[2].alpha, 0.331670);
  EXPECT_EQ(nucleotide.particles[0].scale, 1.4259728);
}

/// Two carbons with three neighbours each: COO on one side, COOH on the other, in one residue.
engine::Topology acid_and_carboxylate(const std::string& residue) {
  engine::Topology topology;
  topology.residues.push_back({residue, "", 1, "", 0});
  topology.atoms = {{"C", 6, 0},   {"O", 8, 0},   {"OXT", 8, 0}, {"CG", 6, 0},
                    {"OD1", 8, 0}, {"OD2", 8, 0}, {"HD2", 1, 0}};
  topology.bonds = {{0, 1}, {0, 2}, {0, 3}, {3, 4}, {3, 5}, {5, 6}};
  return topology;
}

std::vector<double> radii_of(GeneralizedBornModel model, const engine::Topology& topology) {
  std::vector<double> radii;
  const std::vector<double> charges(topology.n_atoms(), 0.0);
  for (const auto& particle :
       forcefields::generalized_born_parameters(model, topology, charges, {}).particles)
    radii.push_back(particle.radius_nm);
  return radii;
}

TEST(GeneralizedBorn, Gbn2HasAmbersRadiusOfCarboxylates) {
  const std::vector<double> acid = {0.17, 0.14, 0.14, 0.17, 0.15, 0.15, 0.12};
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, acid_and_carboxylate("ASP")), acid);
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, acid_and_carboxylate("ASH")), acid);
  // mbondi2 knows no carboxylates.
  const std::vector<double> mbondi2 = {0.17, 0.15, 0.15, 0.17, 0.15, 0.15, 0.12};
  EXPECT_EQ(radii_of(GeneralizedBornModel::kObc1, acid_and_carboxylate("ASP")), mbondi2);
  EXPECT_EQ(radii_of(GeneralizedBornModel::kObc2, acid_and_carboxylate("ASP")), mbondi2);
}

TEST(GeneralizedBorn, Gbn2CountsResiduesOfConstantPhAsCarboxylates) {
  const std::vector<double> expected = {0.17, 0.14, 0.14, 0.17, 0.14, 0.14, 0.12};
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, acid_and_carboxylate("AS4")), expected);
}

TEST(GeneralizedBorn, OnlyBareOxygensOnOneCarbonAreACarboxylate) {
  engine::Topology ester = acid_and_carboxylate("LIG");
  ester.atoms[6].atomic_number = 6;  // on OD2
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, ester)[4], 0.15);
  engine::Topology amide = acid_and_carboxylate("LIG");
  amide.atoms[2].atomic_number = 7;
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, amide)[1], 0.15);
  engine::Topology phosphate = acid_and_carboxylate("LIG");
  phosphate.atoms[0].atomic_number = 15;
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, phosphate)[1], 0.15);
  engine::Topology dioxide = acid_and_carboxylate("LIG");
  dioxide.bonds.erase(dioxide.bonds.begin() + 2);  // carbon dioxide
  EXPECT_EQ(radii_of(GeneralizedBornModel::kGbn2, dioxide)[1], 0.15);
}

TEST(GeneralizedBorn, OptionsAreKept) {
  forcefields::GeneralizedBornOptions options;
  options.surface_term = false;
  options.solvent_dielectric = 4.0;
  options.cutoff_nm = 1.5;
  const auto solvent = forcefields::generalized_born_parameters(GeneralizedBornModel::kObc2,
                                                                molecule("X"), kCharges, options);
  EXPECT_EQ(solvent.surface_energy, 0.0);
  EXPECT_EQ(solvent.solvent_dielectric, 4.0);
  EXPECT_EQ(solvent.cutoff_nm, 1.5);
}

TEST(GeneralizedBorn, ReportsWhatItCannotDescribe) {
  const auto error = [](GeneralizedBornModel model, const engine::Topology& topology) {
    return message_of<InputError>(
        [&] { forcefields::generalized_born_parameters(model, topology, kCharges, {}); });
  };
  engine::Topology lone = molecule("X");
  lone.bonds.erase(lone.bonds.begin());
  EXPECT_EQ(
      error(GeneralizedBornModel::kObc2, lone),
      "implicit solvent: hydrogen atom 1HH1 of residue X 1 has no bond, its radius depends on "
      "what it is bonded to");
  engine::Topology silicon = molecule("X");
  silicon.atoms[2].atomic_number = 14;
  EXPECT_EQ(
      error(GeneralizedBornModel::kGbn2, silicon),
      "atom CZ of residue X 1: GBn2: intrinsic radius 0.210000 nm is outside the neck tables, "
      "expected 0.10 to 0.20 nm");
  engine::Topology unknown = molecule("X");
  unknown.atoms[0].atomic_number = 0;
  EXPECT_EQ(error(GeneralizedBornModel::kObc2, unknown),
            "implicit solvent: the element of atom NH1 of residue X 1 is unknown");
}

TEST(NeckTables, HoldThePublishedEntriesAndInterpolate) {
  // d0 and m0 for radii 1.00 and 1.05 angstrom: 2.26685 A and 0.0381511 / A on the diagonal.
  constexpr double kRounding = 1e-12;
  EXPECT_NEAR(engine::neck_parameters(0.10, 0.10).distance_nm, 0.226685, kRounding);
  EXPECT_NEAR(engine::neck_parameters(0.10, 0.10).value, 0.381511, kRounding);
  EXPECT_NEAR(engine::neck_parameters(0.20, 0.20).distance_nm, 0.43084, kRounding);
  EXPECT_NEAR(engine::neck_parameters(0.105, 0.10).distance_nm, 0.232548, kRounding);
  EXPECT_NEAR(engine::neck_parameters(0.10, 0.105).distance_nm, 0.231191, kRounding);
  const double a = engine::neck_parameters(0.115, 0.15).value;
  const double b = engine::neck_parameters(0.12, 0.15).value;
  EXPECT_NEAR(engine::neck_parameters(0.117, 0.15).value, 0.6 * a + 0.4 * b, kRounding);
}

}  // namespace
}  // namespace saltus::tests
