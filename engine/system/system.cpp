#include "engine/system/system.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::engine {

namespace {

/// Collects the context of a check so that each message names source, term and number.
class Checker {
 public:
  Checker(const std::string& source, std::size_t n_atoms) : source_(source), n_atoms_(n_atoms) {}

  [[noreturn]] void fail(const std::string& term, const std::string& what) const {
    throw InputError(source_ + ": " + term + ": " + what);
  }
  [[noreturn]] void fail(const std::string& term, std::size_t index,
                         const std::string& what) const {
    fail(term + " " + std::to_string(index), what);
  }
  void atoms(const std::string& term, std::size_t index,
             std::initializer_list<std::size_t> list) const {
    for (std::size_t atom : list)
      if (atom >= n_atoms_)
        fail(term, index,
             "atom index " + std::to_string(atom) + " out of range, the system has " +
                 std::to_string(n_atoms_) + " atoms");
    if (std::set<std::size_t>(list).size() != list.size()) fail(term, index, "an atom is repeated");
  }
  void finite(const std::string& term, std::size_t index, const char* what, double value) const {
    if (!std::isfinite(value)) fail(term, index, std::string(what) + " is not a finite number");
  }
  void not_negative(const std::string& term, std::size_t index, const char* what,
                    double value) const {
    finite(term, index, what, value);
    if (value < 0.0)
      fail(term, index, std::string(what) + " is negative: " + std::to_string(value));
  }
  void length(const std::string& term, std::size_t size, const char* what = "particles") const {
    if (size != n_atoms_)
      fail(term, std::to_string(size) + " " + what + " given, the system has " +
                     std::to_string(n_atoms_) + " atoms");
  }

