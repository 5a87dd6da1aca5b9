#include "tests/mlsamplers/separable_molecule.h"

#include <algorithm>
#include <cmath>

#include "engine/core/log_math.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/reference/plain_energy.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

namespace {

constexpr std::size_t kAtoms = 8, kHydrogens = 3;
constexpr std::size_t kGridPoints = 20001;
// Softer than in real molecules, so that a Jacobian that is left out shows.
constexpr double kBondLength_nm = 0.15, kBondForce = 2.0e4;
constexpr double kAngle_rad = 1.95, kAngleForce = 150.0;
constexpr double kOffset_rad = 2.0 * engine::kPi / 3.0, kOffsetForce = 60.0;

struct Term {
  int periodicity;
  double phase_rad, k;
};

// No torsion is symmetric, so signs matter.
std::vector<Term> soft_terms(bool first) {
  if (first) return {{3, 0.0, 4.0}, {1, 1.0, 3.0}};
  return {{2, 0.5, 3.0}, {1, -2.0, 2.0}};
}
std::vector<Term> rotor_terms() { return {{3, 0.3, 3.0}}; }
std::vector<Term> offset_terms(bool last) {
  return {{1, (last ? -kOffset_rad : kOffset_rad) + engine::kPi, kOffsetForce}};
}

}  // namespace

SeparableMolecule::Coordinate SeparableMolecule::coordinate(
    double lower, double upper, const std::function<double(double)>& log_weight, bool is_fast) {
  // The norm by the trapezoidal rule: integrands vanish, or are periodic, at the ends.
  std::vector<double> reduced(kGridPoints);
  const double spacing = (upper - lower) / (kGridPoints - 1.0);
  for (std::size_t i = 0; i < kGridPoints; ++i)
    reduced[i] = -log_weight(lower + spacing * static_cast<double>(i));
  std::vector<double> logs;
  for (std::size_t i = 0; i + 1 < kGridPoints; ++i) logs.push_back(-reduced[i]);
  const double log_norm = engine::log_sum_exp(logs) + std::log(spacing);
  return {engine::TabulatedDensity(lower, upper, reduced),
          [log_weight, log_norm](double value) { return log_weight(value) - log_norm; }, is_fast};
}

SeparableMolecule::SeparableMolecule(double temperature_K)
    : temperature_K_(temperature_K), beta_(engine::ThermodynamicState{temperature_K}.beta()) {
  topology_.residues = {{"PEN", "A", 1, ""}};
  for (std::size_t a = 0; a < kAtoms; ++a) {
    const bool hydrogen = a >= kAtoms - kHydrogens;
    topology_.atoms.push_back(
        {(hydrogen ? "H" : "C") + std::to_string(a + 1), hydrogen ? 1 : 6, 0});
    system_.masses.push_back(hydrogen ? 1.0 : 12.0);
    if (a > 0) topology_.bonds.push_back({hydrogen ? kAtoms - kHydrogens - 1 : a - 1, a});
  }
  z_ = engine::build_z_matrix(topology_);
  for (std::size_t n = 1; n < z_.rows.size(); ++n) add_row(n);
  for (const auto* group : {&bonds_, &angles_, &torsions_})
    for (const Coordinate& coordinate : *group) coordinates_.push_back(&coordinate);
  energy_ = std::make_shared<engine::PlainEnergy>(system_, nullptr);
}

void SeparableMolecule::add_row(std::size_t n) {
  const engine::ZMatrixRow& row = z_.rows[n];
  system_.bonds.push_back({row.atom, row.bond_to, kBondLength_nm, kBondForce});
  const double range = std::sqrt(72.0 / (beta_ * kBondForce));  // e^-36 beyond
  bonds_.push_back(coordinate(
      kBondLength_nm - range, kBondLength_nm + range,
      [beta = beta_](double b) {
        return 2.0 * std::log(b) - 0.5 * beta * kBondForce * std::pow(b - kBondLength_nm, 2);
      },
      true));
  if (n < 2) return;
  system_.angles.push_back({row.atom, row.bond_to, row.angle_to, kAngle_rad, kAngleForce});
  constexpr double kEdge = 1e-6;  // sin vanishes at both ends
  angles_.push_back(coordinate(
      kEdge, engine::kPi - kEdge,
      [beta = beta_](double theta) {
        return std::log(std::sin(theta)) -
               0.5 * beta * kAngleForce * std::pow(theta - kAngle_rad, 2);
      },
      true));
  if (n >= 3) add_torsion(row, n);
}

