#include "tests/engine/lanes/lane_cases.h"

#include <cmath>
#include <utility>

#include "engine/core/units.h"
#include "tests/engine/reference/ethanol.h"
#include "tests/engine/reference/waters.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr std::size_t kEthanolAtoms = 9;  // C C O H(O) 3 H(C) 2 H(C)

System atoms(std::size_t n) {
  System system;
  system.masses.assign(n, 12.0);
  return system;
}

void add_mmff_bonds(Mmff& mmff) {
  mmff.bonds = {{0, 1, 0.1508, 256400.0}, {2, 1, 0.1418, 304000.0}, {2, 3, 0.0972, 470000.0}};
  for (std::size_t h : {4, 5, 6}) mmff.bonds.push_back({0, h, 0.1093, 287000.0});
}

void add_mmff_angles(Mmff& mmff) {
  mmff.angles = {{0, 1, 2, 1.889, 598.0}, {1, 2, 3, 1.859, 478.0}, {4, 0, 1, 1.93, 383.0},
                 {1, 0, 5, 1.93, 383.0},  {5, 0, 6, 1.899, 311.0}, {7, 1, 8, 1.899, 311.0}};
}

/// Of the first three, two have an angle's atoms, one of them in reverse; the last but one differs
/// from it in its equilibrium angle.
void add_mmff_stretch_bends(Mmff& mmff) {
  mmff.stretch_bends = {{0, 1, 2, 0.1508, 0.1418, 1.889, 700.0, 300.0},
                        {3, 2, 1, 0.0972, 0.1418, 1.859, -60.0, 540.0},
                        {4, 0, 6, 0.1093, 0.1093, 1.899, 290.0, 290.0},
                        {4, 0, 1, 0.1093, 0.1508, 1.94, 340.0, -105.0},
                        {7, 1, 8, 0.1093, 0.1093, 1.899, 280.0, 290.0}};
}

/// A whole centre, one bend alone and a negative constant.
void add_mmff_out_of_planes(Mmff& mmff) {
  mmff.out_of_planes = {{0, 1, 2, 7, 30.0}, {0, 1, 7, 2, 30.0},  {7, 1, 2, 0, 30.0},
                        {1, 0, 4, 5, 12.0}, {8, 1, 2, 7, -14.0}, {7, 1, 2, 8, 6.0}};
}

/// Charged and neutral pairs, some with the higher atom first, one without a core.
void add_mmff_pairs(Mmff& mmff) {
  for (std::size_t h : {4, 5, 6}) {
    mmff.pairs.push_back({h, 2, 0.3, 0.33, h == 4 ? -0.05 : 0.0});
    for (std::size_t other : {7, 8}) mmff.pairs.push_back({h, other, 0.09, 0.297, 0.0});
    mmff.pairs.push_back({3, h, 0.06, 0.26, 0.02 * static_cast<double>(h)});
  }
  for (std::size_t h : {7, 8}) mmff.pairs.push_back({h, 3, 0.06, 0.26, 0.11});
  mmff.pairs.push_back({0, 3, 0.0, 0.0, 0.12});
  mmff.dielectric = 1.3;
}

void add_correction_maps(System& system) {
  for (std::size_t size : {5, 24}) {
    CorrectionMap map{size, {}};
    const double step = kTwoPi / static_cast<double>(size);
    for (std::size_t n = 0; n < size * size; ++n) {
      const double phi = step * static_cast<double>(n % size);
      const double psi = step * static_cast<double>(n / size);
      map.energies.push_back(6.0 * std::cos(phi + 0.3) * std::sin(2.0 * psi) + 4.0 * std::sin(phi));
    }
    system.correction_maps.push_back(map);
  }
  system.correction_torsions = {{0, {4, 0, 1, 2}, {0, 1, 2, 3}},
                                {1, {5, 0, 1, 7}, {7, 1, 2, 3}},
                                {1, {3, 2, 1, 8}, {8, 1, 0, 6}}};
}