 private:
  const std::string& source_;
  std::size_t n_atoms_;
};

void validate_bonded(const System& s, const Checker& check) {
  for (std::size_t n = 0; n < s.bonds.size(); ++n) {
    check.atoms("bond", n, {s.bonds[n].i, s.bonds[n].j});
    check.not_negative("bond", n, "length", s.bonds[n].length_nm);
    check.not_negative("bond", n, "force constant", s.bonds[n].k);
  }
  for (std::size_t n = 0; n < s.angles.size(); ++n) {
    check.atoms("angle", n, {s.angles[n].i, s.angles[n].j, s.angles[n].k_atom});
    check.not_negative("angle", n, "equilibrium angle", s.angles[n].angle_rad);
    check.not_negative("angle", n, "force constant", s.angles[n].k);
  }
  for (std::size_t n = 0; n < s.torsions.size(); ++n) {
    const PeriodicTorsion& t = s.torsions[n];
    check.atoms("torsion", n, {t.i, t.j, t.k_atom, t.l});
    check.finite("torsion", n, "phase", t.phase_rad);
    check.finite("torsion", n, "force constant", t.k);
    if (t.periodicity < 1)
      check.fail("torsion", n,
                 "periodicity " + std::to_string(t.periodicity) + ", expected 1 or more");
  }
  for (std::size_t n = 0; n < s.constraints.size(); ++n) {
    check.atoms("constraint", n, {s.constraints[n].i, s.constraints[n].j});
    check.not_negative("constraint", n, "distance", s.constraints[n].distance_nm);
  }
}

void validate_nonbonded(const Nonbonded& nonbonded, const Checker& check) {
  check.length("nonbonded", nonbonded.particles.size());
  for (std::size_t n = 0; n < nonbonded.particles.size(); ++n) {
    check.finite("nonbonded particle", n, "charge", nonbonded.particles[n].charge);
    check.not_negative("nonbonded particle", n, "sigma", nonbonded.particles[n].sigma_nm);
    check.not_negative("nonbonded particle", n, "epsilon", nonbonded.particles[n].epsilon);
  }
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (std::size_t n = 0; n < nonbonded.exceptions.size(); ++n) {
    const NonbondedException& e = nonbonded.exceptions[n];
    check.atoms("nonbonded exception", n, {e.i, e.j});
    check.finite("nonbonded exception", n, "charge product", e.charge_product);
    check.not_negative("nonbonded exception", n, "sigma", e.sigma_nm);
    check.not_negative("nonbonded exception", n, "epsilon", e.epsilon);
    if (!seen.insert(std::minmax(e.i, e.j)).second)
      check.fail("nonbonded exception", n,
                 "the pair " + std::to_string(e.i) + ", " + std::to_string(e.j) +
                     " has an exception already");
  }
  if (nonbonded.method != NonbondedMethod::kNoCutoff) {
    if (!(nonbonded.cutoff_nm > 0.0)) check.fail("nonbonded", 0, "the cutoff must be positive");
    if (!(nonbonded.reaction_field_dielectric > 0.0))
      check.fail("nonbonded", 0, "the reaction field dielectric must be positive");
  }
}

void validate_implicit_solvent(const ImplicitSolvent& solvent, const Checker& check) {
  check.length("implicit solvent", solvent.particles.size());
  for (std::size_t n = 0; n < solvent.particles.size(); ++n) {
    const GeneralizedBornParticle& p = solvent.particles[n];
    check.finite("implicit-solvent particle", n, "charge", p.charge);
    // The published GBn2 scale of sulfur is negative.
    check.finite("implicit-solvent particle", n, "scale", p.scale);
    check.finite("implicit-solvent particle", n, "radius", p.radius_nm);
    if (!(p.radius_nm > solvent.offset_nm))
      check.fail("implicit-solvent particle", n,
                 "radius " + std::to_string(p.radius_nm) + " nm, expected more than the offset " +
                     std::to_string(solvent.offset_nm) + " nm");
  }
  if (!(solvent.solute_dielectric > 0.0) || !(solvent.solvent_dielectric > 0.0))
    check.fail("implicit solvent", 0, "dielectric constants must be positive");
  check.not_negative("implicit solvent", 0, "surface energy", solvent.surface_energy);
  check.not_negative("implicit solvent", 0, "cutoff", solvent.cutoff_nm);
}

std::string in_nm(double value) { return std::to_string(value) + " nm"; }

void validate_switching(const Nonbonded& nonbonded, const Checker& check) {
  const double start = nonbonded.switching_distance_nm;
  if (start == 0.0) return;
  if (!(start > 0.0))
    check.fail("nonbonded", "switching distance " + in_nm(start) + ", expected 0 or more");
  if (nonbonded.method == NonbondedMethod::kNoCutoff)
    check.fail("nonbonded",
               "a switching distance of " + in_nm(start) + " without a cutoff; expected 0");
  if (start >= nonbonded.cutoff_nm)
    check.fail("nonbonded", "switching distance " + in_nm(start) +
                                ", expected less than the cutoff " + in_nm(nonbonded.cutoff_nm));
}

void validate_ewald(const Nonbonded& nonbonded, const Checker& check) {
  const EwaldParameters& ewald = nonbonded.ewald;
  // alpha is a root of the logarithm of its double.
  if (!(ewald.tolerance > 0.0 && ewald.tolerance < 0.5))
    check.fail("Ewald sum", "tolerance " + shortest_text(ewald.tolerance) +
                                ", expected more than 0 and less than 0.5");
  if (!(ewald.alpha_per_nm >= 0.0) || !std::isfinite(ewald.alpha_per_nm))
    check.fail("Ewald sum", "alpha is " + shortest_text(ewald.alpha_per_nm) +
                                " per nm, expected a positive number, or 0 to choose it by the "
                                "tolerance");
  const auto& grid = ewald.n_grid;
  const auto n_given = 3 - std::count(grid.begin(), grid.end(), std::size_t{0});
  const bool alpha_given = ewald.alpha_per_nm > 0.0;
  if (n_given == 0 && !alpha_given) return;
  if (nonbonded.method != NonbondedMethod::kPme)
    check.fail("Ewald sum", n_given > 0 ? "a grid is given, but the sum has none; only PME does"
                                        : "alpha is given, but only PME takes it; expected 0");
  if (n_given == 0) check.fail("Ewald sum", "alpha is given without a grid; expected both or none");
  if (n_given < 3) check.fail("Ewald sum", "a grid needs points along each of the three edges");
  if (!alpha_given) check.fail("Ewald sum", "a grid is given without alpha; expected both or none");
}

void validate_periodicity(const System& s, const Checker& check) {
  if (s.box) {
    const std::array<double, 3> edges = {s.box->ax, s.box->by, s.box->cz};
    for (std::size_t n = 0; n < 3; ++n) {
      check.finite("box edge", n, "length", edges[n]);
      if (!(edges[n] > 0.0))
        check.fail("box edge", n, "length " + in_nm(edges[n]) + ", expected a positive number");
    }
    if (const std::string problem = s.box->problem(); !problem.empty()) check.fail("box", problem);
  }
  if (!s.nonbonded) return;
  const bool periodic = is_periodic(s.nonbonded->method);
  if (s.nonbonded->long_range_correction && !periodic)
    check.fail("nonbonded",
               "a long-range correction is defined only with a cutoff in a periodic box");
  if (!periodic) return;
  if (!s.box) check.fail("nonbonded", "the method is periodic, but the system has no box");
  if (const std::string problem = s.box->problem_of_cutoff(s.nonbonded->cutoff_nm);
      !problem.empty())
    check.fail("nonbonded", problem);
  if (s.implicit_solvent)
    check.fail("implicit solvent",
               "it cannot be combined with a periodic nonbonded method; choose one of them");
}

void validate_mmff_bonded(const Mmff& mmff, const Checker& check) {
  for (std::size_t n = 0; n < mmff.bonds.size(); ++n) {
    check.atoms("MMFF bond", n, {mmff.bonds[n].i, mmff.bonds[n].j});
    check.not_negative("MMFF bond", n, "length", mmff.bonds[n].length_nm);
    check.not_negative("MMFF bond", n, "force constant", mmff.bonds[n].k);
  }
  for (std::size_t n = 0; n < mmff.angles.size(); ++n) {
    const MmffAngle& a = mmff.angles[n];
    check.atoms("MMFF angle", n, {a.i, a.j, a.k_atom});
    check.not_negative("MMFF angle", n, "equilibrium angle", a.angle_rad);
    check.not_negative("MMFF angle", n, "force constant", a.k);
  }
  for (std::size_t n = 0; n < mmff.linear_angles.size(); ++n) {
    const MmffLinearAngle& a = mmff.linear_angles[n];
    check.atoms("MMFF linear angle", n, {a.i, a.j, a.k_atom});
    check.not_negative("MMFF linear angle", n, "force constant", a.k);
  }
  // Published constants of stretch-bends and out-of-plane bends may be negative.
  for (std::size_t n = 0; n < mmff.stretch_bends.size(); ++n) {
    const MmffStretchBend& t = mmff.stretch_bends[n];
    check.atoms("MMFF stretch-bend", n, {t.i, t.j, t.k_atom});
    check.not_negative("MMFF stretch-bend", n, "length i-j", t.length_ij_nm);
    check.not_negative("MMFF stretch-bend", n, "length k-j", t.length_kj_nm);
    check.not_negative("MMFF stretch-bend", n, "equilibrium angle", t.angle_rad);
    check.finite("MMFF stretch-bend", n, "force constant i-j", t.k_ij);
    check.finite("MMFF stretch-bend", n, "force constant k-j", t.k_kj);
  }
  for (std::size_t n = 0; n < mmff.out_of_planes.size(); ++n) {
    const MmffOutOfPlane& t = mmff.out_of_planes[n];
    check.atoms("MMFF out-of-plane bend", n, {t.i, t.j, t.k_atom, t.l});
    check.finite("MMFF out-of-plane bend", n, "force constant", t.k);
  }
}

void validate_mmff_pairs(const Mmff& mmff, const Checker& check) {
  std::vector<std::array<std::size_t, 3>> seen;  // i < j and place in the list
  for (std::size_t n = 0; n < mmff.pairs.size(); ++n) {
    const MmffPair& p = mmff.pairs[n];
    check.atoms("MMFF pair", n, {p.i, p.j});
    check.not_negative("MMFF pair", n, "epsilon", p.epsilon);
    check.not_negative("MMFF pair", n, "distance of the minimum", p.r_min_nm);
    if (p.epsilon > 0.0 && p.r_min_nm == 0.0)
      check.fail("MMFF pair", n, "the distance of the minimum is 0, expected a positive number");
    check.finite("MMFF pair", n, "charge product", p.charge_product);
    seen.push_back({std::min(p.i, p.j), std::max(p.i, p.j), n});
  }
  std::sort(seen.begin(), seen.end());
  for (std::size_t n = 1; n < seen.size(); ++n)
    if (seen[n][0] == seen[n - 1][0] && seen[n][1] == seen[n - 1][1])
      check.fail("MMFF pair", seen[n][2],
                 "the pair " + std::to_string(seen[n][0]) + ", " + std::to_string(seen[n][1]) +
                     " is listed already, as pair " + std::to_string(seen[n - 1][2]));
  if (!(mmff.dielectric > 0.0) || !std::isfinite(mmff.dielectric))
    check.fail("MMFF", "the dielectric constant must be a positive number");
}

void validate_correction_maps(const System& s, const Checker& check) {
  for (std::size_t n = 0; n < s.correction_maps.size(); ++n) {
    const CorrectionMap& map = s.correction_maps[n];
    if (map.size < 3)
      check.fail("correction map", n, "size " + std::to_string(map.size) + ", expected 3 or more");
    // The first comparison keeps the square from overflowing.
    if (map.size > map.energies.size() || map.energies.size() != map.size * map.size)
      check.fail("correction map", n,
                 std::to_string(map.energies.size()) +
                     " energies given, expected the square of "
                     "its size " +
                     std::to_string(map.size));
    for (double energy : map.energies) check.finite("correction map", n, "an energy", energy);
  }
  for (std::size_t n = 0; n < s.correction_torsions.size(); ++n) {
    const CorrectionTorsion& t = s.correction_torsions[n];
    if (t.map >= s.correction_maps.size())
      check.fail("correction torsion", n,
                 "map index " + std::to_string(t.map) + " out of range, the system has " +
                     std::to_string(s.correction_maps.size()) + " maps");
    for (const auto& a : {t.first, t.second})
      check.atoms("correction torsion", n, {a[0], a[1], a[2], a[3]});
  }
}

void validate_external(const System& s, const Checker& check) {
  for (std::size_t n = 0; n < s.position_restraints.size(); ++n) {
    const PositionRestraint& r = s.position_restraints[n];
    check.atoms("position restraint", n, {r.atom});
    for (double coordinate : r.position_nm)
      check.finite("position restraint", n, "a coordinate", coordinate);
    check.not_negative("position restraint", n, "force constant", r.k);
    check.not_negative("position restraint", n, "flat radius", r.flat_radius_nm);
  }
  for (std::size_t n = 0; n < s.torsion_restraints.size(); ++n) {
    const TorsionRestraint& r = s.torsion_restraints[n];
    check.atoms("torsion restraint", n, {r.i, r.j, r.k_atom, r.l});
    check.finite("torsion restraint", n, "angle", r.angle_rad);
    check.not_negative("torsion restraint", n, "force constant", r.k);
    check.not_negative("torsion restraint", n, "flat half width", r.flat_half_width_rad);
  }
  if (!s.field) return;
  check.length("field", s.field->charges.size(), "charges");
  for (std::size_t n = 0; n < 3; ++n)
    check.finite("field component", n, "strength", s.field->field[n]);
  for (std::size_t n = 0; n < s.field->charges.size(); ++n)
    check.finite("charge in the field", n, "charge", s.field->charges[n]);
}

}  // namespace