void SeparableMolecule::add_torsion(const engine::ZMatrixRow& row, std::size_t n) {
  const bool rotor = !row.is_offset && topology_.atoms[row.atom].atomic_number == 1;
  const std::vector<Term> terms = row.is_offset ? offset_terms(n + 1 == kAtoms)
                                  : rotor       ? rotor_terms()
                                                : soft_terms(n == 3);
  for (const Term& t : terms)
    system_.torsions.push_back(
        {row.atom, row.bond_to, row.angle_to, row.torsion_to, t.periodicity, t.phase_rad, t.k});
  torsions_.push_back(coordinate(
      -engine::kPi, engine::kPi,
      [terms, beta = beta_](double phi) {
        double u = 0.0;
        for (const Term& t : terms) u += t.k * (1.0 + std::cos(t.periodicity * phi - t.phase_rad));
        return -beta * u;
      },
      row.is_offset));
}

engine::ChainBatch SeparableMolecule::draw(std::size_t n_chains, std::uint64_t seed) const {
  engine::ChainBatch chains(n_chains, kAtoms, {temperature_K_});
  std::vector<double> q(z_.n_internal()), log_jac(1);
  for (std::size_t c = 0; c < n_chains; ++c) {
    engine::RandomStream stream({seed, 0}, engine::StreamName::kInitialState,
                                static_cast<std::uint32_t>(c));
    for (std::size_t i = 0; i < q.size(); ++i)
      q[i] = coordinates_[i]->density.quantile(stream.uniform());
    engine::internal_to_cartesian(z_, q, chains.positions.chain(c), log_jac);
    const std::vector<double> shift = {stream.normal(), stream.normal(), stream.normal()};
    move_rigidly(chains.positions.chain(c), random_rotation(stream), shift);
  }
  energy_->evaluate(chains.positions.view(), chains.energies, {});
  return chains;
}

mlsamplers::PilotTrajectory SeparableMolecule::pilot(std::size_t n_series, std::size_t n_frames,
                                                     std::uint64_t seed) const {
  return {n_series, n_frames, 1.0, draw(n_series * n_frames, seed).positions};
}

std::vector<double> SeparableMolecule::log_density(engine::ConstCoordinates x) const {
  const std::size_t stride = z_.n_internal();
  std::vector<double> q(x.n_chains * stride), log_jac(x.n_chains), result(x.n_chains);
  engine::cartesian_to_internal(z_, x, q, log_jac);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    result[c] = -log_jac[c];
    for (std::size_t i = 0; i < stride; ++i)
      result[c] += coordinates_[i]->log_density(q[c * stride + i]);
  }
  return result;
}

std::vector<Projection> SeparableMolecule::projections(const engine::ChainBatch& chains) const {
  const std::size_t n = chains.n_chains(), stride = z_.n_internal();
  std::vector<double> q(n * stride), log_jac(n);
  engine::cartesian_to_internal(z_, chains.positions.view(), q, log_jac);
  std::vector<Projection> result(stride);
  Projection pooled{"all fast coordinates", {}, [](double u) { return std::clamp(u, 0.0, 1.0); }};
  for (std::size_t i = 0; i < stride; ++i) {
    const Coordinate& coordinate = *coordinates_[i];
    result[i].label = "coordinate " + std::to_string(i);
    result[i].cdf = [&coordinate](double value) { return coordinate.density.cumulative(value); };
    for (std::size_t c = 0; c < n; ++c) {
      const double value = q[c * stride + i];
      result[i].values.push_back(value);
      if (coordinate.is_fast) pooled.values.push_back(coordinate.density.cumulative(value));
    }
  }
  result.push_back(std::move(pooled));
  return result;
}

}  // namespace saltus::tests
