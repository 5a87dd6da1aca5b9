// Oracle: boxes and bonds whose verdict follows from the docstrings by hand.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/support/errors.h"
#include "tools/saltus/molecules/periodic_box.h"
#include "tools/saltus/molecules/structure_checks.h"

namespace saltus::tests {
namespace {

using engine::NonbondedMethod;
using tools::InputBox;

constexpr double kRight = engine::kPi / 2.0;

/// Four carbon atoms in a row of 0.45 nm, and one far away.
class PeriodicBox : public testing::Test {
 protected:
  PeriodicBox() {
    topology_.residues.push_back({"MOL", "", 1, "", 0});
    for (int n = 0; n < 5; ++n) topology_.atoms.push_back({"C" + std::to_string(n), 6, 0});
    topology_.bonds = {{0, 1}, {1, 2}, {2, 3}};
    positions_ = {0, 0, 0, 0.15, 0.1, 0, 0.30, 0.2, 0.2, 0.45, 0.3, 0.3, 9, 9, 9};
  }
  bool placeholder(double a, double b, double c, double angle = kRight) const {
    return tools::is_placeholder({{a, b, c}, {{angle, angle, angle}}, "x"}, topology_, positions_);
  }
  static InputBox real_box() {
    return {{3, 3, 4}, {{kRight, kRight, kRight}}, "x.pdb:1: the CRYST1 record"};
  }
  tools::BoxDecision decide(const std::optional<InputBox>& box,
                            std::optional<NonbondedMethod> method) const {
    return tools::decide_box({"x.pdb", box, method}, topology_, positions_);
  }
  std::string refusal(const std::optional<InputBox>& box,
                      std::optional<NonbondedMethod> method) const {
    return message_of<engine::InputError>([&] { decide(box, method); });
  }
  engine::Topology topology_;
  std::vector<double> positions_;
};

TEST_F(PeriodicBox, IsAPlaceholderWhenTheAtomsDoNotFit) {
  EXPECT_TRUE(placeholder(0, 0, 0));
  EXPECT_TRUE(placeholder(0.1, 0.1, 0.1));
  EXPECT_TRUE(placeholder(5, 5, 0));
  EXPECT_TRUE(placeholder(0.44, 0.44, 0.44));  // shorter than the four atoms
  EXPECT_FALSE(placeholder(0.46, 0.29, 0.29));
  EXPECT_FALSE(placeholder(3, 3, 3));
  // 0.005 nm^3 for each of five atoms.
  EXPECT_TRUE(placeholder(1, 0.2, 0.12));
  EXPECT_FALSE(placeholder(1, 0.2, 0.13));
  // Angles flatten it.
  EXPECT_TRUE(placeholder(1, 0.2, 0.13, engine::kPi / 3.0));
}

TEST_F(PeriodicBox, IsUsedByPeriodicMethods) {
  for (const NonbondedMethod method :
       {NonbondedMethod::kPme, NonbondedMethod::kEwald, NonbondedMethod::kCutoffPeriodic}) {
    const auto decision = decide(real_box(), method);
    ASSERT_TRUE(decision.box.has_value());
    EXPECT_EQ(*decision.box, engine::Box({3, 3, 4}));
    EXPECT_EQ(decision.note, "");
  }
  InputBox oblique = real_box();
  oblique.angles_rad = {{1.2, kRight, kRight}};
  EXPECT_NEAR(decide(oblique, NonbondedMethod::kPme).box.value().cz, 4.0 * std::sin(1.2), 1e-12);
}

TEST_F(PeriodicBox, GetsNoCopiesOfAtomsBySymmetry) {
  InputBox box = real_box();
  for (const char* none : {"", "P 1", "P1"}) {
    box.space_group = none;
    EXPECT_EQ(decide(box, NonbondedMethod::kPme).note, "");
  }
  box.space_group = "P 21 21 21";
  EXPECT_EQ(decide(box, NonbondedMethod::kPme).note,
            "x.pdb:1: the CRYST1 record has the space group P 21 21 21: the box gets the atoms of "
            "the file alone, no copies by symmetry; make the atoms of the whole unit cell first if "
            "the file has a part of them");
}

TEST_F(PeriodicBox, HasOneShapeInFilesThatBelongTogether) {
  const double octahedral = 109.4712206 * engine::kRadianPerDegree;
  const InputBox topology = {
      {3, 3, 3}, {{octahedral, octahedral, octahedral}}, "x.prmtop: IFBOX with BOX_DIMENSIONS"};
  InputBox coordinates = {{3, 3, 3}, topology.angles_rad, "x.inpcrd: its last line"};
  coordinates.angles_rad->at(1) = 109.47 * engine::kRadianPerDegree;
  EXPECT_EQ(tools::other_shape_note(coordinates, topology), "") << "two decimals";
  coordinates.angles_rad = {{kRight, kRight, kRight}};
  EXPECT_EQ(tools::other_shape_note(coordinates, topology),
            "x.inpcrd: its last line gives a periodic box with angles of 90.00, 90.00, 90.00 "
            "degrees, which is used, but x.prmtop: IFBOX with BOX_DIMENSIONS gives angles of "
            "109.47, 109.47, 109.47 degrees; check that the two files belong together");
  coordinates.angles_rad.reset();
  EXPECT_EQ(tools::other_shape_note(coordinates, topology), "");
}

TEST_F(PeriodicBox, IsNeededByPeriodicMethods) {
  const std::string how =
      "; give the edges and angles of the box in the coordinates (a CRYST1 record of a .pdb file, "
      "the last line of an .inpcrd or .rst7 file), or put the molecule into a box of water with "
      "'saltus solvate'";
  EXPECT_EQ(
      refusal(std::nullopt, NonbondedMethod::kPme),
      "x.pdb: no file gives a periodic box, but nonbonded = \"pme\" needs a periodic box" + how);
  InputBox box = real_box();
  box.edges_nm = {0.1, 0.1, 0.1};
  EXPECT_EQ(refusal(box, NonbondedMethod::kCutoffPeriodic),
            "x.pdb:1: the CRYST1 record gives a periodic box of 0.100 x 0.100 x 0.100 nm, too "
            "small for the atoms and taken for a placeholder, but nonbonded = \"cutoff_periodic\" "
            "needs a periodic box" +
                how);
  box = real_box();
  box.angles_rad.reset();
  EXPECT_EQ(refusal(box, NonbondedMethod::kEwald),
            "x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x 3.000 x 4.000 nm without "
            "its angles" +
                how);
  box.angles_rad = {{0.4, 0.5, 1.0}};
  EXPECT_EQ(refusal(box, NonbondedMethod::kEwald).substr(0, 65),
            "x.pdb:1: the CRYST1 record: the angles of the periodic box, 22.91");
}

TEST_F(PeriodicBox, NeedsAWordWhenItIsReal) {
  EXPECT_EQ(tools::unused_box_note(real_box(), topology_, positions_, "x.xml has none"),
            "x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x 3.000 x 4.000 nm; it is "
            "not used: x.xml has none");
  EXPECT_EQ(
      refusal(real_box(), std::nullopt),
      "x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x 3.000 x 4.000 nm, but nothing "
      "says whether it is to be used; set nonbonded = \"pme\" in [system] to simulate the periodic "
      "box (or \"ewald\", \"cutoff_periodic\"), or nonbonded = \"no_cutoff\" (or \"cutoff\") to "
      "have its contents in vacuum or implicit solvent (saltus energy without a deck: "
      "--ignore-box), or remove the box from the file");
  const auto decision = decide(real_box(), NonbondedMethod::kCutoffNonPeriodic);
  EXPECT_FALSE(decision.box.has_value());
  EXPECT_EQ(decision.left_out, engine::Box({3, 3, 4}));
  EXPECT_EQ(decision.note,
            "x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x 3.000 x 4.000 nm; it is "
            "not used: nonbonded = \"cutoff\" is without one; the atoms are in vacuum or implicit "
            "solvent");
  // Nobody asks for the angles of a box that is not used.
  InputBox odd = real_box();
  odd.angles_rad.reset();
  EXPECT_FALSE(decide(odd, NonbondedMethod::kNoCutoff).left_out.has_value());
  odd.angles_rad = {{0.4, 0.5, 1.0}};
  EXPECT_FALSE(decide(odd, NonbondedMethod::kNoCutoff).left_out.has_value());
}

TEST_F(PeriodicBox, IsNoQuestionWhereThereIsNone) {
  for (const std::optional<NonbondedMethod> method :
       {std::optional<NonbondedMethod>(), std::optional(NonbondedMethod::kNoCutoff)}) {
    const auto decision = decide(std::nullopt, method);
    EXPECT_FALSE(decision.box.has_value());
    EXPECT_EQ(decision.note, "");
  }
  InputBox box = real_box();
  box.edges_nm = {0.1, 0.1, 0.1};
  EXPECT_FALSE(decide(box, std::nullopt).left_out.has_value());
  EXPECT_EQ(decide(box, std::nullopt).note,
            "x.pdb:1: the CRYST1 record gives a periodic box of 0.100 x 0.100 x 0.100 nm, too "
            "small for the atoms; it is taken for a placeholder and not used");
}

TEST(RecordedBonds, MustBePossible) {
  engine::Topology topology;
  topology.residues.push_back({"MOL", "", 1, "", 0});
  topology.atoms = {{"C1", 6, 0}, {"H1", 1, 0}, {"H2", 1, 0}, {"FE", 26, 0}};
  std::vector<double> x = {0, 0, 0, 0.11, 0, 0, 0.15, 0, 0, 0, 0.2, 0};
  const auto check = [&](const std::vector<engine::Bond>& bonds) {
    topology.bonds = bonds;
    const std::vector<std::string> sources(bonds.size(), "x.pdb:9: the CONECT record");
    try {
      tools::check_recorded_bonds(topology, sources, x);
    } catch (const engine::InputError& error) {
      return std::string(error.what());
    }
    return std::string("fine");
  };
  EXPECT_EQ(check({{0, 1}, {0, 2}}), "fine");
  EXPECT_EQ(check({{0, 1}, {1, 2}}),
            "x.pdb:9: the CONECT record bonds atom C1 of residue MOL 1 and atom H1 of residue MOL "
            "1, which gives atom H1 of residue MOL 1 2 bonds; H has at most 1: is the record "
            "wrong?");
  EXPECT_EQ(check({{0, 1}, {1, 3}}), "fine");  // a hydride of a metal
  x[0] = -0.1;
  EXPECT_EQ(check({{0, 1}}),
            "x.pdb:9: the CONECT record bonds atom C1 of residue MOL 1 and atom H1 of residue MOL "
            "1, which are 0.210 nm apart, expected at most 0.200 nm; is the record wrong, or are "
            "the coordinates?");
}

TEST(MovedConstraints, AreThoseOfWaterOfAnotherModel) {
  // SPC/E has O-H of 0.1 nm and H-H of 0.1633 nm, TIP3P 0.09572 and 0.15139 nm.
  engine::Topology topology;
  topology.residues.push_back({"HOH", "A", 7, "", 0});
  topology.atoms = {{"O", 8, 0}, {"H1", 1, 0}, {"H2", 1, 0}};
  engine::System system;
  system.masses = {16.0, 1.0, 1.0};
  system.constraints = {{0, 1, 0.1}, {0, 2, 0.1}, {1, 2, 0.1633}};
  const auto note = [&](double oh, double hh) {
    const std::vector<double> x = {0,
                                   0,
                                   0,
                                   hh / 2,
                                   std::sqrt(oh * oh - hh * hh / 4),
                                   0,
                                   -hh / 2,
                                   std::sqrt(oh * oh - hh * hh / 4),
                                   0};
    return tools::moved_constraints_note("x.pdb", system, topology, x);
  };
  EXPECT_EQ(note(0.1005, 0.1625), "") << "digits of a file";
  EXPECT_EQ(note(0.09572, 0.15139),
            "x.pdb: 1 of 3 constrained distances are otherwise by more than 0.01 nm; atom H1 of "
            "residue HOH 7 of chain A and atom H2 of residue HOH 7 of chain A are 0.151 nm apart, "
            "constrained to 0.163 nm. Chains start on the constraints; water of another model may "
            "be the cause");
}

}  // namespace
}  // namespace saltus::tests
