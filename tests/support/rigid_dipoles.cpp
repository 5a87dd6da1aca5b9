#include "tests/support/rigid_dipoles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/units.h"
#include "engine/dynamics/integrator.h"
#include "engine/lanes/native_energy.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

using namespace engine;

namespace {

constexpr double kField = 120.0, kSpring = 800.0;  // kJ/mol/nm/e, kJ/mol/nm^2
constexpr Vec3 kAlong = {1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0};

Vec3 of(const std::array<double, 3>& a) { return {a[0], a[1], a[2]}; }

/// A direction across v.
Vec3 across(Vec3 v) {
  const Vec3 other = std::abs(v.x) < 0.5 * norm(v) ? Vec3{1.0, 0.0, 0.0} : Vec3{0.0, 1.0, 0.0};
  const Vec3 result = cross(v, other);
  return 1.0 / norm(result) * result;
}

/// The angle, from 0 to 1, by which v is turned about an axis, from a zero direction across it.
double turn_about(Vec3 axis, Vec3 zero, Vec3 v) {
  const Vec3 unit = 1.0 / norm(axis) * axis;
  const double angle = std::atan2(dot(cross(unit, zero), v), dot(zero - dot(zero, unit) * unit, v));
  return angle / kTwoPi + 0.5;
}

double uniform_cdf(double x) { return std::min(1.0, std::max(0.0, x)); }

}  // namespace

Quaternion uniform_orientation(RandomStream& stream) {
  const double w = stream.normal(), x = stream.normal(), y = stream.normal(), z = stream.normal();
  return normalised({w, x, y, z});
}

std::vector<double> coupled_matrix(const std::vector<double>& diagonal, double coupling) {
  const std::size_t n = diagonal.size();
  std::vector<double> factor(n * n), result(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      if (j == i) factor[i * n + j] = diagonal[j];
      if (j < i && (j < 3 || j + 1 == i)) factor[i * n + j] = coupling * diagonal[i];
    }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k)
        result[i * n + j] += factor[i * n + k] * factor[j * n + k];
  return result;
}

void add_rigid_molecule(System& system, std::vector<double>& positions,
                        const std::vector<double>& masses, const std::vector<Vec3>& points) {
  const std::size_t first = system.n_atoms();
  for (std::size_t i = 0; i < points.size(); ++i) {
    system.masses.push_back(masses[i]);
    positions.insert(positions.end(), {points[i].x, points[i].y, points[i].z});
    for (std::size_t j = 0; j < i; ++j)
      system.constraints.push_back({first + j, first + i, norm(points[i] - points[j])});
  }
}

RigidDipoles::RigidDipoles(double first_spring, Atoms atoms) : first_spring_(first_spring) {
  // A bent neutral molecule, a charged pyramid, a neutral line, an ion.
  std::vector<double> charges = {-0.5, 0.35, 0.15, 0.1, 0.3, -0.2, 0.1};
  if (atoms == Atoms::kEqual) {
    charges = {-0.5, 0.25, 0.25, 0.6, -0.1, -0.1, -0.1};
    add_rigid_molecule(system_, positions_, {16.0, 2.0, 2.0},
                       {{0.0, 0.0, 0.0}, {0.08, 0.05, 0.0}, {-0.08, 0.05, 0.0}});
    const double side = 0.09, high = 0.04, half = 0.5 * side, third = side * std::sqrt(0.75);
    add_rigid_molecule(system_, positions_, {12.0, 4.0, 4.0, 4.0},
                       {{1.0, 0.0, 0.0},
                        {1.0 + side, 0.0, high},
                        {1.0 - half, third, high},
                        {1.0 - half, -third, high}});
  } else {
    add_rigid_molecule(system_, positions_, {16.0, 2.0, 3.0},
                       {{0.0, 0.0, 0.0}, {0.1, 0.01, 0.0}, {-0.03, 0.09, 0.02}});
    add_rigid_molecule(
        system_, positions_, {12.0, 7.0, 4.0, 2.0},
        {{1.0, 0.0, 0.0}, {1.12, 0.0, 0.03}, {0.96, 0.11, 0.0}, {0.99, -0.06, 0.09}});
  }
  add_rigid_molecule(system_, positions_, {14.0, 5.0}, {{0.0, 1.0, 0.0}, {0.04, 1.1, 0.02}});
  add_rigid_molecule(system_, positions_, {23.0}, {{0.0, 0.0, 1.0}});
  charges.insert(charges.end(), {-0.5, 0.5, 1.0});
  system_.field = UniformField{{kField * kAlong.x, kField * kAlong.y, kField * kAlong.z}, charges};
  for (const std::size_t atom : {0u, 3u, 7u, 9u})
    system_.position_restraints.push_back(
        {atom,
         {positions_[3 * atom], positions_[3 * atom + 1], positions_[3 * atom + 2]},
         atom == 0 ? first_spring_ * kSpring : kSpring,
         0.0});
  bodies_ = std::make_shared<const RigidBodies>(system_, positions_, nullptr);
  target_ = std::make_shared<const Canonical>(std::make_shared<NativeEnergy>(system_, nullptr),
                                              measure_of(system_));
}

