// Oracle: boxes and bonds whose verdict follows from the docstrings by hand.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/support/errors.h"
#include "tools/saltus/molecules/periodic_box.h"
#include "tools/saltus/molecules/structure_checks.h"

namespace saltus::tests {
namespace {

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
    return tools::is_placeholder({{a, b, c}, {angle, angle, angle}, "x"}, topology_, positions_);
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

TEST_F(PeriodicBox, NeedsAWordWhenItIsReal) {
  const InputBox box{{3, 3, 4}, {kRight, kRight, kRight}, "x.pdb:1: the CRYST1 record"};
  EXPECT_EQ(tools::judge_box(box, topology_, positions_, "x.xml is a system without one"),
            "x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x 3.000 x 4.000 nm; it is "
            "not used: x.xml is a system without one");
  EXPECT_EQ(
      message_of<engine::InputError>([&] { tools::judge_box(box, topology_, positions_, ""); }),
      "x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x 3.000 x 4.000 nm, but "
      "periodic boxes are not available, and the contents of the box would be simulated in vacuum; "
      "if that is intended, set nonbonded = \"no_cutoff\" (or \"cutoff\") in [system] "
      "(saltus energy without a deck: --ignore-box), or remove the box from the file");
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

}  // namespace
}  // namespace saltus::tests
