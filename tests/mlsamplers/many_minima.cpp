#include "tests/mlsamplers/many_minima.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/units.h"
#include "engine/potential/energy_function.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {

using namespace engine;

namespace {

constexpr std::size_t kAtoms = 4;
constexpr double kCorner_nm = 0.06;  // of a cube around the centre, half its edge
/// s^2, from (8 a^2 / s^2) = kWidth: sum_i |R b_i - R_w b_i|^2 = 16 a^2 (1 - cos theta).
constexpr double kSquare_nm2 = 8.0 * kCorner_nm * kCorner_nm / ManyMinima::kWidth;
constexpr std::array<Vec3, kAtoms> kCorners = {
    Vec3{kCorner_nm, kCorner_nm, kCorner_nm}, Vec3{kCorner_nm, -kCorner_nm, -kCorner_nm},
    Vec3{-kCorner_nm, kCorner_nm, -kCorner_nm}, Vec3{-kCorner_nm, -kCorner_nm, kCorner_nm}};
constexpr std::array<Vec3, ManyMinima::kMinima> kTurns = {
    Vec3{0.0, 0.0, 0.0}, Vec3{2.0, 0.3, 0.0}, Vec3{-0.6, 1.8, 0.9}, Vec3{0.4, -1.5, 1.7}};
constexpr std::array<double, ManyMinima::kMinima> kDepths = {25.0, 24.0, 23.0, 22.0};  // kJ/mol

/// exp(-kWidth (1 - cos theta_w)) of an orientation: 1 - cos theta = 2 - 2 (q . q_w)^2.
double nearness(Quaternion q, std::size_t minimum) {
  const Quaternion w = from_rotation_vector(kTurns[minimum]);
  const double c = q.w * w.w + q.x * w.x + q.y * w.y + q.z * w.z;
  return std::exp(-2.0 * ManyMinima::kWidth * (1.0 - c * c));
}

double energy_at(Quaternion q) {
  double energy = 0.0;
  for (std::size_t w = 0; w < ManyMinima::kMinima; ++w) energy -= kDepths[w] * nearness(q, w);
  return energy;
}

/// Less than 65 degrees away: few are that far from a minimum and belong to it.
constexpr double kNear = 0.1;

std::size_t minimum_of(Quaternion q) {
  std::size_t nearest = 0;
  for (std::size_t w = 1; w < ManyMinima::kMinima; ++w)
    if (nearness(q, w) > nearness(q, nearest)) nearest = w;
  return nearness(q, nearest) > kNear ? nearest : ManyMinima::kMinima;
}

class ManyMinimaEnergy final : public EnergyFunction {
 public:
  std::size_t n_atoms() const override { return kAtoms; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    check_evaluation_sizes(*this, x, energies, forces);
    std::fill(forces.begin(), forces.end(), 0.0);
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      const double* at = x.chain(c).data();
      Vec3 mean;
      for (std::size_t i = 0; i < kAtoms; ++i) mean = mean + 0.25 * load_atom(at, i);
      energies[c] = 0.0;
      for (std::size_t w = 0; w < ManyMinima::kMinima; ++w) {
        const Quaternion turn = from_rotation_vector(kTurns[w]);
        std::array<Vec3, kAtoms> off;
        double square = 0.0;
        for (std::size_t i = 0; i < kAtoms; ++i) {
          off[i] = load_atom(at, i) - mean - rotate(turn, kCorners[i]);
          square += dot(off[i], off[i]);
        }
        const double term = kDepths[w] * std::exp(-0.5 * square / kSquare_nm2);
        energies[c] -= term;
        if (forces.empty()) continue;
        for (std::size_t i = 0; i < kAtoms; ++i) {
          const Vec3 force = (-term / kSquare_nm2) * off[i];
          double* f = forces.data() + 3 * (kAtoms * c + i);
          f[0] += force.x, f[1] += force.y, f[2] += force.z;
        }
      }
    }
  }
};

}  // namespace

ManyMinima::ManyMinima(Masses masses) {
  add_rigid_molecule(system_, positions_,
                     masses == Masses::kEqual ? std::vector<double>(kAtoms, 7.0)
                                              : std::vector<double>{14.0, 2.0, 5.0, 9.0},
                     {kCorners.begin(), kCorners.end()});
  bodies_ = std::make_shared<const RigidBodies>(system_, positions_, nullptr);
  target_ = std::make_shared<Canonical>(std::make_shared<ManyMinimaEnergy>(), measure_of(system_));
}