void add_position_restraints(System& system) {
  const std::vector<double>& x = ethanol_positions();
  for (std::size_t atom : {0, 2, 5})
    system.position_restraints.push_back(
        {atom,
         {x[3 * atom] + 0.02, x[3 * atom + 1], x[3 * atom + 2] - 0.01},
         3000.0,
         atom == 2 ? 0.021 : 0.0});
}

void add_torsion_restraints(System& system) {
  // The torsions are near 3.0, -1.1 and 0.9: one deviation crosses the seam, one lies within its
  // flat part.
  system.torsion_restraints = {{0, 1, 2, 3, kTwoPi - 2.7, 40.0, 0.0},
                               {4, 0, 1, 2, 0.4, 60.0, 0.5},
                               {7, 1, 2, 3, 1.0, 80.0, 2.0}};
}

void add_field(System& system) {
  system.field = {{40.0, -90.0, 25.0}, {-0.3, 0.1, -0.6, 0.4, 0.1, 0.1, 0.1, 0.06, 0.07}};
}

/// Twelve atoms of a disturbed lattice in a box, some whole edges away. The method is a cutoff.
LaneCase periodic_case(const std::string& name, double switching_distance_nm, bool correction) {
  constexpr std::array<double, 3> kBox = {1.05, 1.1, 0.95};
  LaneCase result{name, atoms(12), {}, 0.01};
  result.system.box = Box(kBox);
  Nonbonded& nonbonded = result.system.nonbonded.emplace();
  nonbonded.method = NonbondedMethod::kCutoffPeriodic;
  nonbonded.cutoff_nm = 0.46;
  nonbonded.switching_distance_nm = switching_distance_nm;
  nonbonded.long_range_correction = correction;
  nonbonded.exceptions = {{1, 2, 0.0, 1.0, 0.0}, {5, 6, -0.04, 0.3, 0.4}};
  for (std::size_t n = 0; n < 12; ++n) {
    const double order = static_cast<double>(n);
    nonbonded.particles.push_back({n % 2 == 0 ? 0.3 : -0.25, 0.28 + 0.003 * order, 0.5});
    result.positions.insert(
        result.positions.end(),
        {0.35 * static_cast<double>(n % 3) + 0.02 * std::sin(1.7 * order) + kBox[0] * (n % 4 == 0),
         0.5 * static_cast<double>(n / 3 % 2) + 0.02 * std::sin(2.9 * order),
         0.45 * static_cast<double>(n / 6) - 2.0 * kBox[2] * (n % 5 == 0)});
  }
  return result;
}

/// The same with an Ewald sum.
LaneCase ewald_case(const std::string& name, NonbondedMethod method, double tolerance,
                    double switching_distance_nm) {
  LaneCase result = periodic_case(name, switching_distance_nm, false);
  Nonbonded& nonbonded = *result.system.nonbonded;
  nonbonded.method = method;
  nonbonded.ewald.tolerance = tolerance;
  // Some have no charges, some no core.
  for (std::size_t n : {4, 7}) nonbonded.particles[n].charge = 0.0;
  for (std::size_t n : {3, 9}) nonbonded.particles[n].epsilon = 0.0;
  return result;
}

/// A case in a box that is not rectangular. Atoms that were whole edges away along z are brought
/// back, as the edge now leads elsewhere, and tests change it.
LaneCase tilted(LaneCase original) {
  Box& box = *original.system.box;
  box.bx = -0.35;
  box.cx = 0.4;
  box.cy = 0.3;
  constexpr double kBelowTheLattice_nm = 0.1;
  for (std::size_t i = 2; i < original.positions.size(); i += 3)
    original.positions[i] -=
        box.cz * std::floor((original.positions[i] + kBelowTheLattice_nm) / box.cz);
  return original;
}

LaneCase water_case(const std::string& name, Water water, NonbondedMethod method) {
  return {name, waters(water, method), water_positions(water)};
}

