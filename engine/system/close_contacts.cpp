#include "engine/system/close_contacts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

constexpr double kCoincidentNm = 1e-6;  // files have three or four decimals
constexpr double kNearestNm = 0.1;
constexpr double kMinEnergyKJPerMol = -200.0;
constexpr double kMaxStretchNm = 1.0, kMaxStretchKJPerMol = 1e4;

double lennard_jones_and_coulomb(double sigma, double epsilon, double charge_product, double r) {
  const double s6 = std::pow(sigma / r, 6);
  const double repulsion = epsilon == 0.0 ? 0.0 : 4.0 * epsilon * (s6 * s6 - s6);
  return repulsion + kCoulombConstant * charge_product / r;
}

/// See MmffPair; whatever the dielectric, with which only the Coulomb part gets weaker.
double buffered(const MmffPair& pair, double r) {
  double vdw = 0.0;
  if (pair.epsilon != 0.0) {
    const double rho7 = std::pow(r / pair.r_min_nm, 7);
    vdw = pair.epsilon * std::pow(1.07 / (r / pair.r_min_nm + 0.07), 7) *
          (1.12 / (rho7 + 0.12) - 2.0);
  }
  return vdw + kMmffCoulombConstant * pair.charge_product / (r + kMmffCoulombBufferNm);
}

std::string length_text(double nm) { return significant_text(nm, 3) + " nm"; }

std::string energy_text(double energy) { return significant_text(energy, 4) + " kJ/mol"; }

std::string two_atoms(std::size_t i, std::size_t j, const Topology& topology) {
  return topology.describe_atom(i) + " and " + topology.describe_atom(j);
}

}  // namespace

ContactCheck::ContactCheck(const System& system)
    : masses_(system.masses), box_needs_(box_needs(system)) {
  const std::size_t n = masses_.size();
  const auto key = [n](std::size_t i, std::size_t j) {
    return std::min(i, j) * n + std::max(i, j);
  };
  for (const HarmonicBond& bond : system.bonds)
    bonds_.push_back({bond.i, bond.j, bond.length_nm, bond.k});
  for (const Constraint& c : system.constraints)
    bonds_.push_back({c.i, c.j, c.distance_nm, std::numeric_limits<double>::infinity()});
  if (system.nonbonded) {
    particles_ = system.nonbonded->particles;
    for (const NonbondedException& e : system.nonbonded->exceptions)
      exceptions_.emplace(key(e.i, e.j), e);
  }
  if (!system.mmff) return;
  for (const MmffBond& bond : system.mmff->bonds)
    bonds_.push_back({bond.i, bond.j, bond.length_nm, bond.k});
  for (const MmffPair& pair : system.mmff->pairs) mmff_pairs_.emplace(key(pair.i, pair.j), pair);
}

void ContactCheck::check(ConstCoordinates x) const {
  if (x.n_chains != 1 || x.n_atoms != n_atoms())
    throw InternalError("close contacts: " + std::to_string(x.n_chains) + " chains of " +
                        std::to_string(x.n_atoms) + " atoms, expected one of " +
                        std::to_string(n_atoms()));
  box_needs_.require(x.boxes, x.n_chains);
}

double ContactCheck::distance(ConstCoordinates x, std::size_t i, std::size_t j) const {
  Vec3 delta = load_atom(x.data, i) - load_atom(x.data, j);
  if (box_needs_.needed) delta = x.boxes[0].nearest_image(delta);
  return std::sqrt(delta.x * delta.x + delta.y * delta.y + delta.z * delta.z);
}

double ContactCheck::energy(std::size_t i, std::size_t j, double r) const {
  const std::size_t key = std::min(i, j) * n_atoms() + std::max(i, j);
  double energy = 0.0;
  const auto mmff = mmff_pairs_.find(key);
  if (mmff != mmff_pairs_.end()) energy += buffered(mmff->second, r);
  if (particles_.empty()) return energy;
  const auto exception = exceptions_.find(key);
  if (exception != exceptions_.end()) {
    const NonbondedException& e = exception->second;
    return energy + lennard_jones_and_coulomb(e.sigma_nm, e.epsilon, e.charge_product, r);
  }
  const NonbondedParticle &a = particles_[i], &b = particles_[j];
  return energy + lennard_jones_and_coulomb(0.5 * (a.sigma_nm + b.sigma_nm),
                                            std::sqrt(a.epsilon * b.epsilon), a.charge * b.charge,
                                            r);
}

