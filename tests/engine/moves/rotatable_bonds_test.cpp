// Oracle: molecules whose rotatable bonds a chemist counts, and geometry that a turn must keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/moves/torsion_walk.h"
#include "engine/system/internal_coordinates.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/chain_molecule.h"

namespace saltus::tests {
namespace {

using namespace engine;

TEST(RotatableBonds, EthanolTurnsMethylAndHydroxyl) {
  const auto bonds = rotatable_bonds(ethanol());
  ASSERT_EQ(bonds.size(), 2u);
  // C0-C1: the methyl side is the smaller one; C1-O2: the hydroxyl.
  EXPECT_EQ(bonds[0].axis_from, 1u);
  EXPECT_EQ(bonds[0].axis_to, 0u);
  EXPECT_THAT(bonds[0].moving, ::testing::ElementsAre(3, 4, 5));
  EXPECT_EQ(bonds[1].axis_from, 1u);
  EXPECT_EQ(bonds[1].axis_to, 2u);
  EXPECT_THAT(bonds[1].moving, ::testing::ElementsAre(8));
}

TEST(RotatableBonds, RingBondsAreNotRotatable) {
  EXPECT_TRUE(rotatable_bonds(fused_rings()).empty());
  const auto bonds = rotatable_bonds(methylcyclopropane());
  ASSERT_EQ(bonds.size(), 1u);
  EXPECT_THAT(bonds[0].moving, ::testing::ElementsAre(9, 10, 11));
}

TEST(RotatableBonds, TerminalBondsAreNotRotatable) {
  EXPECT_TRUE(rotatable_bonds(methane()).empty());
  EXPECT_TRUE(rotatable_bonds(ammonia()).empty());
}

/// CH3-CO-N(CH3)-CH3 without its hydrogens on carbon, the acyl group a residue of its own; `with_h`
/// puts a hydrogen in the place of one methyl.
Topology amide(bool with_h) {
  Topology topology;
  topology.residues = {{"ACE", "A", 1, ""}, {"PRO", "A", 2, ""}};
  const auto atom = [&](const char* name, int element, std::size_t residue) {
    Atom result;
    result.name = name;
    result.atomic_number = element;
    result.residue = residue;
    topology.atoms.push_back(result);
  };
  atom("CH3", 6, 0), atom("C", 6, 0), atom("O", 8, 0);
  atom("N", 7, 1), atom("CA", 6, 1), atom(with_h ? "H" : "CD", with_h ? 1 : 6, 1);
  atom("C", 6, 1);
  topology.bonds = {{0, 1}, {1, 2}, {1, 3}, {3, 4}, {3, 5}, {4, 6}};
  return topology;
}

TEST(RotatableBonds, BeforeProlineAreAmidesWithoutHydrogen) {
  const auto bonds = bonds_before_proline(amide(false));
  ASSERT_EQ(bonds.size(), 1u);
  EXPECT_EQ(std::minmax(bonds[0].axis_from, bonds[0].axis_to), std::minmax<std::size_t>(1, 3));
  EXPECT_TRUE(bonds_before_proline(amide(true)).empty());
  Topology one_residue = amide(false);
  for (Atom& atom : one_residue.atoms) atom.residue = 0;
  EXPECT_TRUE(bonds_before_proline(one_residue).empty());
}

TEST(TorsionWalk, HalfTurnsAreAboutHalfATurn) {
  const ChainMolecule molecule;
  const ChainBatch chains = molecule.draw(200, 300.0, 1);
  const TorsionWalk walk(rotatable_bonds(molecule.topology()), {0.01, 1.0});
  const auto proposed = walk.sample(chains.view(), {1, 0});
  std::vector<double> before(200 * 9), after(200 * 9), log_jac(200);
  cartesian_to_internal(molecule.z_matrix(), chains.positions.view(), before, log_jac);
  cartesian_to_internal(molecule.z_matrix(), proposed.positions.view(), after, log_jac);
  for (std::size_t c = 0; c < 200; ++c) {
    double most = 0.0;
    for (std::size_t t = 7; t < 9; ++t)
      most =
          std::max(most, std::abs(std::remainder(after[9 * c + t] - before[9 * c + t], 2 * kPi)));
    EXPECT_NEAR(most, kPi, 0.06) << "chain " << c;  // six widths
  }
  EXPECT_THROW(TorsionWalk(rotatable_bonds(molecule.topology()), {1.0, 1.1}), InputError);
  EXPECT_THROW(TorsionWalk(rotatable_bonds(molecule.topology()), {1.0, -0.1}), InputError);
}

TEST(TorsionWalk, TurnsOneTorsionAndKeepsEverythingElse) {
  const ChainMolecule molecule;
  const ChainBatch chains = molecule.draw(50, 300.0, 1);
  const auto proposed =
      TorsionWalk(rotatable_bonds(molecule.topology()), {1.0}).sample(chains.view(), {1, 0});
  std::vector<double> before(50 * 9), after(50 * 9), log_jac(50);
  cartesian_to_internal(molecule.z_matrix(), chains.positions.view(), before, log_jac);
  cartesian_to_internal(molecule.z_matrix(), proposed.positions.view(), after, log_jac);
  std::size_t turned[2] = {0, 0};
  for (std::size_t c = 0; c < 50; ++c) {
    for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(before[9 * c + i], after[9 * c + i], 1e-12);
    int n_changed = 0;
    for (std::size_t t = 0; t < 2; ++t)
      if (std::abs(before[9 * c + 7 + t] - after[9 * c + 7 + t]) > 1e-9) {
        ++n_changed;
        ++turned[t];
      }
    EXPECT_EQ(n_changed, 1) << "chain " << c;
  }
  // Fair coins: fewer than 5 of 50 has probability below 1e-8.
  EXPECT_GE(turned[0], 5u);
  EXPECT_GE(turned[1], 5u);
}

}  // namespace
}  // namespace saltus::tests
