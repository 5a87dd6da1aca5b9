#include "engine/conformers/stereo_check.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

// An eighth of what an ideal tetrahedron has: 16 / (3 sqrt 3) for all of it, a quarter of that for
// the corner of three bonds.
constexpr double kMinVolume = 0.385, kMinCorner = 0.096, kMinCosine = 0.1, kMinSine = 0.1;

Vec3 unit_bond(Span<const double> x, std::size_t from, std::size_t to) {
  const Vec3 bond = load_atom(x.data(), to) - load_atom(x.data(), from);
  return (1.0 / norm(bond)) * bond;
}

/// Beyond which side of a limit a value lies, 0 when between.
int sign_beyond(double value, double limit) {
  if (value > limit) return 1;
  return value < -limit ? -1 : 0;
}

/// Cosine and sine of the dihedral angle of two atoms about the line between two others, which may
/// be apart.
struct Dihedral {
  double cosine = 0.0, sine = 0.0;
};

template <class Chain>
Dihedral dihedral_of(const Chain& chain, Span<const double> x) {
  const Vec3 axis = unit_bond(x, chain.first, chain.second);
  Vec3 a = unit_bond(x, chain.first, chain.first_end);
  Vec3 b = unit_bond(x, chain.second, chain.second_end);
  a = a - dot(a, axis) * axis;
  b = b - dot(b, axis) * axis;
  const double size = norm(a) * norm(b);
  return {dot(a, b) / size, dot(cross(a, b), axis) / size};
}

}  // namespace

int sign_of(const ChiralCentre& centre, Span<const double> x) {
  Vec3 bonds[4] = {};
  const std::size_t n = centre.neighbours.size();
  if (n != 3 && n != 4) throw InternalError("a chiral centre has neither 3 nor 4 neighbours");
  for (std::size_t i = 0; i < n; ++i) bonds[i] = unit_bond(x, centre.atom, centre.neighbours[i]);
  if (n == 3) return sign_beyond(dot(bonds[0], cross(bonds[1], bonds[2])), kMinCorner);
  const Vec3 a = bonds[0] - bonds[3], b = bonds[1] - bonds[3], c = bonds[2] - bonds[3];
  return sign_beyond(dot(a, cross(b, c)), kMinVolume);
}

int sign_of(const ConfiguredDoubleBond& bond, Span<const double> x) {
  return sign_beyond(dihedral_of(bond, x).cosine, kMinCosine);
}

int sign_of(const ConfiguredAxis& axis, Span<const double> x) {
  return sign_beyond(dihedral_of(axis, x).sine, kMinSine);
}

bool has_configuration(const Configuration& configuration, Span<const double> x) {
  const auto signed_right = [&](const auto& part) { return sign_of(part, x) == part.sign; };
  const auto sided_right = [&](const ConfiguredDoubleBond& bond) {
    return sign_of(bond, x) == (bond.cis ? 1 : -1);
  };
  return std::all_of(configuration.centres.begin(), configuration.centres.end(), signed_right) &&
         std::all_of(configuration.double_bonds.begin(), configuration.double_bonds.end(),
                     sided_right) &&
         std::all_of(configuration.axes.begin(), configuration.axes.end(), signed_right);
}

}  // namespace saltus::engine