ChainBatch ManyMinima::placed(const std::vector<Quaternion>& orientations,
                              double temperature_K) const {
  ChainBatch chains(orientations.size(), kAtoms, {temperature_K});
  chains.positions.set_boxes(
      std::vector<Box>(orientations.size(), Box({kEdge_nm, kEdge_nm, kEdge_nm})));
  for (std::size_t c = 0; c < orientations.size(); ++c)
    for (std::size_t i = 0; i < kAtoms; ++i) {
      const Vec3 at = Vec3{1.0, 1.0, 1.0} + rotate(orientations[c], kCorners[i]);
      double* x = chains.positions.chain(c).data() + 3 * i;
      x[0] = at.x, x[1] = at.y, x[2] = at.z;
    }
  target_->refresh(chains);
  return chains;
}

ChainBatch ManyMinima::draw(std::size_t n_chains, std::uint64_t seed, double temperature_K) const {
  const double beta = ThermodynamicState{temperature_K}.beta();
  // No energy is below: minima are so far from each other that what others add to the first is less
  // than 1 kJ/mol.
  const double lowest = -kDepths[0] - 1.0;
  std::vector<Quaternion> orientations;
  for (std::size_t c = 0; c < n_chains; ++c) {
    RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
    Quaternion q;
    do {
      q = uniform_orientation(stream);
    } while (stream.uniform() >= std::exp(-beta * (energy_at(q) - lowest)));
    orientations.push_back(q);
  }
  return placed(orientations, temperature_K);
}

ChainBatch ManyMinima::at_minimum(std::size_t minimum, std::size_t n_chains,
                                  double temperature_K) const {
  return placed(std::vector<Quaternion>(n_chains, from_rotation_vector(kTurns[minimum])),
                temperature_K);
}

std::vector<std::size_t> ManyMinima::minima_of(const ChainBatch& chains) const {
  std::vector<std::size_t> result;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const double* x = chains.positions.chain(c).data();
    Vec3 mean;
    for (std::size_t i = 0; i < kAtoms; ++i) mean = mean + 0.25 * load_atom(x, i);
    // R is made of the images of the corners: sum_i r_i b_i^T = 4 corner^2 R.
    std::array<double, 9> r{};
    for (std::size_t i = 0; i < kAtoms; ++i) {
      const Vec3 d = load_atom(x, i) - mean, b = kCorners[i];
      const double row[3] = {d.x, d.y, d.z}, column[3] = {b.x, b.y, b.z};
      for (std::size_t k = 0; k < 9; ++k)
        r[k] += row[k / 3] * column[k % 3] / (4.0 * kCorner_nm * kCorner_nm);
    }
    result.push_back(minimum_of(normalised(quaternion_of(r))));
  }
  return result;
}

ManyMinima::Populations ManyMinima::fractions(const std::vector<std::size_t>& minima) {
  Populations result{};
  for (const std::size_t minimum : minima)
    result[minimum] += 1.0 / static_cast<double>(minima.size());
  return result;
}

double ManyMinima::largest_error(const Populations& populations, double temperature_K,
                                 std::size_t n) {
  constexpr std::size_t kPoints = 80;
  const Populations right = exact(temperature_K, kPoints);
  double largest = 0.0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const double error = std::sqrt(right[i] * (1.0 - right[i]) / static_cast<double>(n));
    largest = std::max(largest, std::abs(populations[i] - right[i]) / error);
  }
  return largest;
}

ManyMinima::Populations ManyMinima::exact(double temperature_K, std::size_t n) {
  const double beta = ThermodynamicState{temperature_K}.beta(), h = 1.0 / static_cast<double>(n);
  const auto middle = [h](std::size_t i) { return (static_cast<double>(i) + 0.5) * h; };
  // Puts no minimum where the second angle is 0 or pi: there sums of midpoints converge slowly.
  const Quaternion away = from_rotation_vector({0.5, 0.9, 0.3});
  Populations result{};
  double whole = 0.0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) {
        const Quaternion q = away * from_rotation_vector({0.0, 0.0, kTwoPi * middle(i)}) *
                             from_rotation_vector({0.0, std::acos(2.0 * middle(j) - 1.0), 0.0}) *
                             from_rotation_vector({0.0, 0.0, kTwoPi * middle(k)});
        const double weight = std::exp(-beta * energy_at(q));
        result[minimum_of(q)] += weight;
        whole += weight;
      }
  for (double& fraction : result) fraction /= whole;
  return result;
}

}  // namespace saltus::tests