void System::validate(const std::string& source) const {
  const Checker check(source, n_atoms());
  if (masses.empty()) throw InputError(source + ": the system has no atoms");
  for (std::size_t n = 0; n < masses.size(); ++n)
    check.not_negative("mass of atom", n, "mass", masses[n]);
  if (const std::string problem = problem_of_sites(virtual_sites, masses); !problem.empty())
    throw InputError(source + ": " + problem);
  validate_bonded(*this, check);
  if (nonbonded) {
    validate_nonbonded(*nonbonded, check);
    validate_switching(*nonbonded, check);
    validate_ewald(*nonbonded, check);
  }
  if (implicit_solvent) validate_implicit_solvent(*implicit_solvent, check);
  validate_periodicity(*this, check);
  if (mmff) {
    validate_mmff_bonded(*mmff, check);
    validate_mmff_pairs(*mmff, check);
  }
  validate_correction_maps(*this, check);
  validate_external(*this, check);
}

std::vector<std::size_t> frozen_atoms(const System& system) {
  std::vector<bool> follows(system.n_atoms(), false);
  for (const VirtualSite& site : system.virtual_sites) follows[site.site] = true;
  std::vector<std::size_t> result;
  for (std::size_t atom = 0; atom < system.n_atoms(); ++atom)
    if (system.masses[atom] == 0.0 && !follows[atom]) result.push_back(atom);
  return result;
}

BoxNeeds box_needs(const System& system) {
  BoxNeeds needs;
  if (system.nonbonded && is_periodic(system.nonbonded->method)) {
    needs.needed = true;
    needs.cutoff_nm = system.nonbonded->cutoff_nm;
  }
  return needs;
}

std::vector<Box> start_boxes(const System& system, std::size_t n_chains) {
  if (!system.box) return {};
  return std::vector<Box>(n_chains, *system.box);
}

std::string laboratory_tie(const System& system) {
  if (!system.position_restraints.empty()) return "position restraints";
  if (system.field) return "a uniform field";
  // Images of pairs stand in the directions of the edges.
  if (system.nonbonded && is_periodic(system.nonbonded->method)) return "a periodic box";
  return frozen_atoms(system).empty() ? "" : "atoms of mass 0";
}

}  // namespace saltus::engine
