#include "tests/mlsamplers/held_bodies.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/units.h"
#include "engine/lanes/native_energy.h"
#include "tests/support/environment.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {

using namespace engine;

namespace {

constexpr std::size_t kBodies = 3, kAtoms = 4;
constexpr double kSpring = 1500.0;   // kJ/mol/nm^2: bodies turn by a quarter of a radian
constexpr double kCorner_nm = 0.06;  // of a cube around the centre, half its edge
constexpr double kStiffness = 8.0 * kSpring * kCorner_nm * kCorner_nm;  // (8/3) k b^2, kJ/mol
constexpr std::array<Vec3, kAtoms> kCorners = {
    Vec3{kCorner_nm, kCorner_nm, kCorner_nm}, Vec3{kCorner_nm, -kCorner_nm, -kCorner_nm},
    Vec3{-kCorner_nm, kCorner_nm, -kCorner_nm}, Vec3{-kCorner_nm, -kCorner_nm, kCorner_nm}};
constexpr std::array<Vec3, kBodies> kCentres = {Vec3{0.1, 0.2, 0.3}, Vec3{1.0, 0.4, 0.7},
                                                Vec3{0.5, 1.5, 1.6}};

double angle_density(double kappa, double theta) {
  return std::exp(kappa * (std::cos(theta) - 1.0)) * (1.0 - std::cos(theta));
}

/// Integral of angle_density from 0 to theta by Simpson's rule, to 1e-9 of the whole.
double angle_integral(double kappa, double theta) {
  constexpr int kIntervals = 400;
  const double h = theta / kIntervals;
  double sum = 0.0;
  for (int i = 0; i <= kIntervals; ++i)
    sum += (i == 0 || i == kIntervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) * angle_density(kappa, h * i);
  return sum * h / 3.0;
}

double kappa_at(double temperature_K) {
  return ThermodynamicState{temperature_K}.beta() * kStiffness;
}

Vec3 centre_of(Span<const double> x, std::size_t body) {
  Vec3 sum;
  for (std::size_t i = 0; i < kAtoms; ++i) sum = sum + load_atom(x.data(), kAtoms * body + i);
  return 0.25 * sum;
}

}  // namespace

HeldBodies::HeldBodies() {
  for (const Vec3 centre : kCentres) {
    std::vector<Vec3> points;
    for (const Vec3 corner : kCorners) points.push_back(centre + corner);
    add_rigid_molecule(system_, positions_, {14.0, 2.0, 5.0, 9.0}, points);
  }
  for (std::size_t atom = 0; atom < system_.n_atoms(); ++atom)
    system_.position_restraints.push_back(
        {atom,
         {positions_[3 * atom], positions_[3 * atom + 1], positions_[3 * atom + 2]},
         kSpring,
         0.0});
  bodies_ = std::make_shared<const RigidBodies>(system_, positions_, nullptr);
  target_ = std::make_shared<const Canonical>(std::make_shared<NativeEnergy>(system_, nullptr),
                                              measure_of(system_));
}

CoordinateBatch HeldBodies::rest() const {
  CoordinateBatch result = CoordinateBatch::repeated(draw(1, kHot_K, 0).positions.view(), 1);
  std::copy(positions_.begin(), positions_.end(), result.chain(0).begin());
  return result;
}

ChainBatch HeldBodies::draw(std::size_t n_chains, double temperature_K, std::uint64_t seed) const {
  ChainBatch chains(n_chains, system_.n_atoms(), {temperature_K});
  chains.positions.set_boxes(
      std::vector<Box>(n_chains, Box({kEdges_nm[0], kEdges_nm[1], kEdges_nm[2]})));
  const double kappa = kappa_at(temperature_K);
  const double width = 1.0 / std::sqrt(4.0 * kSpring * chains.states[0].beta());
  // 1 - cos theta of a gamma variate without its upper end: a proposal that is often accepted.
  for (std::size_t c = 0; c < n_chains; ++c) {
    RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
    const auto x = chains.positions.chain(c);
    for (std::size_t body = 0; body < kBodies; ++body) {
      // A rotation vector of Maxwell's length, as for small angles, and rejection for the rest:
      // (1 - cos t) exp(kappa cos t) / (t^2 exp(-kappa t^2 / 2 / kSlack)) is largest at most where
      // 1 - cos t <= t^2 / 2 and cos t - 1 <= -t^2 / 2 / kSlack on [0, pi].
      constexpr double kSlack = kPi * kPi / 4.0;
      Vec3 v;
      while (true) {
        const double s = std::sqrt(kSlack / kappa);
        const double a = stream.normal(), b = stream.normal(), d = stream.normal();
        v = {s * a, s * b, s * d};
        const double t = norm(v);
        if (t < kPi &&
            stream.uniform() <
                angle_density(kappa, t) / (0.5 * t * t * std::exp(-0.5 * kappa * t * t / kSlack)))
          break;
      }
      Vec3 centre = kCentres[body];
      centre.x += width * stream.normal();
      centre.y += width * stream.normal();
      centre.z += width * stream.normal();
      const Quaternion turn = from_rotation_vector(v);
      for (std::size_t i = 0; i < kAtoms; ++i) {
        const Vec3 at = centre + rotate(turn, kCorners[i]);
        const std::size_t k = 3 * (kAtoms * body + i);
        x[k] = at.x, x[k + 1] = at.y, x[k + 2] = at.z;
      }
    }
  }
  target_->refresh(chains);
  return chains;
}

