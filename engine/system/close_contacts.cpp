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
constexpr double kOverlapNm = 0.05;        // no two atoms come so near; the bond of H2 has 0.074
constexpr double kStrongestReachNm = 0.5;  // beyond, energies are those of any configuration
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
    : masses_(system.masses), virtual_sites_(system.virtual_sites), box_needs_(box_needs(system)) {
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

std::vector<double> ContactCheck::checked(ConstCoordinates x) const {
  if (x.n_chains != 1 || x.n_atoms != n_atoms())
    throw InternalError("close contacts: " + std::to_string(x.n_chains) + " chains of " +
                        std::to_string(x.n_atoms) + " atoms, expected one of " +
                        std::to_string(n_atoms()));
  box_needs_.require(x.boxes, x.n_chains);
  std::vector<double> positions(x.data, x.data + x.size());
  place_virtual_sites(virtual_sites_, positions);
  return positions;
}

std::vector<NearPair> ContactCheck::pairs(ConstCoordinates x, double reach_nm) const {
  const bool periodic = box_needs_.needed;
  return near_pairs({x.data, 3 * x.n_atoms}, reach_nm,
                    periodic ? std::optional<Box>(x.boxes[0]) : std::nullopt);
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

std::optional<ContactKind> ContactCheck::kind_of(const NearPair& pair) const {
  const bool both_have_mass = masses_[pair.i] > 0.0 && masses_[pair.j] > 0.0;
  if (pair.distance_nm < kCoincidentNm && both_have_mass) return ContactKind::kCoincident;
  if (pair.distance_nm == 0.0) return std::nullopt;
  if (is_inside(pair.i, pair.j, pair.distance_nm)) return ContactKind::kInsideCharge;
  const bool apart = exceptions_.count(pair.i * n_atoms() + pair.j) == 0;
  if (box_needs_.needed && both_have_mass && apart && pair.distance_nm < kOverlapNm)
    return ContactKind::kOverlap;
  return std::nullopt;
}

void ContactCheck::find_pairs(ConstCoordinates x, std::vector<CloseContact>& found) const {
  for (const NearPair& pair : pairs(x, kNearestNm)) {
    const auto kind = kind_of(pair);
    if (!kind) continue;
    const double e = *kind == ContactKind::kCoincident ? -std::numeric_limits<double>::infinity()
                                                       : energy(pair.i, pair.j, pair.distance_nm);
    found.push_back({*kind, pair.i, pair.j, pair.distance_nm, e, 0.0});
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
  const std::vector<double> positions = checked(x);
  x.data = positions.data();
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
  const std::vector<double> positions = checked(x);
  x.data = positions.data();
  std::optional<PairEnergy> worst;
  const auto consider = [&](std::size_t i, std::size_t j, double r, double energy) {
    if (std::isfinite(r) && energy != 0.0 && !std::isnan(energy) &&
        (!worst || std::abs(energy) > std::abs(worst->energy)))
      worst = PairEnergy{i, j, r, energy};
  };
  const double reach_nm = box_needs_.needed
                              ? std::min(kStrongestReachNm, 0.5 * x.boxes[0].shortest_width())
                              : kStrongestReachNm;
  for (const NearPair& pair : pairs(x, reach_nm))
    consider(pair.i, pair.j, pair.distance_nm,
             energy(pair.i, pair.j, std::max(pair.distance_nm, kCoincidentNm)));
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
    case ContactKind::kOverlap:
      return atoms + " are " + apart +
             " apart, nearer than any two atoms that are not bonded to each other";
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