bool ContactCheck::is_inside(std::size_t i, std::size_t j, double r) const {
  if (!(energy(i, j, r) < kMinEnergyKJPerMol)) return false;
  constexpr double kStep = 1e-4;
  return energy(i, j, r * (1.0 + kStep)) > energy(i, j, r * (1.0 - kStep));
}

void ContactCheck::find_pairs(ConstCoordinates x, std::vector<CloseContact>& found) const {
  for (std::size_t i = 0; i < n_atoms(); ++i)
    for (std::size_t j = i + 1; j < n_atoms(); ++j) {
      const double r = distance(x, i, j);
      if (!(r < kNearestNm)) continue;  // what is not a number gets no farther either
      if (r < kCoincidentNm && masses_[i] > 0.0 && masses_[j] > 0.0)
        found.push_back(
            {ContactKind::kCoincident, i, j, r, -std::numeric_limits<double>::infinity(), 0.0});
      else if (r > 0.0 && is_inside(i, j, r))
        found.push_back({ContactKind::kInsideCharge, i, j, r, energy(i, j, r), 0.0});
    }
}

void ContactCheck::find_bonds(ConstCoordinates x, std::vector<CloseContact>& found) const {
  for (const Bond& bond : bonds_) {
    const double r = atom_distance(x.data, bond.i, bond.j), stretch = r - bond.length_nm;
    if (!(stretch > kMaxStretchNm)) continue;
    const double energy = 0.5 * bond.k * stretch * stretch;
    if (energy > kMaxStretchKJPerMol)
      found.push_back({ContactKind::kStretchedBond, bond.i, bond.j, r, energy, bond.length_nm});
  }
}

std::vector<CloseContact> ContactCheck::find(ConstCoordinates x) const {
  check(x);
  std::vector<CloseContact> found;
  find_pairs(x, found);
  find_bonds(x, found);
  std::stable_sort(found.begin(), found.end(), [](const CloseContact& a, const CloseContact& b) {
    const bool a_coincides = a.kind == ContactKind::kCoincident;
    const bool b_coincides = b.kind == ContactKind::kCoincident;
    if (a_coincides != b_coincides) return a_coincides;
    return std::abs(a.energy) > std::abs(b.energy);
  });
  return found;
}

std::optional<PairEnergy> ContactCheck::strongest(ConstCoordinates x) const {
  check(x);
  std::optional<PairEnergy> worst;
  const auto consider = [&](std::size_t i, std::size_t j, double r, double energy) {
    if (std::isfinite(r) && energy != 0.0 && !std::isnan(energy) &&
        (!worst || std::abs(energy) > std::abs(worst->energy)))
      worst = PairEnergy{i, j, r, energy};
  };
  for (std::size_t i = 0; i < n_atoms(); ++i)
    for (std::size_t j = i + 1; j < n_atoms(); ++j) {
      const double r = distance(x, i, j);
      consider(i, j, r, energy(i, j, std::max(r, kCoincidentNm)));
    }
  for (const Bond& bond : bonds_) {
    const double r = atom_distance(x.data, bond.i, bond.j), stretch = r - bond.length_nm;
    if (std::isfinite(bond.k)) consider(bond.i, bond.j, r, 0.5 * bond.k * stretch * stretch);
  }
  return worst;
}

std::string describe(const CloseContact& contact, const Topology& topology) {
  const std::string atoms = two_atoms(contact.i, contact.j, topology);
  const std::string apart = length_text(contact.distance_nm);
  switch (contact.kind) {
    case ContactKind::kCoincident:
      return atoms + " lie on top of each other";
    case ContactKind::kInsideCharge:
      return atoms + " are " + apart + " apart, too close for their opposite charges (" +
             energy_text(contact.energy) + " of this pair alone)";
    case ContactKind::kStretchedBond:
      return atoms + " are bonded, but " + apart + " apart instead of " +
             length_text(contact.length_nm);
  }
  throw InternalError("unknown kind of contact");
}

std::string describe(const PairEnergy& pair, const Topology& topology) {
  return two_atoms(pair.i, pair.j, topology) + ", " + length_text(pair.distance_nm) + " apart (" +
         energy_text(pair.energy) + ")";
}

System without_charges(System system) {
  if (system.nonbonded) {
    for (NonbondedParticle& particle : system.nonbonded->particles) particle.charge = 0.0;
    for (NonbondedException& e : system.nonbonded->exceptions) e.charge_product = 0.0;
  }
  if (system.mmff)
    for (MmffPair& pair : system.mmff->pairs) pair.charge_product = 0.0;
  system.implicit_solvent.reset();
  return system;
}

}  // namespace saltus::engine
