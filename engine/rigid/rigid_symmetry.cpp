#include "engine/rigid/rigid_symmetry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

bool same_place(Vec3 a, Vec3 b) { return norm(a - b) <= RigidBodies::kFarthest_nm; }

/// Atoms that some rotation might put in the place of one.
std::vector<std::size_t> counterparts(const RigidShape& shape, Span<const std::size_t> kinds,
                                      std::size_t atom) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i] == kinds[atom] &&
        std::abs(norm(shape.places[i]) - norm(shape.places[atom])) <= RigidBodies::kFarthest_nm)
      result.push_back(i);
  return result;
}

/// Two atoms that say where a body is turned, of those with the fewest counterparts. Nothing when
/// all atoms are on a line through the centre.
std::optional<std::array<std::size_t, 2>> frame_atoms(const RigidShape& shape,
                                                      Span<const std::size_t> kinds) {
  // Sine of the angle between two directions, beyond which rounding of places turns a frame by no
  // more than kFarthest_nm.
  constexpr double kApart = 0.05;
  std::vector<std::size_t> order;
  std::vector<std::size_t> n_counterparts;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    n_counterparts.push_back(counterparts(shape, kinds, i).size());
    if (norm(shape.places[i]) > RigidBodies::kFarthest_nm) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return n_counterparts[a] < n_counterparts[b];
  });
  for (std::size_t second = 1; second < order.size(); ++second)
    for (std::size_t first = 0; first < second; ++first) {
      const Vec3 a = shape.places[order[first]], b = shape.places[order[second]];
      if (norm(cross(a, b)) > kApart * norm(a) * norm(b)) return {{order[first], order[second]}};
    }
  return {};
}

/// Axes as rows: along a, across a and b, and the third.
std::array<Vec3, 3> axes_of(Vec3 a, Vec3 b) {
  const Vec3 first = 1.0 / norm(a) * a, across = cross(a, b);
  const Vec3 third = 1.0 / norm(across) * across;
  return {first, cross(third, first), third};
}

/// The rotation from one set of axes to another.
Quaternion rotation_between(const std::array<Vec3, 3>& from, const std::array<Vec3, 3>& to) {
  std::array<double, 9> rotation{};
  for (std::size_t k = 0; k < 3; ++k) {
    const std::array<double, 3> row = {to[k].x, to[k].y, to[k].z},
                                column = {from[k].x, from[k].y, from[k].z};
    for (std::size_t i = 0; i < 9; ++i) rotation[i] += row[i / 3] * column[i % 3];
  }
  return normalised(quaternion_of(rotation));
}

bool exchanges_equal_atoms(const RigidShape& shape, Span<const std::size_t> kinds,
                           Quaternion rotation) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const Vec3 turned = rotate(rotation, shape.places[i]);
    std::size_t j = 0;
    while (j < kinds.size() && (kinds[j] != kinds[i] || !same_place(shape.places[j], turned))) ++j;
    if (j == kinds.size()) return false;
  }
  return true;
}

}  // namespace

std::vector<std::size_t> kinds_of_atoms(const System& system) {
  const std::size_t n = system.n_atoms();
  std::vector<bool> alone(n, system.mmff.has_value());
  for (const PositionRestraint& restraint : system.position_restraints)
    alone[restraint.atom] = true;
  std::map<std::vector<double>, std::size_t> numbers;
  std::vector<std::size_t> kinds;
  for (std::size_t atom = 0; atom < n; ++atom) {
    std::vector<double> key = {alone[atom] ? static_cast<double>(atom) : -1.0, system.masses[atom]};
    if (system.nonbonded) {
      const NonbondedParticle& p = system.nonbonded->particles[atom];
      key.insert(key.end(), {p.charge, p.sigma_nm, p.epsilon});
    }
    if (system.implicit_solvent) {
      const GeneralizedBornParticle& p = system.implicit_solvent->particles[atom];
      key.insert(key.end(), {p.charge, p.radius_nm, p.scale, p.alpha, p.beta, p.gamma});
    }
    if (system.field) key.push_back(system.field->charges[atom]);
    kinds.push_back(numbers.emplace(std::move(key), numbers.size()).first->second);
  }
  return kinds;
}

std::vector<Quaternion> equal_images(const RigidShape& shape, Span<const std::size_t> kinds) {
  std::vector<Quaternion> images(1);
  if (shape.is_atom()) return images;
  const auto frame = frame_atoms(shape, kinds);
  if (!frame) {
    constexpr Quaternion kReversed = {0.0, 0.0, 1.0, 0.0};
    if (exchanges_equal_atoms(shape, kinds, kReversed)) images.push_back(kReversed);
    return images;
  }
  const auto [a, b] = *frame;
  const auto own = axes_of(shape.places[a], shape.places[b]);
  const double between = norm(shape.places[a] - shape.places[b]);
  for (const std::size_t to_a : counterparts(shape, kinds, a))
    for (const std::size_t to_b : counterparts(shape, kinds, b)) {
      if (to_a == a && to_b == b) continue;
      const Vec3 at_a = shape.places[to_a], at_b = shape.places[to_b];
      if (std::abs(norm(at_a - at_b) - between) > RigidBodies::kFarthest_nm) continue;
      const Quaternion rotation = rotation_between(own, axes_of(at_a, at_b));
      if (exchanges_equal_atoms(shape, kinds, rotation)) images.push_back(rotation);
    }
  return images;
}

double nearness(const RigidShape& shape, Quaternion site, Quaternion orientation) {
  const Quaternion turn = conjugate(site) * orientation;
  return turn.w * turn.w + (shape.is_line() ? turn.x * turn.x : 0.0);
}

}  // namespace saltus::engine
