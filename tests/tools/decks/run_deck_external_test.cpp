// Oracle: what restraints, a field and the precision of a deck mean, and what is wrong with them,
// written out by hand.
#include <gmock/gmock.h>

#include "engine/core/units.h"
#include "tests/tools/decks/run_deck_fixture.h"
#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::tools {
namespace {

constexpr const char* kPosition = "[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\"]\n";
constexpr const char* kTorsion =
    "[[restraint]]\nkind = \"torsion\"\natoms = [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]\n"
    "angle = \"180 deg\"\n";
constexpr const char* kField = "[field]\nstrength = [\"0 V/nm\", \"-0.5 V/nm\", 3]\n";
constexpr const char* kLeap = "[[move]]\nkind = \"learned_leap\"\n[leap]\nmodel = \"m.pt\"\n";

TEST_F(RunDeckTest, HasNoRestraintsAndNoFieldByDefault) {
  const LoadedRunDeck loaded = read(std::string(kMinimal) + kHmc);
  EXPECT_TRUE(loaded.deck.external.restraints.empty());
  EXPECT_FALSE(loaded.deck.external.field.has_value());
  // Digests of decks without them stay what they were.
  EXPECT_THAT(loaded.resolved_toml, testing::Not(testing::HasSubstr("restraint")));
  EXPECT_THAT(loaded.resolved_toml, testing::Not(testing::HasSubstr("field]")));
}

TEST_F(RunDeckTest, ReadsRestraintsWithTheirDefaults) {
  const ExternalDeck external =
      read(std::string(kMinimal) + kHmc + kPosition + kTorsion).deck.external;
  ASSERT_EQ(external.restraints.size(), 2U);
  const RestraintDeck &position = external.restraints[0], &torsion = external.restraints[1];
  EXPECT_EQ(position.kind, RestraintKind::kPosition);
  ASSERT_EQ(position.atoms.size(), 1U);
  EXPECT_EQ(position.atoms[0].residue, 2);
  EXPECT_EQ(position.atoms[0].atom, "CA");
  EXPECT_EQ(position.k, 1000.0);
  EXPECT_EQ(position.flat_radius_nm, 0.0);
  EXPECT_EQ(torsion.kind, RestraintKind::kTorsion);
  ASSERT_EQ(torsion.atoms.size(), 4U);
  EXPECT_EQ(torsion.atoms[3].atom, "C");
  EXPECT_DOUBLE_EQ(torsion.angle_rad, engine::kPi);
  EXPECT_EQ(torsion.k, 100.0);
  EXPECT_EQ(torsion.flat_half_width_rad, 0.0);
}

TEST_F(RunDeckTest, ReadsEveryKeyOfRestraintsAndField) {
  const LoadedRunDeck loaded = read(
      std::string(kMinimal) + kHmc +
      "[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\", \"A/3:N\"]\nreference = \"input\"\n"
      "k = \"10 kcal/mol/A^2\"\nflat_radius = \"0.5 A\"\n" +
      kTorsion + "k = \"50 kJ/mol/rad^2\"\nflat_half_width = \"90 deg\"\n" + kField);
  const ExternalDeck& external = loaded.deck.external;
  ASSERT_EQ(external.restraints.size(), 2U);
  EXPECT_EQ(external.restraints[0].atoms[1].chain, "A");
  EXPECT_DOUBLE_EQ(external.restraints[0].k, 4184.0);
  EXPECT_DOUBLE_EQ(external.restraints[0].flat_radius_nm, 0.05);
  EXPECT_EQ(external.restraints[1].k, 50.0);
  EXPECT_DOUBLE_EQ(external.restraints[1].flat_half_width_rad, engine::kPi / 2.0);
  ASSERT_TRUE(external.field.has_value());
  // 1 V/nm = e N_A = 96.48533212331 kJ/mol/nm/e (SI of 2019).
  EXPECT_THAT(*external.field, testing::ElementsAre(0.0, testing::DoubleEq(-48.242666061655), 3.0));
  const LoadedRunDeck again = read(loaded.resolved_toml);
  EXPECT_EQ(again.resolved_toml, loaded.resolved_toml);
  EXPECT_EQ(*again.deck.external.field, *external.field);
  EXPECT_EQ(again.deck.external.restraints[0].k, external.restraints[0].k);
}

TEST_F(RunDeckTest, LeapsWithTorsionRestraints) {
  EXPECT_EQ(read(std::string(kMinimal) + kTorsion + kLeap).deck.external.restraints.size(), 1U);
}

TEST_F(RunDeckTest, DescribesRestraintsAndField) {
  const std::string printed = default_run_deck();
  EXPECT_THAT(printed, testing::HasSubstr("#[[restraint]]\n#kind = \"position\" "));
  EXPECT_THAT(printed, testing::HasSubstr("#[[restraint]]\n#kind = \"torsion\" "));
  EXPECT_THAT(printed, testing::HasSubstr("#k = \"1000 kJ/mol/nm^2\" "));
  EXPECT_THAT(printed, testing::HasSubstr("#k = \"100 kJ/mol/rad^2\" "));
  EXPECT_THAT(printed, testing::HasSubstr("#[field]\n#strength = ... "));
}

TEST_F(RunDeckTest, ReadsThePrecisionOfEnergies) {
  const std::string text = std::string(kMinimal) + kHmc;
  EXPECT_EQ(read(text).deck.energy.precision, engine::Precision::kMixed);
  EXPECT_EQ(read(text, {"energy.precision=mixed"}).deck.energy.precision,
            engine::Precision::kMixed);
  EXPECT_EQ(read(text, {"energy.precision=double"}).deck.energy.precision,
            engine::Precision::kDouble);
}

struct Fault {
  const char *text, *errors;
};

class WrongExternals : public RunDeckTest, public testing::WithParamInterface<Fault> {};

// The text begins at line 11.
TEST_P(WrongExternals, AreReportedWhereTheyStand) {
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc + GetParam().text), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Restraints, WrongExternals,
    testing::Values(
        Fault{"[[restraint]]\natoms = [\"2:CA\"]",
              "11:1: restraint[0].kind: missing; expected \"position\" or \"torsion\""},
        Fault{"[[restraint]]\nkind = \"positoin\"\nanything = 1",
              "12:8: restraint[0].kind: expected \"position\" or \"torsion\", got string "
              "\"positoin\"; did you mean \"position\"?"},
        Fault{"[[restraint]]\nkind = \"position\"",
              "11:1: restraint[0].atoms: missing; expected a list; each entry a string"},
        Fault{"[[restraint]]\nkind = \"position\"\natoms = []",
              "13:9: restraint[0].atoms: expected at least 1 entry, got 0"},
        Fault{"[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\", \"CB\"]\nangle = 1",
              "13:18: restraint[0].atoms[1]: expected an atom such as \"2:CA\" or \"A/2:CA\", got "
              "\"CB\"\n"
              "14:1: restraint[0].angle: unknown key; known here: kind, atoms, k, reference, "
              "flat_radius"},
        Fault{"[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\"]\nk = \"1 kJ/mol/rad^2\"\n"
              "reference = \"start\"\nflat_radius = \"-1 A\"",
              "14:5: restraint[0].k: expected a force constant such as \"1000 kJ/mol/nm^2\", got "
              "angular force constant \"1 kJ/mol/rad^2\"\n"
              "15:13: restraint[0].reference: expected \"input\", got string \"start\"\n"
              "16:15: restraint[0].flat_radius: expected a length from 0 nm to 100 nm, usually 0 "
              "nm, got \"-1 A\""},
        Fault{"[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\"]\nk = 0",
              "14:5: restraint[0].k: expected a force constant from 1e-06 kJ/mol/nm^2 to 1e+09 "
              "kJ/mol/nm^2, usually 1000 kJ/mol/nm^2, got 0"},
        Fault{"[[restraint]]\nkind = \"torsion\"\natoms = [\"2:CA\", \"2:C\"]\nflat_radius = 0",
              "11:1: restraint[0].angle: missing; expected an angle such as \"1 deg\"\n"
              "13:9: restraint[0].atoms: expected four atoms, such as [\"1:C\", \"2:N\", "
              "\"2:CA\", \"2:C\"], got 2\n"
              "14:1: restraint[0].flat_radius: unknown key; known here: kind, atoms, angle, k, "
              "flat_half_width"},
        Fault{"[[restraint]]\nkind = \"torsion\"\natoms = [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]\n"
              "angle = \"400 deg\"\nflat_half_width = \"180 deg\"",
              "14:9: restraint[0].angle: expected an angle from -360 deg to 360 deg, got \"400 "
              "deg\"\n"
              "15:19: restraint[0].flat_half_width: expected an angle between 0 deg and 180 deg, "
              "usually 0 deg, got \"180 deg\""},
        Fault{"[restraint]\nkind = \"position\"",
              "11:1: restraint: expected tables [[restraint]], got a table"}));

