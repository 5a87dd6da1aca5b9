// Oracle: exact messages for each kind of bad content of boxes, MMFF terms, maps, restraints and
// fields; symmetries known by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "engine/core/error.h"
#include "engine/ensemble/target_density.h"
#include "engine/system/system.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Fault {
  std::function<void(System&)> plant;
  std::string message;
};

void expect_refused(const System& valid, const std::vector<Fault>& faults) {
  EXPECT_NO_THROW(valid.validate("x"));
  for (const Fault& fault : faults) {
    System system = valid;
    fault.plant(system);
    EXPECT_EQ(message_of<InputError>([&] { system.validate("x"); }), "x: " + fault.message);
  }
}

System four_atoms() {
  System system;
  system.masses.assign(4, 12.0);
  return system;
}

TEST(SystemValidate, RefusesImpossibleBoxes) {
  System s = four_atoms();
  s.box = Box({2.0, 3.0, 2.5});
  s.nonbonded.emplace().particles.resize(4);
  s.nonbonded->method = NonbondedMethod::kCutoffPeriodic;
  s.nonbonded->cutoff_nm = 1.0;  // just half the shortest edge
  s.nonbonded->switching_distance_nm = 0.8;
  s.nonbonded->long_range_correction = true;
  expect_refused(
      s,
      {
          {[](System& b) { b.box->by = 0.0; },
           "box edge 1: length 0.000000 nm, expected a positive number"},
          {[](System& b) { b.box->cz = -1.0; },
           "box edge 2: length -1.000000 nm, expected a positive number"},
          {[](System& b) { b.box->ax = kNan; }, "box edge 0: length is not a finite number"},
          {[](System& b) { b.box->ax = 1.9; },
           "nonbonded: the cutoff, 1.000000 nm, is more than half the shortest width of the box, "
           "1.900000 nm; set cutoff = \"0.95 nm\" or less, or take a larger box"},
          {[](System& b) { b.box->bx = 1.1; },
           "box: bx is 1.100000 nm, expected at most half of 2.000000 nm in size (reduce the box "
           "vectors, as OpenMM does)"},
          {[](System& b) { b.box.reset(); },
           "nonbonded: the method is periodic, but the system has no box"},
          {[](System& b) {
             b.nonbonded->method = NonbondedMethod::kPme;
             b.box.reset();
           },
           "nonbonded: the method is periodic, but the system has no box"},
          {[](System& b) { b.nonbonded->cutoff_nm = kNan; },
           "nonbonded 0: the cutoff must be positive"},
          {[](System& b) { b.nonbonded->switching_distance_nm = 1.0; },
           "nonbonded: switching distance 1.000000 nm, expected less than the cutoff 1.000000 nm"},
          {[](System& b) { b.nonbonded->switching_distance_nm = -0.5; },
           "nonbonded: switching distance -0.500000 nm, expected 0 or more"},
          {[](System& b) { b.nonbonded->switching_distance_nm = kNan; },
           "nonbonded: switching distance nan nm, expected 0 or more"},
          {[](System& b) { b.nonbonded->method = NonbondedMethod::kNoCutoff; },
           "nonbonded: a switching distance of 0.800000 nm without a cutoff; expected 0"},
          {[](System& b) { b.nonbonded->method = NonbondedMethod::kCutoffNonPeriodic; },
           "nonbonded: a long-range correction is defined only with a cutoff in a periodic box"},
          {[](System& b) {
             b.implicit_solvent.emplace().particles.assign(4, {0.0, 0.15, 0.8});
           },
           "implicit solvent: it cannot be combined with a periodic nonbonded method; choose one "
           "of them"},
      });
}

TEST(SystemValidate, RefusesImpossibleEwaldSums) {
  System s = four_atoms();
  s.box = Box({2.0, 3.0, 2.5});
  s.nonbonded.emplace().particles.resize(4);
  s.nonbonded->method = NonbondedMethod::kPme;
  s.nonbonded->cutoff_nm = 1.0;
  s.nonbonded->long_range_correction = true;
  s.nonbonded->ewald.alpha_per_nm = 3.0;
  s.nonbonded->ewald.n_grid = {20, 30, 25};
  EXPECT_TRUE(box_needs(s).needed);
  expect_refused(
      s,
      {
          {[](System& b) { b.nonbonded->ewald.tolerance = 0.0; },
           "Ewald sum: tolerance 0, expected more than 0 and less than 0.5"},
          {[](System& b) { b.nonbonded->ewald.tolerance = 0.5; },
           "Ewald sum: tolerance 0.5, expected more than 0 and less than 0.5"},
          {[](System& b) { b.nonbonded->ewald.alpha_per_nm = -1.0; },
           "Ewald sum: alpha is -1 per nm, expected a positive number, or 0 to choose it by the "
           "tolerance"},
          {[](System& b) { b.nonbonded->ewald.alpha_per_nm = kNan; },
           "Ewald sum: alpha is nan per nm, expected a positive number, or 0 to choose it by the "
           "tolerance"},
          {[](System& b) { b.nonbonded->ewald.alpha_per_nm = 0.0; },
           "Ewald sum: a grid is given without alpha; expected both or none"},
          {[](System& b) { b.nonbonded->ewald.n_grid[1] = 0; },
           "Ewald sum: a grid needs points along each of the three edges"},
          {[](System& b) { b.nonbonded->method = NonbondedMethod::kEwald; },
           "Ewald sum: a grid is given, but the sum has none; only PME does"},
          {[](System& b) { b.nonbonded->ewald.n_grid = {}; },
           "Ewald sum: alpha is given without a grid; expected both or none"},
          {[](System& b) {
             b.nonbonded->ewald.n_grid = {};
             b.nonbonded->method = NonbondedMethod::kEwald;
           },
           "Ewald sum: alpha is given, but only PME takes it; expected 0"},
          {[](System& b) { b.box.reset(); },
           "nonbonded: the method is periodic, but the system has no box"},
          {[](System& b) { b.box->ax = 1.9; },
           "nonbonded: the cutoff, 1.000000 nm, is more than half the shortest width of the box, "
           "1.900000 nm; set cutoff = \"0.95 nm\" or less, or take a larger box"},
      });
}

