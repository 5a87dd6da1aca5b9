#include "engine/torsions/torsion_geometry.h"

#include <cmath>
#include <complex>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/potential/internal_geometry.h"

namespace saltus::engine {

namespace {

using Direction = std::complex<double>;

/// A substituent shorter than this beside the axis has no azimuth.
constexpr double kOnAxis = 1e-9;

/// The plane through which one looks along an axis; azimuths grow clockwise.
class AxisView {
 public:
  /// @param upwards  need not be perpendicular to the axis, nor anything but not parallel
  AxisView(Vec3 from, Vec3 to, Vec3 upwards) {
    const Vec3 axis = to - from;
    along_ = (1.0 / norm(axis)) * axis;
    const Vec3 across = upwards - dot(upwards, along_) * along_;
    rise_ = norm(across);
    real_ = (1.0 / rise_) * across;
    imaginary_ = cross(along_, real_);
  }
  Direction operator()(Vec3 v) const { return {dot(v, real_), dot(v, imaginary_)}; }
  double along(Vec3 v) const { return dot(v, along_); }
  /// Distance of the point above from the axis: where it is 0 but for rounding, there is no plane.
  double rise() const { return rise_; }

 private:
  Vec3 along_, real_, imaginary_;
  double rise_ = 0.0;
};

/// Where the k-th other of an end is expected, from the reference atom: opposite, or on the side on
/// which it is. (The graph does not say which of two equal hydrogens is on which side.)
double expected_azimuth(std::size_t k, double azimuth) {
  if (k == 1) return kPi;
  return azimuth > 0.0 ? kTwoPi / 3.0 : 2.0 * kTwoPi / 3.0;
}

/// @param sense  +1 at the end one looks towards, -1 at the near one
Direction direction_of(const TorsionEnd& end, const AxisView& view, double sense, const double* x) {
  const Vec3 centre = load_atom(x, end.atom);
  const Vec3 first = load_atom(x, end.reference) - centre;
  const Direction reference = view(first);
  const double size = std::abs(reference);
  if (!(size > kOnAxis)) return std::numeric_limits<double>::quiet_NaN();
  Direction sum = reference / size;
  // The largest angle with the axis is the largest cosine with its continuation.
  double leaning = sense * view.along(first) / norm(first), turn = 0.0;
  for (std::size_t k = 0; k < end.others.size(); ++k) {
    if (end.others[k] == kNowhere) continue;
    const Vec3 bond = load_atom(x, end.others[k]) - centre;
    const Direction other = view(bond);
    if (!(std::abs(other) > kOnAxis)) continue;
    const double azimuth = expected_azimuth(k, sense * std::arg(other * std::conj(reference)));
    sum += std::polar(1.0, -sense * azimuth) * other / std::abs(other);
    const double leans = sense * view.along(bond) / norm(bond);
    if (end.ranked && leans > leaning) {
      leaning = leans;
      turn = azimuth;
    }
  }
  return sum * std::polar(1.0, sense * turn);
}

double angle_of(const TorsionBond& torsion, const double* x) {
  const auto& [near, far] = torsion.ends;
  const Vec3 from = load_atom(x, near.atom), to = load_atom(x, far.atom);
  const AxisView view(from, to, load_atom(x, near.reference) - from);
  if (!(view.rise() > kOnAxis)) return std::numeric_limits<double>::quiet_NaN();
  return wrap_angle(
      std::arg(direction_of(far, view, 1.0, x) * std::conj(direction_of(near, view, -1.0, x))));
}

double quartet_angle(const TorsionBond& torsion, const double* x) {
  const auto& [near, far] = torsion.ends;
  const TorsionGeometry geometry(x, {near.reference, near.atom, far.atom, far.reference});
  return geometry.defined() ? wrap_angle(geometry.phi()) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void torsion_angles(const TorsionGraph& graph, Span<const double> x, Span<double> out) {
  if (out.size() != graph.torsions.size()) throw InternalError("torsion_angles: size of `out`");
  for (std::size_t t = 0; t < out.size(); ++t) out[t] = angle_of(graph.torsions[t], x.data());
}

void quartet_angles(const TorsionGraph& graph, Span<const double> x, Span<double> out) {
  if (out.size() != graph.torsions.size()) throw InternalError("quartet_angles: size of `out`");
  for (std::size_t t = 0; t < out.size(); ++t) out[t] = quartet_angle(graph.torsions[t], x.data());
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