INSTANTIATE_TEST_SUITE_P(
    Fields, WrongExternals,
    testing::Values(
        Fault{"[field]",
              "11:1: field.strength: missing; expected a list; each entry an electric "
              "field such as \"1 V/nm\""},
        Fault{"[field]\nstrength = [\"1 V/nm\"]",
              "12:12: field.strength: expected three components, such as [\"0 V/nm\", \"0 V/nm\", "
              "\"1 V/nm\"], got 1"},
        Fault{"[field]\nstrength = [0, 0, \"1 V\"]\ncharges = 1",
              "12:19: field.strength[2]: expected an electric field such as \"1 V/nm\", got "
              "electric potential \"1 V\"\n"
              "13:1: field.charges: unknown key; known here: strength"},
        Fault{"[[field]]\nstrength = 1", "11:1: field: expected a table [field], got a list"}));

INSTANTIATE_TEST_SUITE_P(
    Precision, WrongExternals,
    testing::Values(
        Fault{"[energy]\nprecision = \"single\"",
              "12:13: energy.precision: expected \"mixed\" or \"double\", got string \"single\""},
        Fault{"[energy]\nbackend = \"openmm\"\nprecision = \"double\"",
              "13:1: energy.precision: only used with backend = \"auto\" or \"native\""}));

// Moving and turning a molecule must change nothing for a leap.
INSTANTIATE_TEST_SUITE_P(
    Leaps, WrongExternals,
    testing::Values(
        Fault{"[[move]]\nkind = \"learned_leap\"\n[leap]\nmodel = \"m.pt\"\n"
              "[[restraint]]\nkind = \"torsion\"\natoms = [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]\n"
              "angle = 0\n[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\"]",
              "12:8: move[1].kind: a learned leap needs a molecule that may be moved and turned "
              "freely, but restraint[1] holds atoms in their places; leave one of the two out "
              "(torsion restraints are fine)"},
        Fault{"[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\n[[move.part]]\n"
              "kind = \"learned_leap\"\n[leap]\nmodel = \"m.pt\"\n[field]\nstrength = [0, 0, 1]",
              "16:8: move[1].part[1].kind: a learned leap needs a molecule that may be moved and "
              "turned freely, but [field] acts on it in one direction; leave one of the two out "
              "(torsion restraints are fine)"}));

}  // namespace
}  // namespace saltus::tools
