#include "engine/system/system.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

/// Collects the context of a check so that each message names source, term and number.
class Checker {
 public:
  Checker(const std::string& source, std::size_t n_atoms) : source_(source), n_atoms_(n_atoms) {}

  [[noreturn]] void fail(const std::string& term, std::size_t index,
                         const std::string& what) const {
    throw InputError(source_ + ": " + term + " " + std::to_string(index) + ": " + what);
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
  void length(const std::string& term, std::size_t size) const {
    if (size != n_atoms_)
      throw InputError(source_ + ": " + term + ": " + std::to_string(size) +
                       " particles given, the system has " + std::to_string(n_atoms_) + " atoms");
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
  if (nonbonded.method == NonbondedMethod::kCutoffNonPeriodic) {
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

}  // namespace

void System::validate(const std::string& source) const {
  const Checker check(source, n_atoms());
  if (masses.empty()) throw InputError(source + ": the system has no atoms");
  for (std::size_t n = 0; n < masses.size(); ++n)
    check.not_negative("mass of atom", n, "mass", masses[n]);
  validate_bonded(*this, check);
  if (nonbonded) validate_nonbonded(*nonbonded, check);
  if (implicit_solvent) validate_implicit_solvent(*implicit_solvent, check);
}

std::vector<NonbondedException> exceptions_from_bonds(
    const std::vector<NonbondedParticle>& particles,
    const std::vector<std::pair<std::size_t, std::size_t>>& bonds, double coulomb_14_scale,
    double lennard_jones_14_scale) {
  const std::size_t n_atoms = particles.size();
  std::vector<std::vector<std::size_t>> bonded(n_atoms);
  for (const auto& [i, j] : bonds) {
    bonded[i].push_back(j);
    bonded[j].push_back(i);
  }
  std::vector<NonbondedException> result;
  for (std::size_t i = 0; i < n_atoms; ++i) {
    // Breadth-first distances up to three bonds.
    std::vector<int> distance(n_atoms, -1);
    distance[i] = 0;
    std::vector<std::size_t> shell = {i};
    for (int d = 1; d <= 3; ++d) {
      std::vector<std::size_t> next;
      for (std::size_t a : shell)
        for (std::size_t b : bonded[a])
          if (distance[b] < 0) {
            distance[b] = d;
            next.push_back(b);
          }
      shell = std::move(next);
    }
    for (std::size_t j = i + 1; j < n_atoms; ++j) {
      if (distance[j] < 1) continue;
      NonbondedException e;
      e.i = i;
      e.j = j;
      if (distance[j] == 3) {
        const NonbondedParticle &p = particles[i], &q = particles[j];
        e.charge_product = coulomb_14_scale * p.charge * q.charge;
        e.sigma_nm = 0.5 * (p.sigma_nm + q.sigma_nm);
        e.epsilon = lennard_jones_14_scale * std::sqrt(p.epsilon * q.epsilon);
      }
      result.push_back(e);
    }
  }
  return result;
}

}  // namespace saltus::engine
