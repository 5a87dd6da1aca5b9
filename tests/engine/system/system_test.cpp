// Oracle: exact messages for each kind of bad content, and exclusions of hand-counted molecules.
#include "engine/system/system.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "engine/core/error.h"
#include "engine/system/elements.h"
#include "tests/engine/system/molecules.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Four atoms with one term of each kind, all valid.
System valid_system() {
  System s;
  s.masses = {12.0, 12.0, 12.0, 1.0};
  s.bonds = {{0, 1, 0.15, 1000.0}};
  s.angles = {{0, 1, 2, 1.9, 300.0}};
  s.torsions = {{0, 1, 2, 3, 3, 0.0, 1.0}};
  s.constraints = {{2, 3, 0.109}};
  s.nonbonded.emplace();
  s.nonbonded->particles.assign(4, {0.1, 0.3, 0.5});
  s.nonbonded->exceptions = {{0, 1, 0.0, 1.0, 0.0}};
  s.implicit_solvent.emplace();
  s.implicit_solvent->particles.assign(4, {0.1, 0.15, 0.8});
  return s;
}

struct Fault {
  std::function<void(System&)> plant;
  std::string message;
};

TEST(SystemValidate, AcceptsAValidSystem) { EXPECT_NO_THROW(valid_system().validate("file")); }

TEST(SystemValidate, NamesSourceTermAndFault) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Fault> faults = {
      {[](System& s) { s = System(); }, "x.xml: the system has no atoms"},
      {[](System& s) { s.masses[2] = -1.0; }, "x.xml: mass of atom 2: mass is negative: -1.000000"},
      {[](System& s) { s.bonds[0].j = 4; },
       "x.xml: bond 0: atom index 4 out of range, the system has 4 atoms"},
      {[](System& s) { s.bonds[0].j = 0; }, "x.xml: bond 0: an atom is repeated"},
      {[](System& s) { s.bonds[0].k = -2.0; },
       "x.xml: bond 0: force constant is negative: -2.000000"},
      {[](System& s) { s.angles[0].k_atom = 9; },
       "x.xml: angle 0: atom index 9 out of range, the system has 4 atoms"},
      {[](System& s) { s.angles[0].angle_rad = kNan; },
       "x.xml: angle 0: equilibrium angle is not a finite number"},
      {[](System& s) { s.torsions[0].periodicity = 0; },
       "x.xml: torsion 0: periodicity 0, expected 1 or more"},
      {[](System& s) { s.torsions[0].l = 0; }, "x.xml: torsion 0: an atom is repeated"},
      {[](System& s) { s.torsions[0].k = kNan; },
       "x.xml: torsion 0: force constant is not a finite number"},
      {[](System& s) { s.constraints[0].distance_nm = -0.1; },
       "x.xml: constraint 0: distance is negative: -0.100000"},
      {[](System& s) { s.nonbonded->particles.pop_back(); },
       "x.xml: nonbonded: 3 particles given, the system has 4 atoms"},
      {[](System& s) { s.nonbonded->particles[1].charge = kNan; },
       "x.xml: nonbonded particle 1: charge is not a finite number"},
      {[](System& s) { s.nonbonded->particles[1].epsilon = -1.0; },
       "x.xml: nonbonded particle 1: epsilon is negative: -1.000000"},
      {[](System& s) {
         s.nonbonded->exceptions.push_back({1, 0, 0.0, 1.0, 0.0});
       },
       "x.xml: nonbonded exception 1: the pair 1, 0 has an exception already"},
      {[](System& s) {
         s.implicit_solvent->particles.resize(5, {0.0, 0.15, 0.8});
       },
       "x.xml: implicit solvent: 5 particles given, the system has 4 atoms"},
      {[](System& s) { s.implicit_solvent->particles[3].radius_nm = 0.005; },
       "x.xml: implicit-solvent particle 3: radius 0.005000 nm, expected more than the offset "
       "0.009000 nm"},
  };
  for (const Fault& fault : faults) {
    System system = valid_system();
    fault.plant(system);
    try {
      system.validate("x.xml");
      ADD_FAILURE() << "accepted: " << fault.message;
    } catch (const InputError& error) {
      EXPECT_EQ(error.what(), fault.message);
      EXPECT_EQ(error.exit_code(), 65);
    }
  }
}

TEST(SystemValidate, RefusesImpossibleCutoffs) {
  System system = valid_system();
  system.nonbonded->method = NonbondedMethod::kCutoffNonPeriodic;
  EXPECT_NO_THROW(system.validate("x"));
  for (double bad : {0.0, -1.0, std::nan("")}) {
    system.nonbonded->cutoff_nm = bad;
    EXPECT_THROW(system.validate("x"), InputError) << bad;
  }
}