Vec3 RigidDipoles::dipole(std::size_t body) const {
  Vec3 sum;
  const auto& atoms = bodies_->atoms(body);
  const auto& places = bodies_->shape(body).places;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    sum = sum + system_.field->charges[atoms[i]] * (places[i] - places[0]);
  return sum;
}

Vec3 RigidDipoles::centre(std::size_t body) const {
  double charge = 0.0;
  for (const std::size_t atom : bodies_->atoms(body)) charge += system_.field->charges[atom];
  return of(system_.position_restraints[body].position_nm) +
         charge * kField / spring(body) * kAlong;
}

double RigidDipoles::spring(std::size_t body) const { return system_.position_restraints[body].k; }

double RigidDipoles::strength(std::size_t body) const {
  return ThermodynamicState{kTemperature_K}.beta() * kField * norm(dipole(body));
}

ChainBatch RigidDipoles::draw(std::size_t n_chains, std::uint64_t seed) const {
  ChainBatch chains(n_chains, system_.n_atoms(), {kTemperature_K});
  for (std::size_t c = 0; c < n_chains; ++c) {
    RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
    for (std::size_t body = 0; body < bodies_->size(); ++body) {
      RigidPose pose;
      const double kappa = strength(body);
      const Vec3 d = dipole(body);
      while (kappa > 0.0) {
        pose.orientation = uniform_orientation(stream);
        const double cosine = dot(kAlong, rotate(pose.orientation, d)) / norm(d);
        if (stream.uniform() < std::exp(kappa * (cosine - 1.0))) break;
      }
      const double width = 1.0 / std::sqrt(chains.states[0].beta() * spring(body));
      Vec3 first = centre(body);
      first.x += width * stream.normal();
      first.y += width * stream.normal();
      first.z += width * stream.normal();
      pose.position = first - rotate(pose.orientation, bodies_->shape(body).places[0]);
      bodies_->place(body, pose, chains.positions.chain(c));
    }
  }
  draw_velocities(chains, moving_particles(system_), {seed, 1});
  target_->refresh(chains);
  return chains;
}