TEST(SystemValidate, RefusesImpossibleMmffTerms) {
  System s = four_atoms();
  Mmff& mmff = s.mmff.emplace();
  mmff.bonds = {{0, 1, 0.15, 1e5}};
  mmff.angles = {{0, 1, 2, 1.9, 300.0}};
  mmff.linear_angles = {{0, 1, 2, 300.0}};
  mmff.stretch_bends = {{0, 1, 2, 0.11, 0.12, 1.9, -30.0, 40.0}};
  mmff.out_of_planes = {{0, 1, 2, 3, -5.0}};
  mmff.pairs = {{0, 3, 0.5, 0.3, -0.01}, {2, 3, 0.0, 0.0, 0.2}};
  expect_refused(
      s, {
             {[](System& b) { b.mmff->bonds[0].j = 4; },
              "MMFF bond 0: atom index 4 out of range, the system has 4 atoms"},
             {[](System& b) { b.mmff->bonds[0].length_nm = -0.1; },
              "MMFF bond 0: length is negative: -0.100000"},
             {[](System& b) { b.mmff->bonds[0].k = -1.0; },
              "MMFF bond 0: force constant is negative: -1.000000"},
             {[](System& b) { b.mmff->angles[0].k_atom = 0; }, "MMFF angle 0: an atom is repeated"},
             {[](System& b) { b.mmff->angles[0].angle_rad = kNan; },
              "MMFF angle 0: equilibrium angle is not a finite number"},
             {[](System& b) { b.mmff->angles[0].k = -1.0; },
              "MMFF angle 0: force constant is negative: -1.000000"},
             {[](System& b) { b.mmff->linear_angles[0].i = 7; },
              "MMFF linear angle 0: atom index 7 out of range, the system has 4 atoms"},
             {[](System& b) { b.mmff->linear_angles[0].k = -1.0; },
              "MMFF linear angle 0: force constant is negative: -1.000000"},
             {[](System& b) { b.mmff->stretch_bends[0].i = 1; },
              "MMFF stretch-bend 0: an atom is repeated"},
             {[](System& b) { b.mmff->stretch_bends[0].length_ij_nm = -0.1; },
              "MMFF stretch-bend 0: length i-j is negative: -0.100000"},
             {[](System& b) { b.mmff->stretch_bends[0].length_kj_nm = kNan; },
              "MMFF stretch-bend 0: length k-j is not a finite number"},
             {[](System& b) { b.mmff->stretch_bends[0].angle_rad = -1.0; },
              "MMFF stretch-bend 0: equilibrium angle is negative: -1.000000"},
             {[](System& b) { b.mmff->stretch_bends[0].k_ij = kNan; },
              "MMFF stretch-bend 0: force constant i-j is not a finite number"},
             {[](System& b) { b.mmff->stretch_bends[0].k_kj = kNan; },
              "MMFF stretch-bend 0: force constant k-j is not a finite number"},
             {[](System& b) { b.mmff->out_of_planes[0].l = 2; },
              "MMFF out-of-plane bend 0: an atom is repeated"},
             {[](System& b) { b.mmff->out_of_planes[0].k = kNan; },
              "MMFF out-of-plane bend 0: force constant is not a finite number"},
             {[](System& b) { b.mmff->pairs[1].i = 3; }, "MMFF pair 1: an atom is repeated"},
             {[](System& b) { b.mmff->pairs[0].epsilon = -0.5; },
              "MMFF pair 0: epsilon is negative: -0.500000"},
             {[](System& b) { b.mmff->pairs[0].r_min_nm = -0.3; },
              "MMFF pair 0: distance of the minimum is negative: -0.300000"},
             {[](System& b) { b.mmff->pairs[0].r_min_nm = 0.0; },
              "MMFF pair 0: the distance of the minimum is 0, expected a positive number"},
             {[](System& b) { b.mmff->pairs[1].charge_product = kNan; },
              "MMFF pair 1: charge product is not a finite number"},
             {[](System& b) {
                b.mmff->pairs.push_back({3, 0, 0.5, 0.3, 0.0});
              },
              "MMFF pair 2: the pair 0, 3 is listed already, as pair 0"},
             {[](System& b) { b.mmff->dielectric = 0.0; },
              "MMFF: the dielectric constant must be a positive number"},
             {[](System& b) { b.mmff->dielectric = kNan; },
              "MMFF: the dielectric constant must be a positive number"},
         });
}

