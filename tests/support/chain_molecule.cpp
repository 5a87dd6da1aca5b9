#include "tests/support/chain_molecule.h"

#include <cmath>

#include "engine/core/units.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

namespace {

constexpr double kMass = 12.0;
constexpr double kBondLength_nm = 0.15, kBondForce = 5.0e4;
constexpr double kAngle_rad = 1.95, kAngleForce = 300.0;
constexpr std::size_t kGridPoints = 20001;

/// Tabulates a density given by its log at each grid point.
template <class LogDensity>
engine::TabulatedDensity tabulate(double lower, double upper, const LogDensity& log_density) {
  std::vector<double> reduced(kGridPoints);
  for (std::size_t i = 0; i < kGridPoints; ++i)
    reduced[i] =
        -log_density(lower + (upper - lower) * static_cast<double>(i) / (kGridPoints - 1.0));
  return engine::TabulatedDensity(lower, upper, reduced);
}

double beta_of(double temperature_K) { return engine::ThermodynamicState{temperature_K}.beta(); }

}  // namespace

ChainMolecule::ChainMolecule(std::size_t n_atoms) {
  topology_.residues = {{"PEN", "A", 1, ""}};
  system_.masses.assign(n_atoms, kMass);
  for (std::size_t a = 0; a < n_atoms; ++a) {
    topology_.atoms.push_back({"C" + std::to_string(a + 1), 6, 0});
    z_.rows.push_back({a, a < 1 ? 0 : a - 1, a < 2 ? 0 : a - 2, a < 3 ? 0 : a - 3, false});
    if (a >= 1) {
      topology_.bonds.push_back({a - 1, a});
      system_.bonds.push_back({a - 1, a, kBondLength_nm, kBondForce});
    }
    if (a >= 2) system_.angles.push_back({a - 2, a - 1, a, kAngle_rad, kAngleForce});
  }
  // No torsion is symmetric, so signs matter.
  system_.torsions = {{0, 1, 2, 3, 3, 0.0, 4.0},
                      {0, 1, 2, 3, 1, 1.0, 3.0},
                      {1, 2, 3, 4, 2, 0.5, 3.0},
                      {1, 2, 3, 4, 1, -2.0, 2.0}};
  if (n_atoms > 5) {
    system_.torsions.push_back({2, 3, 4, 5, 3, 0.7, 3.0});
    system_.torsions.push_back({2, 3, 4, 5, 1, 2.0, 3.0});
  }
  energy_ = std::make_shared<engine::PlainEnergy>(system_, nullptr);
}

engine::TabulatedDensity ChainMolecule::bond_density(double temperature_K) const {
  const double beta = beta_of(temperature_K);
  const double range = std::sqrt(72.0 / (beta * kBondForce));  // e^-36 beyond
  return tabulate(kBondLength_nm - range, kBondLength_nm + range, [&](double b) {
    const double stretch = b - kBondLength_nm;
    return 2.0 * std::log(b) - 0.5 * beta * kBondForce * stretch * stretch;
  });
}

engine::TabulatedDensity ChainMolecule::angle_density(double temperature_K) const {
  const double beta = beta_of(temperature_K);
  constexpr double kEdge = 1e-6;  // sin vanishes at both ends
  return tabulate(kEdge, engine::kPi - kEdge, [&](double theta) {
    const double bend = theta - kAngle_rad;
    return std::log(std::sin(theta)) - 0.5 * beta * kAngleForce * bend * bend;
  });
}

double ChainMolecule::torsion_energy(std::size_t which, double phi) const {
  double u = 0.0;
  for (const engine::PeriodicTorsion& t : system_.torsions)
    if (t.i == which) u += t.k * (1.0 + std::cos(t.periodicity * phi - t.phase_rad));
  return u;
}

engine::TabulatedDensity ChainMolecule::torsion_density(std::size_t which,
                                                        double temperature_K) const {
  const double beta = beta_of(temperature_K);
  return tabulate(-engine::kPi, engine::kPi,
                  [&](double phi) { return -beta * torsion_energy(which, phi); });
}

engine::ChainBatch ChainMolecule::draw(std::size_t n_chains, double temperature_K,
                                       std::uint64_t seed) const {
  const auto bonds = bond_density(temperature_K), angles = angle_density(temperature_K);
  const std::size_t n_bonds = topology_.bonds.size(), n_angles = n_bonds - 1;
  std::vector<engine::TabulatedDensity> torsions;
  for (std::size_t t = 0; t + 1 < n_angles; ++t)
    torsions.push_back(torsion_density(t, temperature_K));
  engine::ChainBatch chains(n_chains, system_.masses.size(), {temperature_K});
  std::vector<double> q(z_.n_internal()), log_jac(1);
  for (std::size_t c = 0; c < n_chains; ++c) {
    engine::RandomStream stream({seed, 0}, engine::StreamName::kInitialState,
                                static_cast<std::uint32_t>(c));
    std::size_t i = 0;
    for (; i < n_bonds; ++i) q[i] = bonds.quantile(stream.uniform());
    for (; i < n_bonds + n_angles; ++i) q[i] = angles.quantile(stream.uniform());
    for (const auto& torsion : torsions) q[i++] = torsion.quantile(stream.uniform());
    engine::internal_to_cartesian(z_, q, chains.positions.chain(c), log_jac);
    const std::vector<double> shift = {stream.normal(), stream.normal(), stream.normal()};
    move_rigidly(chains.positions.chain(c), random_rotation(stream), shift);
  }
  energy_->evaluate(chains.positions.view(), chains.energies, {});
  return chains;
}

std::vector<Projection> ChainMolecule::projections(const engine::ChainBatch& chains) const {
  const double temperature_K = chains.states.at(0).temperature_K;
  const std::size_t n = chains.n_chains(), stride = z_.n_internal();
  std::vector<double> q(n * stride), log_jac(n);
  engine::cartesian_to_internal(z_, chains.positions.view(), q, log_jac);

  const std::size_t n_bonds = topology_.bonds.size(), n_stiff = 2 * n_bonds - 1;
  std::vector<Projection> result(stride);
  for (std::size_t i = 0; i < stride; ++i) {
    result[i].label = i < n_bonds   ? "bond " + std::to_string(i)
                      : i < n_stiff ? "angle " + std::to_string(i - n_bonds)
                                    : "torsion " + std::to_string(i - n_stiff);
    const engine::TabulatedDensity density = i < n_bonds ? bond_density(temperature_K)
                                             : i < n_stiff
                                                 ? angle_density(temperature_K)
                                                 : torsion_density(i - n_stiff, temperature_K);
    result[i].cdf = [density](double value) { return density.cumulative(value); };
    for (std::size_t c = 0; c < n; ++c) result[i].values.push_back(q[c * stride + i]);
  }
  return result;
}

}  // namespace saltus::tests
