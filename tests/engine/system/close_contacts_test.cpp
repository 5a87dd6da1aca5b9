// Oracle: Coulomb's law and the terms' formulas by hand.
#include "engine/system/close_contacts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/boxes.h"

namespace saltus::engine {
namespace {

/// Two atoms with charges and Lennard-Jones parameters.
System two_atoms(double q1, double q2, double sigma_nm = 0.3, double epsilon = 0.0) {
  System system;
  system.masses = {16.0, 1.0};
  system.nonbonded.emplace();
  system.nonbonded->particles = {{q1, sigma_nm, epsilon}, {q2, sigma_nm, epsilon}};
  return system;
}

std::vector<double> at_distance(double r_nm) { return {0.1, -0.2, 0.3, 0.1, -0.2, 0.3 + r_nm}; }

std::optional<PairEnergy> strongest(const System& system, double r_nm) {
  return ContactCheck(system).strongest(tests::in_box(system, at_distance(r_nm)).view());
}

std::vector<CloseContact> found(const System& system, double r_nm) {
  return ContactCheck(system).find(tests::in_box(system, at_distance(r_nm)).view());
}

TEST(CloseContacts, AreOppositeChargesWithoutRepulsion) {
  // HG of serine and a carbonyl's oxygen in AMBER's force field.
  const System system = two_atoms(-0.5679, 0.4275);
  for (const double r : {1e-5, 5.2e-4, 0.01, 0.09}) {
    const auto contacts = found(system, r);
    ASSERT_EQ(contacts.size(), 1u) << r;
    EXPECT_EQ(contacts[0].kind, ContactKind::kInsideCharge);
    EXPECT_EQ(contacts[0].i, 0u);
    EXPECT_EQ(contacts[0].j, 1u);
    EXPECT_NEAR(contacts[0].distance_nm, r, 1e-15);
    EXPECT_NEAR(contacts[0].energy * r, -kCoulombConstant * 0.5679 * 0.4275, 1e-9);
  }
  // Hydrogen bonds, the shortest included, are none.
  for (const double r : {0.101, 0.12, 0.17, 1.0}) EXPECT_TRUE(found(system, r).empty()) << r;
}

TEST(CloseContacts, AreNotChargesThatRepel) {
  EXPECT_TRUE(found(two_atoms(0.5, 0.4275), 0.001).empty());
  EXPECT_TRUE(found(two_atoms(0.0, 0.4275), 0.001).empty());
}

TEST(CloseContacts, AreNotPairsOfARepulsionThatHolds) {
  // With sigma 0.3 nm and 0.9 kJ/mol the pair repels at every distance below 0.1 nm.
  for (const double r : {1e-4, 0.01, 0.05, 0.09})
    EXPECT_TRUE(found(two_atoms(-0.8, 0.4, 0.3, 0.9), r).empty()) << r;
  // A repulsion that is much too small has a minimum of the pair energy far inside the other atom.
  EXPECT_EQ(found(two_atoms(-0.8, 0.4, 0.01, 0.01), 0.03).size(), 1u);
  // Ions at contact are closer to each other in energy than in any molecule, and are fine.
  EXPECT_TRUE(found(two_atoms(2.0, -1.0, 0.2, 0.4), 0.19).empty());
}

TEST(CloseContacts, AreNotWeakCharges) {
  // -139 kJ/mol at 0.01 nm is no deeper than a strong hydrogen bond.
  EXPECT_TRUE(found(two_atoms(-0.1, 0.1), 0.01).empty());
  EXPECT_EQ(found(two_atoms(-0.1, 0.1), 0.005).size(), 1u);
}

TEST(CloseContacts, KnowExceptions) {
  System system = two_atoms(-0.8, 0.4);
  system.nonbonded->exceptions = {{1, 0, 0.0, 1.0, 0.0}};
  EXPECT_TRUE(found(system, 0.01).empty());
  system.nonbonded->exceptions = {{1, 0, -0.1, 1.0, 0.0}};
  const auto contacts = found(system, 0.01);
  ASSERT_EQ(contacts.size(), 1u);
  EXPECT_NEAR(contacts[0].energy, -0.1 * kCoulombConstant / 0.01, 1e-9);
}

TEST(CloseContacts, AreNeverPairsOfMmff94) {
  // Both functions are buffered: O-H against carbonyl oxygen has no hole at any distance.
  System system;
  system.masses = {16.0, 1.0};
  system.mmff.emplace();
  system.mmff->pairs = {{0, 1, 0.08, 0.21, -0.57 * 0.4}};
  for (const double r : {1e-5, 1e-3, 0.01, 0.05, 0.09}) EXPECT_TRUE(found(system, r).empty()) << r;
  // Without the repulsion it would be one, -1000 kJ/mol deep.
  system.mmff->pairs[0].epsilon = 0.0;
  EXPECT_EQ(found(system, 0.01).size(), 1u);
}

TEST(CloseContacts, AreAtomsAtOnePlace) {
  System system = two_atoms(0.0, 0.0);
  ASSERT_EQ(found(system, 0.0).size(), 1u);
  EXPECT_EQ(found(system, 0.0)[0].kind, ContactKind::kCoincident);
  EXPECT_TRUE(found(system, 1e-4).empty());
  // Places of charges beside the atoms have no mass.
  system.masses[1] = 0.0;
  EXPECT_TRUE(found(system, 0.0).empty());
}

TEST(CloseContacts, AreBondsOfNanometres) {
  System system;
  system.masses = {12.0, 14.0};
  system.bonds = {{0, 1, 0.1335, 4.1e5}};
  EXPECT_TRUE(found(system, 0.5).empty());
  const auto contacts = found(system, 900.0);
  ASSERT_EQ(contacts.size(), 1u);
  EXPECT_EQ(contacts[0].kind, ContactKind::kStretchedBond);
  EXPECT_EQ(contacts[0].length_nm, 0.1335);
  // What holds an elastic network together may be long.
  system.bonds[0].k = 100.0;
  EXPECT_TRUE(found(system, 3.0).empty());
  system.bonds.clear();
  system.constraints = {{0, 1, 0.1}};
  EXPECT_EQ(found(system, 3.0).size(), 1u);
}

TEST(CloseContacts, SeeNearestImages) {
  System system = two_atoms(-0.8, 0.4);
  system.box = Box({2.0, 2.0, 2.0});
  EXPECT_TRUE(found(system, 1.99).empty());
  system.nonbonded->method = NonbondedMethod::kCutoffPeriodic;
  system.nonbonded->cutoff_nm = 1.0;
  ASSERT_EQ(found(system, 1.99).size(), 1u);
  EXPECT_NEAR(found(system, 1.99)[0].distance_nm, 0.01, 1e-12);
  const std::vector<double> x = at_distance(1.99);
  EXPECT_THROW(ContactCheck(system).find({x.data(), 1, 2}), InternalError) << "without the box";
}

TEST(CloseContacts, AreAtomsOfTwoMoleculesInOnePlaceOfABox) {
  // A repulsion that holds, which minimisation takes apart in vacuum.
  System system = two_atoms(0.0, 0.0, 0.3, 0.5);
  EXPECT_TRUE(found(system, 0.04).empty());
  system.box = Box({2.0, 2.0, 2.0});
  system.nonbonded->method = NonbondedMethod::kCutoffPeriodic;
  system.nonbonded->cutoff_nm = 1.0;
  ASSERT_EQ(found(system, 0.04).size(), 1u);
  EXPECT_EQ(found(system, 0.04)[0].kind, ContactKind::kOverlap);
  EXPECT_EQ(found(system, 1.96).size(), 1u) << "by the nearest image";
  EXPECT_TRUE(found(system, 0.051).empty());
  EXPECT_TRUE(found(system, 1.949).empty());
  System bonded = system;
  bonded.nonbonded->exceptions = {{0, 1, 0.0, 1.0, 0.0}};
  EXPECT_TRUE(found(bonded, 0.04).empty());
  System with_site = system;
  with_site.masses[1] = 0.0;
  EXPECT_TRUE(found(with_site, 0.04).empty());
  const Topology topology = tests::make_topology({"O", "H"}, {});
  EXPECT_EQ(describe(found(system, 0.04).at(0), topology),
            "atom O0 of residue MOL 1 of chain A and atom H1 of residue MOL 1 of chain A are 0.04 "
            "nm apart, nearer than any two atoms that are not bonded to each other");
}

TEST(CloseContacts, ComeWorstFirst) {
  System system = two_atoms(-0.8, 0.4);
  system.masses = {16.0, 1.0, 1.0, 12.0, 12.0};
  system.nonbonded->particles = {
      {-0.8, 0.3, 0.0}, {0.4, 0.3, 0.0}, {0.4, 0.3, 0.0}, {0.0, 0.3, 0.0}, {0.0, 0.3, 0.0}};
  const std::vector<double> x = {0, 0, 0, 0.05, 0, 0, 0, 0.01, 0, 3, 3, 3, 3, 3, 3};
  const auto contacts = ContactCheck(system).find({x.data(), 1, 5});
  ASSERT_EQ(contacts.size(), 3u);
  EXPECT_EQ(contacts[0].kind, ContactKind::kCoincident);
  EXPECT_EQ(contacts[1].j, 2u);
  EXPECT_EQ(contacts[2].j, 1u);
}

TEST(CloseContacts, IgnoreWhatIsNoNumber) {
  const System system = two_atoms(-0.8, 0.4);
  EXPECT_TRUE(found(system, std::numeric_limits<double>::quiet_NaN()).empty());
  EXPECT_TRUE(found(system, std::numeric_limits<double>::infinity()).empty());
}

TEST(CloseContacts, BlameTheStrongestInteraction) {
  System system = two_atoms(0.0, 0.0, 0.3, 1.0);
  auto worst = strongest(system, 0.1);
  ASSERT_TRUE(worst);
  EXPECT_NEAR(worst->energy, 4.0 * (std::pow(3.0, 12) - std::pow(3.0, 6)), 1e-6);
  system.bonds = {{0, 1, 0.0, 1e12}};
  worst = strongest(system, 0.1);
  EXPECT_NEAR(worst->energy, 5e9, 1.0);
  EXPECT_FALSE(strongest(two_atoms(0.0, 0.0), 0.1));
  EXPECT_TRUE(strongest(two_atoms(1.0, -1.0), 0.49));
  EXPECT_FALSE(strongest(two_atoms(1.0, -1.0), 0.51));
}

TEST(CloseContacts, AreDescribed) {
  const Topology topology = tests::make_topology({"O", "H"}, {});
  EXPECT_EQ(
      describe(found(two_atoms(-0.5, 0.5), 0.001).at(0), topology),
      "atom O0 of residue MOL 1 of chain A and atom H1 of residue MOL 1 of chain A are 0.001 "
      "nm apart, too close for their opposite charges (-3.473e+04 kJ/mol of this pair alone)");
  EXPECT_EQ(describe(found(two_atoms(-0.5, 0.5), 0.0).at(0), topology),
            "atom O0 of residue MOL 1 of chain A and atom H1 of residue MOL 1 of chain A lie on "
            "top of each other");
  EXPECT_EQ(describe(PairEnergy{0, 1, 0.05, 1e6}, topology),
            "atom O0 of residue MOL 1 of chain A and atom H1 of residue MOL 1 of chain A, 0.05 nm "
            "apart (1e+06 kJ/mol)");
}

TEST(CloseContacts, AreGoneWithoutCharges) {
  System system = two_atoms(-0.8, 0.4);
  system.nonbonded->exceptions = {{0, 1, -0.3, 1.0, 0.0}};
  system.implicit_solvent.emplace();
  const System uncharged = without_charges(system);
  EXPECT_TRUE(found(uncharged, 0.001).empty());
  EXPECT_FALSE(uncharged.implicit_solvent);
}

}  // namespace
}  // namespace saltus::engine