TEST(SystemValidate, RefusesImpossibleMapsRestraintsAndFields) {
  System s = four_atoms();
  s.correction_maps = {{3, std::vector<double>(9, 1.0)}};
  s.correction_torsions = {{0, {0, 1, 2, 3}, {3, 1, 2, 0}}};
  s.position_restraints = {{3, {0.0, 0.0, 0.0}, 10.0, 0.1}};
  s.torsion_restraints = {{0, 1, 2, 3, -1.0, 10.0, 0.1}};
  s.field = {{0.0, 0.0, 5.0}, {0.1, -0.1, 0.0, 0.0}};
  expect_refused(
      s, {
             {[](System& b) {
                b.correction_maps[0] = {2, std::vector<double>(4)};
              },
              "correction map 0: size 2, expected 3 or more"},
             {[](System& b) { b.correction_maps[0].energies.pop_back(); },
              "correction map 0: 8 energies given, expected the square of its size 3"},
             {[](System& b) {
                b.correction_maps[0] = {std::size_t{1} << 32, {}};
              },
              "correction map 0: 0 energies given, expected the square of its size 4294967296"},
             {[](System& b) { b.correction_maps[0].energies[4] = kNan; },
              "correction map 0: an energy is not a finite number"},
             {[](System& b) { b.correction_torsions[0].map = 1; },
              "correction torsion 0: map index 1 out of range, the system has 1 maps"},
             {[](System& b) { b.correction_torsions[0].first[2] = 4; },
              "correction torsion 0: atom index 4 out of range, the system has 4 atoms"},
             {[](System& b) { b.correction_torsions[0].second[3] = 1; },
              "correction torsion 0: an atom is repeated"},
             {[](System& b) { b.position_restraints[0].atom = 4; },
              "position restraint 0: atom index 4 out of range, the system has 4 atoms"},
             {[](System& b) { b.position_restraints[0].position_nm[1] = kNan; },
              "position restraint 0: a coordinate is not a finite number"},
             {[](System& b) { b.position_restraints[0].k = -1.0; },
              "position restraint 0: force constant is negative: -1.000000"},
             {[](System& b) { b.position_restraints[0].flat_radius_nm = -1.0; },
              "position restraint 0: flat radius is negative: -1.000000"},
             {[](System& b) { b.torsion_restraints[0].i = 1; },
              "torsion restraint 0: an atom is repeated"},
             {[](System& b) { b.torsion_restraints[0].angle_rad = kNan; },
              "torsion restraint 0: angle is not a finite number"},
             {[](System& b) { b.torsion_restraints[0].k = -1.0; },
              "torsion restraint 0: force constant is negative: -1.000000"},
             {[](System& b) { b.torsion_restraints[0].flat_half_width_rad = -1.0; },
              "torsion restraint 0: flat half width is negative: -1.000000"},
             {[](System& b) { b.field->charges.pop_back(); },
              "field: 3 charges given, the system has 4 atoms"},
             {[](System& b) { b.field->field[2] = kNan; },
              "field component 2: strength is not a finite number"},
             {[](System& b) { b.field->charges[1] = kNan; },
              "charge in the field 1: charge is not a finite number"},
         });
}

TEST(LaboratoryTie, IsWhatSinglesOutAPlaceOrADirection) {
  System free = four_atoms();
  free.torsion_restraints = {{0, 1, 2, 3, 1.0, 10.0}};
  free.box = Box({3.0, 3.0, 3.0});
  free.nonbonded.emplace().particles.assign(4, {});
  EXPECT_EQ(laboratory_tie(free), "");
  EXPECT_EQ(measure_of(free), ReferenceMeasure::kCartesianUpToRigidMotion);
  const std::vector<std::pair<std::string, std::function<void(System&)>>> ties = {
      {"position restraints", [](System& s) { s.position_restraints.push_back({1}); }},
      {"a uniform field", [](System& s) { s.field.emplace().charges.assign(4, 0.1); }},
      {"a periodic box", [](System& s) { s.nonbonded->method = NonbondedMethod::kCutoffPeriodic; }},
      {"a periodic box", [](System& s) { s.nonbonded->method = NonbondedMethod::kPme; }},
      {"atoms of mass 0", [](System& s) { s.masses[2] = 0.0; }}};
  for (const auto& [name, tie] : ties) {
    System system = free;
    tie(system);
    EXPECT_EQ(laboratory_tie(system), name);
    EXPECT_EQ(measure_of(system), ReferenceMeasure::kCartesian) << name;
  }
}

}  // namespace
}  // namespace saltus::tests