std::vector<Projection> HeldBodies::projections(const ChainBatch& chains,
                                                double temperature_K) const {
  const double kappa = kappa_at(temperature_K), whole = angle_integral(kappa, kPi);
  const double width = 1.0 / std::sqrt(4.0 * kSpring * ThermodynamicState{temperature_K}.beta());
  std::vector<Projection> result;
  for (std::size_t body = 0; body < kBodies; ++body) {
    const std::string of_body = " of body " + std::to_string(body);
    const Vec3 at = kCentres[body];
    Projection places[3], angle, axis;
    for (std::size_t k = 0; k < 3; ++k) {
      const double mean = std::array<double, 3>{at.x, at.y, at.z}[k];
      places[k] = {"coordinate " + std::to_string(k) + of_body, {}, [mean, width](double v) {
                     return 0.5 * std::erfc(-(v - mean) / (width * std::sqrt(2.0)));
                   }};
    }
    angle = {"angle" + of_body, {}, [kappa, whole](double t) {
               return std::min(1.0, std::max(0.0, angle_integral(kappa, t) / whole));
             }};
    axis = {"axis" + of_body, {}, [](double u) {
              return std::min(1.0, std::max(0.0, 0.5 * (u + 1.0)));
            }};
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const auto x = chains.positions.chain(c);
      const Vec3 centre = centre_of({x.data(), x.size()}, body);
      places[0].values.push_back(centre.x);
      places[1].values.push_back(centre.y);
      places[2].values.push_back(centre.z);
      // R is made of the images of the corners: sum_i r_i b_i^T = 4 corner^2 R.
      std::array<double, 9> r{};
      for (std::size_t i = 0; i < kAtoms; ++i) {
        const Vec3 d = load_atom(x.data(), kAtoms * body + i) - centre, b = kCorners[i];
        const double row[3] = {d.x, d.y, d.z}, column[3] = {b.x, b.y, b.z};
        for (std::size_t k = 0; k < 9; ++k)
          r[k] += row[k / 3] * column[k % 3] / (4.0 * kCorner_nm * kCorner_nm);
      }
      const Vec3 v = rotation_vector(normalised(quaternion_of(r)));
      angle.values.push_back(norm(v));
      axis.values.push_back(v.z / norm(v));
    }
    for (Projection& place : places) result.push_back(std::move(place));
    result.push_back(std::move(angle));
    result.push_back(std::move(axis));
  }
  return result;
}

double HeldBodies::free_energy(double temperature_K) {
  const double per_body =
      1.5 * std::log(temperature_K) + std::log(angle_integral(kappa_at(temperature_K), kPi));
  return -static_cast<double>(kBodies) * per_body;
}

mlsamplers::RigidFlowModel HeldBodies::flow(double target_temperature_K,
                                            mlsamplers::OrientationMap map,
                                            mlsamplers::FlowConditioner conditioner) const {
  const ChainBatch base = draw(500, kHot_K, test_seed(900));
  mlsamplers::RigidFlowShape shape;
  shape.n_couplings = 2;
  shape.hidden = 12;
  shape.orientation_map = map;
  shape.conditioner = conditioner;
  return mlsamplers::rigid_flow_for(
      mlsamplers::poses_of(*bodies_, base.positions.view()),
      {kHot_K, target_temperature_K, {kEdges_nm[0], kEdges_nm[1], kEdges_nm[2]}}, shape, {},
      {901, 0});
}

mlsamplers::RigidFlowModel HeldBodies::random_flow(double output_scale,
                                                   mlsamplers::OrientationMap map,
                                                   mlsamplers::FlowConditioner conditioner) const {
  mlsamplers::RigidFlowModel model = flow(kCold_K, map, conditioner);
  mlsamplers::randomise(model, {902, 0}, output_scale);
  return model;
}

}  // namespace saltus::tests
