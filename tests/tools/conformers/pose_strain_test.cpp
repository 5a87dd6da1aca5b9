// Oracle: energies of minima found without restraints, a minimisation with frozen atoms, and poses
// that are spoilt on purpose.
#include "tools/conformers/pose_strain.h"

#include <gmock/gmock.h>

#include "engine/minimisation/minimise.h"
#include "forcefields/chem/conformer_input.h"
#include "tests/tools/conformers/butane.h"
#include "tools/conformers/force_field.h"

namespace saltus::tools {
namespace {

using engine::kKJPerKcal;
using testing::HasSubstr;
using tests::Butane;

constexpr double kClose = 0.01 * kKJPerKcal;

const Butane& butane() {
  static const Butane molecule;
  return molecule;
}

MoleculeStrain strain_of(const std::vector<NamedMolecule>& poses, const StrainOptions& options) {
  return pose_strain(poses, butane().settings, options);
}

TEST(PoseStrain, OfTheGlobalMinimumIsZero) {
  const MoleculeStrain outcome = strain_of({butane().record(butane().anti)}, {});
  ASSERT_EQ(outcome.poses.size(), 1u);
  const PoseStrain& pose = outcome.poses[0];
  EXPECT_EQ(pose.status, "OK") << pose.message;
  EXPECT_NEAR(pose.strain, 0.0, kClose);
  EXPECT_GE(pose.strain, 0.0);
  EXPECT_NEAR(pose.strain_of_minimum, 0.0, kClose);
  EXPECT_NEAR(pose.moved_nm, 0.0, 1e-4);
  EXPECT_NEAR(outcome.global_minimum, butane().energy_anti, kClose);
  EXPECT_EQ(outcome.n_searches, 3u);
  EXPECT_EQ(outcome.n_found, 3u);
  EXPECT_EQ(outcome.smiles, "CCCC");
}

TEST(PoseStrain, OfAnotherMinimumIsHowFarItIsAbove) {
  const double above = butane().energy_gauche - butane().energy_anti;
  // MMFF94, Halgren, J. Comput. Chem. 17, 490 (1996), table of conformational energies: 0.78.
  EXPECT_NEAR(above / kKJPerKcal, 0.78, 0.03);
  const MoleculeStrain outcome =
      strain_of({butane().record(butane().gauche, 1), butane().record(butane().anti, 2)}, {});
  ASSERT_EQ(outcome.poses.size(), 2u);
  EXPECT_NEAR(outcome.poses[0].strain, above, kClose);
  EXPECT_NEAR(outcome.poses[0].strain_of_minimum, above, kClose);
  EXPECT_NEAR(outcome.poses[1].strain, 0.0, kClose);
  EXPECT_EQ(outcome.poses[1].number, 2u);
}

TEST(PoseStrain, WithoutAnyFreedomIsThatOfFrozenHeavyAtoms) {
  std::vector<double> eclipsed = butane().anti;
  butane().bond().set_angle(2.0, eclipsed);
  StrainOptions stiff;
  stiff.restraint.flat_radius_nm = 0.0;
  stiff.restraint.k *= 300.0;
  const MoleculeStrain outcome = strain_of({butane().record(eclipsed)}, stiff);
  engine::CoordinateBatch x(1, butane().molecule.n_atoms());
  x.values() = eclipsed;
  const ConformerField field = make_conformer_field(butane().molecule, butane().settings);
  const auto frozen =
      engine::minimise(*field.energy, x, {0.01, 5000, forcefields::shape_atoms(butane().molecule)});
  ASSERT_TRUE(frozen[0].converged);
  EXPECT_GT(frozen[0].energy - butane().energy_anti, 2.0 * kKJPerKcal);
  EXPECT_NEAR(outcome.poses[0].strain, frozen[0].energy - butane().energy_anti, 5.0 * kClose);
  EXPECT_NEAR(outcome.poses[0].moved_nm, 0.0, 1e-4);
}

TEST(PoseStrain, FallsWithTheFreedomThatIsLeft) {
  std::vector<double> eclipsed = butane().anti;
  butane().bond().set_angle(2.0, eclipsed);
  double before = 1e9;
  for (const double radius_nm : {0.0, 0.01, 0.03}) {
    StrainOptions options;
    options.restraint.flat_radius_nm = radius_nm;
    const MoleculeStrain outcome = strain_of({butane().record(eclipsed)}, options);
    const PoseStrain& pose = outcome.poses[0];
    EXPECT_LT(pose.strain, before);
    EXPECT_GE(pose.strain, pose.strain_of_minimum - 1e-9);
    // The wall is soft: at most 0.01 nm beyond it.
    EXPECT_LT(pose.moved_nm, radius_nm + 0.01);
    before = pose.strain;
  }
}

TEST(PoseStrain, AddsHydrogensAndKnowsAtomsInAnotherOrder) {
  NamedMolecule heavy = butane().record({});
  heavy.molecule = forcefields::parse_listed_smiles("CCCC", "x.sdf:1", 100);
  heavy.molecule->positions_nm.assign(butane().gauche.begin(), butane().gauche.begin() + 12);
  NamedMolecule other = heavy;
  other.molecule = forcefields::parse_listed_smiles("C(CC)C", "x.sdf:2", 100);
  for (const std::size_t atom : {1u, 2u, 3u, 0u})
    other.molecule->positions_nm.insert(other.molecule->positions_nm.end(),
                                        butane().gauche.begin() + 3 * atom,
                                        butane().gauche.begin() + 3 * atom + 3);
  const MoleculeStrain outcome = strain_of({heavy, other}, {});
  const double above = butane().energy_gauche - butane().energy_anti;
  for (const PoseStrain& pose : outcome.poses) {
    EXPECT_EQ(pose.status, "OK") << pose.message;
    EXPECT_THAT(pose.message, HasSubstr("10 hydrogens added"));
    EXPECT_NEAR(pose.strain, above, 5.0 * kClose);
  }
}

TEST(PoseStrain, SaysWhatIsWrongWithAPose) {
  std::vector<double> flat, torn = butane().anti;
  torn[0] += 0.3;
  std::vector<double> coinciding = butane().anti;
  for (std::size_t axis = 0; axis < 3; ++axis) coinciding[3 * 3 + axis] = coinciding[axis];
  NamedMolecule pentane = butane().record({});
  pentane.molecule = forcefields::parse_listed_smiles("CCCCC", "x.sdf:9", 100);
  pentane.molecule->positions_nm.assign(butane().anti.begin(), butane().anti.begin() + 15);
  NamedMolecule broken = butane().record({});
  broken.failure = engine::MoleculeFailure(engine::MoleculeStatus::kParseValence, "too many bonds");
  const MoleculeStrain outcome =
      strain_of({butane().record(butane().anti), butane().record(flat), butane().record(torn),
                 butane().record(coinciding), pentane, broken},
                {});
  ASSERT_EQ(outcome.poses.size(), 6u);
  EXPECT_EQ(outcome.poses[0].status, "OK");
  EXPECT_EQ(outcome.poses[1].status, "NO_COORDINATES");
  EXPECT_EQ(outcome.poses[2].status, "BAD_GEOMETRY");
  EXPECT_THAT(outcome.poses[2].message, HasSubstr("angstrom long, expected about 1."));
  EXPECT_EQ(outcome.poses[3].status, "BAD_GEOMETRY");
  EXPECT_EQ(outcome.poses[4].status, "OTHER_MOLECULE");
  EXPECT_EQ(outcome.poses[5].status, "PARSE_VALENCE");
  for (std::size_t p = 1; p < 6; ++p) EXPECT_TRUE(std::isnan(outcome.poses[p].strain)) << p;
}

TEST(PoseStrain, NamesAtomsThatClash) {
  // Hexane with both ends folded onto each other: a flat hexagon that is no ring.
  const forcefields::ChemMolecule hexane = forcefields::parse_smiles("CCCCCC");
  ConformerSettings settings = butane().settings;
  const auto search =
      search_minima(hexane, settings, 1, std::chrono::steady_clock::time_point::max());
  const auto chain = search.conformers.positions.chain(0);
  std::vector<double> folded(chain.begin(), chain.end());
  for (std::size_t first = 0; first < 3; ++first)
    scan_bond(hexane, {first, first + 1, first + 2, first + 3}).set_angle(0.0, folded);
  NamedMolecule named;
  named.molecule = hexane;
  named.molecule->positions_nm = folded;
  const MoleculeStrain outcome = pose_strain({named}, settings, {});
  EXPECT_EQ(outcome.poses[0].status, "CLASH") << outcome.poses[0].message;
  EXPECT_THAT(outcome.poses[0].message, HasSubstr("atoms C1 and C6 are"));
}

}  // namespace
}  // namespace saltus::tools