LaneCase ethanol_case(const std::string& name, Solvent solvent, double cutoff_nm) {
  return {name, ethanol_system(solvent, cutoff_nm), ethanol_positions()};
}

template <class... Steps>
LaneCase mmff_case(const std::string& name, const Steps&... steps) {
  LaneCase result{name, atoms(kEthanolAtoms), ethanol_positions()};
  result.system.mmff.emplace();
  (steps(*result.system.mmff), ...);
  return result;
}

template <class Step>
LaneCase external_case(const std::string& name, const Step& step) {
  LaneCase result{name, atoms(kEthanolAtoms), ethanol_positions()};
  step(result.system);
  return result;
}

/// Angles of pi, 0 and between, planes and torsions that do not exist and some that do, for atoms 0
/// to 3 on a line and atom 4 beside it.
void add_terms_on_a_line(System& system) {
  system.angles = {{0, 1, 2, 2.0, 300.0}, {1, 0, 3, 1.0, 200.0}, {4, 1, 0, 1.5, 100.0}};
  system.torsions = {{0, 1, 2, 3, 1, 0.0, 3.0},
                     {3, 2, 1, 4, 3, 0.0, 2.0},
                     {1, 2, 0, 4, 2, 0.4, 1.5},
                     {0, 4, 1, 2, 2, 0.4, 1.5}};
  Mmff& mmff = system.mmff.emplace();
  mmff.angles = {{0, 1, 2, 2.0, 300.0}, {1, 0, 3, 1.0, 200.0}, {0, 1, 4, 1.5, 100.0}};
  mmff.linear_angles = {{1, 2, 3, 250.0}, {2, 1, 4, 50.0}, {1, 0, 2, 20.0}};
  mmff.stretch_bends = {{0, 1, 2, 0.11, 0.12, 2.0, 200.0, 300.0}};
  mmff.out_of_planes = {{0, 1, 2, 4, 30.0}, {0, 1, 4, 2, 20.0}};
  system.correction_maps = {{3, {1.0, 2.0, 0.5, -1.0, 4.0, 2.5, 0.0, 1.5, -2.0}}};
  system.correction_torsions = {{0, {0, 1, 2, 3}, {4, 1, 2, 3}}, {0, {0, 4, 1, 2}, {0, 1, 2, 4}}};
  system.torsion_restraints = {{0, 1, 2, 3, 0.5, 30.0, 0.0}, {4, 1, 2, 3, -1.0, 20.0, 0.2}};
}

/// Atoms along the x axis, and one above the plane of atoms 1, 2, 4: a Wilson angle of pi/2.
LaneCase straight_case() {
  LaneCase result{"straight",
                  atoms(6),
                  {-0.125, 0.0, 0.0, 0.0, 0.0, 0.0, 0.125, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.125,
                   0.0, 0.0, 0.0, 0.125},
                  0.0};
  add_terms_on_a_line(result.system);
  result.system.mmff->out_of_planes.push_back({2, 1, 4, 5, 25.0});
  result.system.correction_torsions.push_back({0, {4, 1, 5, 2}, {0, 4, 1, 5}});
  return result;
}

/// The line points elsewhere, so that products are rounded; coordinates are multiples of 2^-40 nm,
/// which a shift by 100 nm does not round.
LaneCase oblique_case() {
  LaneCase result{"oblique", atoms(5), {}, 0.0};
  const auto rounded = [](double value) {
    return std::ldexp(std::round(std::ldexp(value, 40)), -40);
  };
  for (double n : {-1.0, 0.0, 1.0, 2.0})
    for (double value : {0.1037, 0.0611, -0.0443}) result.positions.push_back(n * rounded(value));
  for (double value : {0.0613, -0.0941, 0.0237}) result.positions.push_back(rounded(value));
  add_terms_on_a_line(result.system);
  return result;
}

