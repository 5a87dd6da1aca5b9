#include "engine/rigid/rigid_dynamics.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"

namespace saltus::engine {

namespace {

double inverse(double moment) { return moment > 0.0 ? 1.0 / moment : 0.0; }

/// L_k / I_k; 0 about an axis that nothing turns about.
Vec3 angular_velocity(const RigidShape& shape, Vec3 angular_momentum) {
  return {angular_momentum.x * inverse(shape.moments.x),
          angular_momentum.y * inverse(shape.moments.y),
          angular_momentum.z * inverse(shape.moments.z)};
}

}  // namespace

double kinetic_energy(const RigidBodies& bodies, Span<const RigidMotion> motions) {
  double twice = 0.0;
  for (std::size_t body = 0; body < motions.size(); ++body) {
    const RigidShape& shape = bodies.shape(body);
    const RigidMotion& motion = motions[body];
    twice += shape.mass * dot(motion.velocity, motion.velocity) +
             dot(motion.angular_momentum, angular_velocity(shape, motion.angular_momentum));
  }
  return 0.5 * twice;
}

std::vector<RigidMotion> draw_motions(const RigidBodies& bodies, double kt, RandomStream& stream) {
  const auto draw = [&stream](double x_width, double y_width, double z_width) {
    const double x = stream.normal(), y = stream.normal(), z = stream.normal();
    return Vec3{x_width * x, y_width * y, z_width * z};
  };
  std::vector<RigidMotion> motions(bodies.size());
  for (std::size_t body = 0; body < bodies.size(); ++body) {
    const RigidShape& shape = bodies.shape(body);
    const double width = std::sqrt(kt / shape.mass);
    motions[body].velocity = draw(width, width, width);
    if (!shape.is_atom())
      motions[body].angular_momentum =
          draw(std::sqrt(kt * shape.moments.x), std::sqrt(kt * shape.moments.y),
               std::sqrt(kt * shape.moments.z));
  }
  return motions;
}

void write_velocities(const RigidBodies& bodies, const RigidState& state, Span<double> v) {
  for (std::size_t body = 0; body < bodies.size(); ++body) {
    const RigidShape& shape = bodies.shape(body);
    const RigidMotion& motion = state.motions[body];
    const Vec3 omega = angular_velocity(shape, motion.angular_momentum);
    for (std::size_t i = 0; i < shape.places.size(); ++i) {
      Vec3 velocity;
      if (shape.masses[i] > 0.0)
        velocity =
            motion.velocity + rotate(state.poses[body].orientation, cross(omega, shape.places[i]));
      const std::size_t first = 3 * bodies.atoms(body)[i];
      v[first] = velocity.x;
      v[first + 1] = velocity.y;
      v[first + 2] = velocity.z;
    }
  }
}

void turn_freely(const RigidShape& shape, double dt, Quaternion& orientation,
                 Vec3& angular_momentum) {
  if (shape.is_atom()) return;
  if (shape.is_line()) {
    // Its angular momentum is across the line, where both moments are equal: it stays.
    orientation = normalised(orientation *
                             from_rotation_vector(dt * angular_velocity(shape, angular_momentum)));
    return;
  }
  const auto turn = [&](Vec3 axis, double share) {
    const Vec3 omega = angular_velocity(shape, angular_momentum);
    const Quaternion r = from_rotation_vector(share * dt * dot(axis, omega) * axis);
    orientation = orientation * r;
    angular_momentum = rotate(conjugate(r), angular_momentum);
  };
  constexpr Vec3 kFirst = {1.0, 0.0, 0.0}, kSecond = {0.0, 1.0, 0.0}, kThird = {0.0, 0.0, 1.0};
  turn(kThird, 0.5);
  turn(kSecond, 0.5);
  turn(kFirst, 1.0);
  turn(kSecond, 0.5);
  turn(kThird, 0.5);
  orientation = normalised(orientation);
}

RigidIntegrator::RigidIntegrator(std::shared_ptr<const RigidBodies> bodies)
    : bodies_(std::move(bodies)) {
  if (!bodies_) throw InternalError("rigid integrator without bodies");
}

void RigidIntegrator::kick(double h, Span<const double> forces, Span<const double> x,
                           RigidState& state) const {
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    const RigidPush push = bodies_->push(body, state.poses[body], x, forces);
    RigidMotion& motion = state.motions[body];
    motion.velocity = motion.velocity + h / bodies_->shape(body).mass * push.force;
    motion.angular_momentum = motion.angular_momentum + h * push.torque;
  }
}

void RigidIntegrator::drift(double dt, RigidState& state) const {
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    RigidPose& pose = state.poses[body];
    RigidMotion& motion = state.motions[body];
    pose.position = pose.position + dt * motion.velocity;
    turn_freely(bodies_->shape(body), dt, pose.orientation, motion.angular_momentum);
  }
}

void RigidIntegrator::place(const RigidState& state, Span<double> x) const {
  for (std::size_t body = 0; body < bodies_->size(); ++body)
    bodies_->place(body, state.poses[body], x);
}

std::vector<double> RigidIntegrator::velocity_verlet(std::vector<RigidState>& states,
                                                     CoordinateBatch& x,
                                                     const EnergyFunction& energy, double dt,
                                                     std::size_t n_steps) const {
  const std::size_t n = x.n_chains();
  if (states.size() != n || x.n_atoms() != bodies_->n_atoms() || energy.n_atoms() != x.n_atoms())
    throw InternalError("rigid integrator: states, positions and energy do not fit each other");
  for (std::size_t c = 0; c < n; ++c) place(states[c], x.chain(c));
  const std::vector<RigidState> before = states;
  const CoordinateBatch start = x;
  std::vector<double> energies(n), forces(x.values().size());
  std::vector<char> failed(n, 0);
  for (std::size_t step = 0; step <= n_steps; ++step) {
    energy.evaluate(x.view(), energies, forces);
    const bool at_an_end = step == 0 || step == n_steps;
    for (std::size_t c = 0; c < n; ++c) {
      if (failed[c] != 0) continue;
      const Span<const double> f =
          Span<const double>(forces).subspan(3 * c * x.n_atoms(), 3 * x.n_atoms());
      failed[c] = !std::isfinite(energies[c]) || !all_finite(f);
      if (failed[c] == 0) {
        kick(at_an_end ? 0.5 * dt : dt, f, x.chain(c), states[c]);
        if (step == n_steps) continue;
        drift(dt, states[c]);
        place(states[c], x.chain(c));
        failed[c] = !all_finite(x.chain(c));
      }
      if (failed[c] == 0) continue;
      states[c] = before[c];
      x.copy_chain(start.view(), c, c);
    }
  }
  for (std::size_t c = 0; c < n; ++c)
    if (failed[c] != 0) energies[c] = std::numeric_limits<double>::infinity();
  return energies;
}

}  // namespace saltus::engine
