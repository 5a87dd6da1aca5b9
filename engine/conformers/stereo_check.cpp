#include "engine/conformers/stereo_check.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

// An eighth of what an ideal tetrahedron has: 16 / (3 sqrt 3) for all of it, a quarter of that for
// the corner of three bonds.
constexpr double kLeastVolume = 0.385, kLeastCorner = 0.096, kLeastCosine = 0.1;

Vec3 unit_bond(Span<const double> x, std::size_t from, std::size_t to) {
  const Vec3 bond = load_atom(x.data(), to) - load_atom(x.data(), from);
  return (1.0 / norm(bond)) * bond;
}

bool is_right(const ChiralCentre& centre, Span<const double> x) {
  Vec3 bonds[4] = {};
  const std::size_t n = centre.neighbours.size();
  if (n != 3 && n != 4) throw InternalError("a chiral centre has neither 3 nor 4 neighbours");
  for (std::size_t i = 0; i < n; ++i) bonds[i] = unit_bond(x, centre.atom, centre.neighbours[i]);
  if (n == 3) return centre.sign * dot(bonds[0], cross(bonds[1], bonds[2])) > kLeastCorner;
  const Vec3 a = bonds[0] - bonds[3], b = bonds[1] - bonds[3], c = bonds[2] - bonds[3];
  return centre.sign * dot(a, cross(b, c)) > kLeastVolume;
}

bool is_right(const ConfiguredDoubleBond& bond, Span<const double> x) {
  const Vec3 axis = unit_bond(x, bond.first, bond.second);
  Vec3 a = unit_bond(x, bond.first, bond.first_end);
  Vec3 b = unit_bond(x, bond.second, bond.second_end);
  a = a - dot(a, axis) * axis;
  b = b - dot(b, axis) * axis;
  const double cosine = dot(a, b) / (norm(a) * norm(b));
  return (bond.cis ? cosine : -cosine) > kLeastCosine;
}

}  // namespace

bool has_configuration(const Configuration& configuration, Span<const double> x) {
  const auto right = [&](const auto& part) { return is_right(part, x); };
  return std::all_of(configuration.centres.begin(), configuration.centres.end(), right) &&
         std::all_of(configuration.double_bonds.begin(), configuration.double_bonds.end(), right);
}

}  // namespace saltus::engine