TEST(Exceptions, FollowBondDistances) {
  // A chain 0-1-2-3-4 with a ring 4-5-6-4: pairs one or two bonds apart excluded, three scaled.
  std::vector<NonbondedParticle> particles;
  for (int i = 0; i < 7; ++i) particles.push_back({0.1 * (i + 1), 0.2 + 0.1 * i, 1.0 + i});
  const auto exceptions = exceptions_from_bonds(
      particles, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 4}}, 0.8, 0.5);
  std::set<std::pair<std::size_t, std::size_t>> excluded, scaled;
  for (std::size_t n = 0; n < exceptions.size(); ++n) {
    const NonbondedException& e = exceptions[n];
    if (n > 0) {
      EXPECT_LT(std::make_pair(exceptions[n - 1].i, exceptions[n - 1].j), std::make_pair(e.i, e.j));
    }
    (e.charge_product == 0.0 && e.epsilon == 0.0 ? excluded : scaled).insert({e.i, e.j});
  }
  EXPECT_EQ(excluded, (std::set<std::pair<std::size_t, std::size_t>>{{0, 1},
                                                                     {0, 2},
                                                                     {1, 2},
                                                                     {1, 3},
                                                                     {2, 3},
                                                                     {2, 4},
                                                                     {3, 4},
                                                                     {3, 5},
                                                                     {3, 6},
                                                                     {4, 5},
                                                                     {4, 6},
                                                                     {5, 6}}));
  EXPECT_EQ(scaled,
            (std::set<std::pair<std::size_t, std::size_t>>{{0, 3}, {1, 4}, {2, 5}, {2, 6}}));
  for (const NonbondedException& e : exceptions) {
    if (e.i != 0 || e.j != 3) continue;
    EXPECT_DOUBLE_EQ(e.charge_product, 0.8 * 0.1 * 0.4);
    EXPECT_DOUBLE_EQ(e.sigma_nm, 0.35);
    EXPECT_DOUBLE_EQ(e.epsilon, 0.5 * 2.0);
  }
}

TEST(Topology, DescribesAtomsAndResidues) {
  Topology topology = ethanol();
  topology.residues[0] = {"ALA", "A", 2, ""};
  EXPECT_EQ(topology.describe_atom(2), "atom O2 of residue ALA 2 of chain A");
  topology.residues[0] = {"GLY", "", -3, "B"};
  EXPECT_EQ(topology.describe_residue(0), "residue GLY -3B");
  EXPECT_EQ(topology.neighbours()[1], (std::vector<std::size_t>{0, 2, 6, 7}));
}

TEST(BondDistances, AreShortestWaysAndNoneBetweenMolecules) {
  Topology topology;
  topology.atoms.resize(7);
  // A ring of five with one atom that hangs on it, and one alone.
  topology.bonds = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}, {3, 5}};
  const std::size_t no_way = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(bond_distances(topology.neighbours(), 0),
            (std::vector<std::size_t>{0, 1, 2, 2, 1, 3, no_way}));
}

TEST(Elements, SymbolsNumbersAndMasses) {
  EXPECT_EQ(element_symbol(6), "C");
  EXPECT_EQ(element_symbol(0), "");
  EXPECT_EQ(atomic_number_of("cl"), 17);
  EXPECT_EQ(atomic_number_of("Xx"), 0);
  EXPECT_EQ(atomic_number_of("D"), 1);
  EXPECT_EQ(atomic_number_of("t"), 1);
  EXPECT_EQ(isotope_mass_of("D"), 2.014);
  EXPECT_EQ(isotope_mass_of("t"), 3.016);
  EXPECT_EQ(isotope_mass_of("H"), 0.0);
  EXPECT_EQ(isotope_mass_of("Dy"), 0.0);
  EXPECT_DOUBLE_EQ(covalent_radius_nm(6), 0.076);
  EXPECT_DOUBLE_EQ(covalent_radius_nm(54), 0.140);
  EXPECT_DOUBLE_EQ(covalent_radius_nm(92), 0.16);
  EXPECT_EQ(atomic_number_of_mass(15.9994), 8);
  EXPECT_EQ(atomic_number_of_mass(126.9), 53);
  EXPECT_EQ(atomic_number_of_mass(3.0), 0);
}

}  // namespace
}  // namespace saltus::tests
