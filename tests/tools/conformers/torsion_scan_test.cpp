// Oracle: butane's profile in MMFF94 as it is published, the symmetry of molecules, minima found
// without restraints.
#include "tools/conformers/torsion_scan.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/tools/conformers/butane.h"

namespace saltus::tools {
namespace {

using engine::kDegreePerRadian;
using engine::kKJPerKcal;
using testing::HasSubstr;

NamedMolecule named(const std::string& smiles) {
  NamedMolecule molecule;
  molecule.smiles = smiles;
  molecule.name = "m";
  return molecule;
}

ConformerSettings few() {
  ConformerSettings settings = default_settings(ConformerMode::kMinima);
  settings.n_conformers = 10;
  return settings;
}

ScanOptions about(const forcefields::TorsionAtoms& atoms) {
  ScanOptions options;
  options.atoms = atoms;
  return options;
}

/// kcal/mol above the lowest.
double energy_at(const TorsionScan& scan, double degrees) {
  for (const ScanPoint& point : scan.points)
    if (std::abs(kDegreePerRadian * point.angle_rad - degrees) < 1e-6)
      return (point.energy - scan.lowest) / kKJPerKcal;
  ADD_FAILURE() << "no point at " << degrees;
  return 0.0;
}

TEST(TorsionScan, OfButaneIsItsProfile) {
  const TorsionScan scan = scan_torsion(named("CCCC"), few(), about({0, 1, 2, 3}));
  ASSERT_EQ(scan.status, "OK") << scan.message;
  EXPECT_EQ(scan.torsion, "C1-C2-C3-C4");
  ASSERT_EQ(scan.points.size(), 36u);
  EXPECT_NEAR(energy_at(scan, -180.0), 0.0, 0.005);
  const tests::Butane butane;
  ASSERT_EQ(scan.minima.size(), 3u);
  for (const ScanExtremum& minimum : scan.minima) {
    const bool anti = std::abs(minimum.angle_rad) > 2.5;
    EXPECT_NEAR(minimum.energy, anti ? butane.energy_anti : butane.energy_gauche, 0.02);
    if (anti) continue;
    EXPECT_NEAR(std::abs(kDegreePerRadian * minimum.angle_rad), 65.0, 4.0);
  }
  // Barriers of butane, ab initio: 3.3 to 4 and 5 to 6 kcal/mol.
  ASSERT_EQ(scan.barriers.size(), 3u);
  EXPECT_NEAR(energy_at(scan, 120.0), 3.7, 0.4);
  EXPECT_NEAR(energy_at(scan, 0.0), 5.4, 0.5);
  for (double angle = 10.0; angle < 180.0; angle += 10.0)
    EXPECT_NEAR(energy_at(scan, angle), energy_at(scan, -angle), 0.01) << angle;
}

TEST(TorsionScan, IsTheLowestOfAllThatTheRestOfTheMoleculeCanBe) {
  // Of hexane about its middle bond: the ends may be anti or gauche, so that no point of the
  // profile is above that of a chain whose ends are kept anti.
  const TorsionScan scan = scan_torsion(named("CCCCCC"), few(), about({1, 2, 3, 4}));
  ASSERT_EQ(scan.status, "OK") << scan.message;
  EXPECT_NEAR(energy_at(scan, -180.0), 0.0, 0.005);
  for (double angle = 10.0; angle < 180.0; angle += 10.0)
    EXPECT_NEAR(energy_at(scan, angle), energy_at(scan, -angle), 0.03) << angle;
}

TEST(TorsionScan, DoesNotDependOnTheDirectionInWhichAtomsAreNamed) {
  const TorsionScan forth = scan_torsion(named("OCCC"), few(), about({0, 1, 2, 3}));
  const TorsionScan back = scan_torsion(named("OCCC"), few(), about({3, 2, 1, 0}));
  ASSERT_EQ(forth.points.size(), back.points.size());
  for (std::size_t p = 0; p < forth.points.size(); ++p)
    EXPECT_NEAR(forth.points[p].energy, back.points[p].energy, 0.05);
  const TorsionScan again = scan_torsion(named("OCCC"), few(), about({0, 1, 2, 3}));
  for (std::size_t p = 0; p < forth.points.size(); ++p)
    EXPECT_EQ(forth.points[p].energy, again.points[p].energy);
}

TEST(TorsionScan, FindsTheBondByAPattern) {
  ScanOptions options;
  options.smarts = "[O:1]-[C:2]-[C:3]-[C:4]";
  options.n_points = 12;
  const TorsionScan by_pattern = scan_torsion(named("CCCO"), few(), options);
  ASSERT_EQ(by_pattern.status, "OK") << by_pattern.message;
  EXPECT_EQ(by_pattern.torsion, "O1-C3-C2-C1");
  EXPECT_EQ(by_pattern.points.size(), 12u);
  const TorsionScan nothing = scan_torsion(named("CCCC"), few(), options);
  EXPECT_EQ(nothing.status, "NO_TORSION");
  EXPECT_THAT(nothing.message, HasSubstr("does not match the molecule"));
}

TEST(TorsionScan, RefusesWhatDoesNotTurn) {
  const auto message = [](const std::string& smiles, const forcefields::TorsionAtoms& atoms) {
    const TorsionScan scan = scan_torsion(named(smiles), few(), about(atoms));
    EXPECT_EQ(scan.status, "NO_TORSION");
    EXPECT_TRUE(scan.points.empty());
    return scan.message;
  };
  EXPECT_THAT(message("C1CCCCC1", {0, 1, 2, 3}), HasSubstr("the bond C2-C3 is in a ring"));
  EXPECT_THAT(message("CCCC", {0, 1, 2, 99}), HasSubstr("there is no atom 100"));
  EXPECT_THAT(message("CCCC", {0, 2, 1, 3}), HasSubstr("atoms 1 (C1) and 3 (C3) are not bonded"));
  EXPECT_THAT(message("C/C=C/C", {0, 1, 2, 3}), HasSubstr("is not a single bond"));
  const TorsionScan open = scan_torsion(named("CC(F)CC"), few(), about({0, 1, 3, 4}));
  EXPECT_EQ(open.status, "STEREO_UNSPECIFIED");
}

}  // namespace
}  // namespace saltus::tools