/// Every term at once.
LaneCase complete_case() {
  LaneCase result = ethanol_case("everything", Solvent::kObc2, 0.0);
  add_mmff_bonds(result.system.mmff.emplace());
  add_mmff_angles(*result.system.mmff);
  add_mmff_stretch_bends(*result.system.mmff);
  add_mmff_out_of_planes(*result.system.mmff);
  add_mmff_pairs(*result.system.mmff);
  add_correction_maps(result.system);
  add_position_restraints(result.system);
  add_torsion_restraints(result.system);
  add_field(result.system);
  return result;
}

std::vector<LaneCase> make_cases() {
  const auto linear = [](Mmff& mmff) { mmff.linear_angles = {{0, 1, 2, 240.0}, {1, 2, 3, 90.0}}; };
  const auto distance_dependent = [](Mmff& mmff) { mmff.distance_dependent_dielectric = true; };
  std::vector<LaneCase> cases = {
      ethanol_case("vacuum", Solvent::kNone, 0.0),
      ethanol_case("cutoff", Solvent::kNone, 0.27),
      ethanol_case("OBC 1", Solvent::kObc1, 0.0),
      ethanol_case("OBC 2", Solvent::kObc2, 0.27),
      ethanol_case("GBn2", Solvent::kGbn2, 0.0),
      ethanol_case("GBn2 with cutoff", Solvent::kGbn2, 0.27),
      ethanol_case("switched", Solvent::kNone, 0.3),
      periodic_case("periodic", 0.0, false),
      periodic_case("periodic, switched", 0.35, false),
      periodic_case("periodic, corrected", 0.35, true),
      tilted(periodic_case("triclinic", 0.35, true)),
      ewald_case("Ewald", NonbondedMethod::kEwald, 1e-4, 0.0),
      tilted(ewald_case("Ewald, triclinic", NonbondedMethod::kEwald, 5e-4, 0.35)),
      ewald_case("PME", NonbondedMethod::kPme, 1e-4, 0.35),
      tilted(ewald_case("PME, triclinic", NonbondedMethod::kPme, 1e-7, 0.0)),
      water_case("four-site water", Water::kFourSite, NonbondedMethod::kPme),
      water_case("site on a line", Water::kMidpoint, NonbondedMethod::kNoCutoff),
      water_case("five-site water", Water::kFiveSite, NonbondedMethod::kEwald),
      water_case("site in a local frame", Water::kLocalCoordinates,
                 NonbondedMethod::kCutoffPeriodic),
      mmff_case("MMFF bonds", add_mmff_bonds),
      mmff_case("MMFF angles", add_mmff_angles),
      mmff_case("MMFF linear angles", linear),
      mmff_case("MMFF stretch-bends", add_mmff_stretch_bends),
      mmff_case("MMFF bends", add_mmff_angles, linear, add_mmff_stretch_bends),
      mmff_case("MMFF out-of-plane bends", add_mmff_out_of_planes),
      mmff_case("MMFF pairs", add_mmff_pairs),
      mmff_case("MMFF pairs, distance-dependent", add_mmff_pairs, distance_dependent),
      external_case("correction maps", add_correction_maps),
      external_case("position restraints", add_position_restraints),
      external_case("torsion restraints", add_torsion_restraints),
      external_case("field", add_field),
      straight_case(),
      oblique_case(),
      complete_case()};
  for (LaneCase& c : cases)
    if (c.name == "switched") c.system.nonbonded->switching_distance_nm = 0.22;
  return cases;
}

}  // namespace

const std::vector<LaneCase>& lane_cases() {
  static const std::vector<LaneCase> kCases = make_cases();
  return kCases;
}

LaneCase shifted(LaneCase original, double distance_nm) {
  for (double& value : original.positions) value += distance_nm;
  for (PositionRestraint& restraint : original.system.position_restraints)
    for (double& value : restraint.position_nm) value += distance_nm;
  return original;
}

}  // namespace saltus::tests
