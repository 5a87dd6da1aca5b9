#include "engine/torsions/torsion_geometry.h"

#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/vec3.h"
#include "engine/potential/internal_geometry.h"

namespace saltus::engine {

namespace {

double angle_of(const TorsionBond& torsion, const double* x) {
  const auto& [near, far] = torsion.ends;
  const TorsionGeometry geometry(x, {near.reference, near.atom, far.atom, far.reference});
  return geometry.defined() ? wrap_angle(geometry.phi()) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void torsion_angles(const TorsionGraph& graph, Span<const double> x, Span<double> out) {
  if (out.size() != graph.torsions.size()) throw InternalError("torsion_angles: size of `out`");
  for (std::size_t t = 0; t < out.size(); ++t) out[t] = angle_of(graph.torsions[t], x.data());
}

void inversion_signs(const TorsionGraph& graph, Span<const double> x, Span<int> out) {
  if (out.size() != graph.inversions.size()) throw InternalError("inversion_signs: size of `out`");
  for (std::size_t i = 0; i < out.size(); ++i) {
    const InvertibleCentre& centre = graph.inversions[i];
    const Vec3 r = load_atom(x.data(), centre.atom);
    const Vec3 a = load_atom(x.data(), centre.neighbours[0]) - r;
    const Vec3 b = load_atom(x.data(), centre.neighbours[1]) - r;
    const Vec3 c = load_atom(x.data(), centre.neighbours[2]) - r;
    out[i] = dot(a, cross(b, c)) < 0.0 ? -1 : 1;
  }
}

void set_torsion(const TorsionBond& torsion, double tau, Span<double> x) {
  rotate_about_bond(torsion.bond, tau - angle_of(torsion, x.data()), x);
}

}  // namespace saltus::engine