HarmonicMinimum RigidDipoles::crystal(const std::optional<Box>& box) const {
  // Turns about a dipole, which are free, have a width of some 0.8; places relative to body 0 are
  // less certain than those in the laboratory.
  constexpr double kTurn = 4.0, kPlace = 0.8 * kSpring;
  const double beta = ThermodynamicState{kTemperature_K}.beta();
  HarmonicMinimum result;
  result.box = box;
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    RigidPose site;
    if (strength(body) > 0.0) {
      const Vec3 d = 1.0 / norm(dipole(body)) * dipole(body), axis = cross(d, kAlong);
      site.orientation = from_rotation_vector(std::acos(dot(d, kAlong)) / norm(axis) * axis);
    }
    site.position = centre(body) - rotate(site.orientation, bodies_->shape(body).places[0]);
    result.sites.push_back(site);
  }
  const PoseCoordinates chart(bodies_, result.sites, box);
  const std::size_t n = chart.size() - 3;
  result.hessian.resize(n * n);
  const auto at = [&](std::size_t i, std::size_t j) -> double& {
    return result.hessian[(i - 3) * n + j - 3];
  };
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    const std::size_t first = chart.first(body), first_turn = first + 3;
    if (body > 0)
      for (std::size_t i = first; i < first_turn; ++i) at(i, i) = kPlace;
    const std::size_t n_turns = chart.n_turns(body);
    // kappa cos(angle) is -2 kappa |v|^2 across the dipole.
    const Vec3 d = dipole(body);
    const std::array<double, 3> along = {d.x / norm(d), d.y / norm(d), d.z / norm(d)};
    const double across_it = 4.0 * strength(body) / beta;
    for (std::size_t i = 0; i < n_turns; ++i)
      for (std::size_t j = 0; j < n_turns; ++j)
        at(first_turn + i, first_turn + j) =
            (i == j ? across_it : 0.0) +
            (kTurn - across_it) * (along[3 - n_turns + i] * along[3 - n_turns + j]);
  }
  // The like coordinates of any two bodies.
  constexpr double kCorrelation = 0.1;
  for (std::size_t a = 0; a < bodies_->size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      for (std::size_t k = b == 0 ? 3 : 0; k < std::min(chart.count(a), chart.count(b)); ++k) {
        const std::size_t i = chart.first(a) + k, j = chart.first(b) + k;
        at(i, j) = at(j, i) = kCorrelation * std::sqrt(at(i, i) * at(j, j));
      }
  return result;
}

std::vector<Projection> RigidDipoles::projections(const ChainBatch& chains) const {
  const double beta = ThermodynamicState{kTemperature_K}.beta();
  const ConstCoordinates x = chains.positions.view();
  std::vector<Projection> result;
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    const std::string of_body = " of body " + std::to_string(body);
    const std::size_t first = bodies_->atoms(body)[0];
    const double width = 1.0 / std::sqrt(beta * spring(body));
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const Vec3 at = centre(body);
      const double mean = std::array<double, 3>{at.x, at.y, at.z}[axis];
      Projection place{"coordinate " + std::to_string(axis) + of_body, {}, [mean, width](double v) {
                         return 0.5 * std::erfc(-(v - mean) / (width * std::sqrt(2.0)));
                       }};
      for (std::size_t c = 0; c < x.n_chains; ++c)
        place.values.push_back(x.chain(c)[3 * first + axis]);
      result.push_back(std::move(place));
    }
    const Vec3 d = dipole(body);
    const double kappa = strength(body);
    if (kappa == 0.0) continue;
    Projection cosine{"cosine" + of_body, {}, [kappa](double c) {
                        return std::expm1(kappa * (c + 1.0)) / std::expm1(2.0 * kappa);
                      }};
    Projection about_field{"turn about the field" + of_body, {}, uniform_cdf};
    Projection about_dipole{"turn about the dipole" + of_body, {}, uniform_cdf};
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      const Quaternion q = bodies_->pose(body, x, c).orientation;
      const Vec3 turned = rotate(q, d);
      cosine.values.push_back(dot(kAlong, turned) / norm(d));
      about_field.values.push_back(turn_about(kAlong, across(kAlong), turned));
      about_dipole.values.push_back(turn_about(turned, kAlong, rotate(q, across(d))));
    }
    result.push_back(std::move(cosine));
    result.push_back(std::move(about_field));
    if (!bodies_->shape(body).is_line()) result.push_back(std::move(about_dipole));
  }
  // Six degrees of freedom of two bodies, five of the line, three of the ion, halved.
  Projection kinetic{"kinetic energy", {}, [](double value) { return gamma_cdf(10, value); }};
  CoordinateBatch velocities = chains.velocities;
  const Integrator integrator("test", moving_particles(system_));
  integrator.project_velocities(chains.positions, velocities);
  for (std::size_t c = 0; c < x.n_chains; ++c)
    kinetic.values.push_back(beta * integrator.kinetic_energy(velocities.chain(c)));
  result.push_back(std::move(kinetic));
  return result;
}

}  // namespace saltus::tests
