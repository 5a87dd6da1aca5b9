#include "engine/system/internal_coordinates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

Vec3 at(Span<const double> positions, std::size_t i) { return load_atom(positions.data(), i); }
Vec3 unit(Vec3 a) { return (1.0 / norm(a)) * a; }

/// Atoms i-j-k-l.
double torsion(Vec3 i, Vec3 j, Vec3 k, Vec3 l) {
  const Vec3 b1 = j - i, b2 = k - j, b3 = l - k;
  const Vec3 n1 = cross(b1, b2), n2 = cross(b2, b3);
  const double angle = std::atan2(norm(b2) * dot(b1, n2), dot(n1, n2));
  return angle >= kPi ? -kPi : angle;
}

double angle(Vec3 i, Vec3 j, Vec3 k) {
  const Vec3 a = i - j, b = k - j;
  return std::atan2(norm(cross(a, b)), dot(a, b));
}

/// Angles closer than this to 0 or pi leave the torsion about them without meaning.
constexpr double kMinSine = 1e-6;

/// Where the three blocks of a chain's internal coordinates start.
struct Blocks {
  explicit Blocks(std::size_t n_atoms) : angles(n_atoms - 1), torsions(2 * n_atoms - 3) {}
  std::size_t bond(std::size_t row) const { return row - 1; }
  std::size_t angle(std::size_t row) const { return angles + row - 2; }
  std::size_t torsion(std::size_t row) const { return torsions + row - 3; }
  std::size_t angles, torsions;
};

double finite_or_minus_infinity(double value) {
  return std::isfinite(value) ? value : -std::numeric_limits<double>::infinity();
}

double measure_chain(const ZMatrix& z, Span<const double> x, Span<double> q) {
  const Blocks blocks(z.n_atoms());
  double log_jac = 0.0;
  for (std::size_t n = 1; n < z.rows.size(); ++n) {
    const ZMatrixRow& row = z.rows[n];
    const Vec3 p = at(x, row.atom), b = at(x, row.bond_to);
    const double length = norm(p - b);
    q[blocks.bond(n)] = length;
    double volume = length * length;
    if (n >= 2) {
      const Vec3 a = at(x, row.angle_to);
      const double theta = angle(p, b, a);
      q[blocks.angle(n)] = theta;
      volume *= std::sin(theta) > kMinSine ? std::sin(theta) : 0.0;
      if (n >= 3) q[blocks.torsion(n)] = torsion(p, b, a, at(x, row.torsion_to));
    }
    log_jac += std::log(volume);
  }
  return finite_or_minus_infinity(log_jac);
}

double place_chain(const ZMatrix& z, Span<const double> q, Span<double> x) {
  const Blocks blocks(z.n_atoms());
  const auto put = [&x](std::size_t atom, Vec3 p) {
    x[3 * atom] = p.x;
    x[3 * atom + 1] = p.y;
    x[3 * atom + 2] = p.z;
  };
  const Span<const double> placed(x.data(), x.size());
  put(z.rows[0].atom, {0.0, 0.0, 0.0});
  double log_jac = 0.0;
  bool valid = true;
  for (std::size_t n = 1; n < z.rows.size(); ++n) {
    const ZMatrixRow& row = z.rows[n];
    const double length = q[blocks.bond(n)];
    valid = valid && length > 0.0;
    if (n == 1) {
      put(row.atom, {0.0, 0.0, length});
      log_jac += 2.0 * std::log(length);
      continue;
    }
    const double theta = q[blocks.angle(n)];
    const double sin_theta = std::sin(theta), cos_theta = std::cos(theta);
    valid = valid && theta > 0.0 && theta < kPi && sin_theta > kMinSine;
    log_jac += std::log(length * length * sin_theta);
    const Vec3 b = at(placed, row.bond_to);
    const Vec3 towards = unit(b - at(placed, row.angle_to));
    if (n == 2) {
      const Vec3 x_axis = {1.0, 0.0, 0.0};
      put(row.atom, b + (-length * cos_theta) * towards + (length * sin_theta) * x_axis);
      continue;
    }
    const double phi = q[blocks.torsion(n)];
    valid = valid && std::isfinite(phi);
    const Vec3 a = at(placed, row.angle_to);
    const Vec3 normal = unit(cross(a - at(placed, row.torsion_to), towards));
    const Vec3 in_plane = cross(normal, towards);
    put(row.atom, b + (-length * cos_theta) * towards +
                      (length * sin_theta * std::cos(phi)) * in_plane +
                      (length * sin_theta * std::sin(phi)) * normal);
  }
  return valid ? finite_or_minus_infinity(log_jac) : -std::numeric_limits<double>::infinity();
}

}  // namespace

std::size_t ZMatrix::n_positions() const {
  std::size_t n = 0;
  for (const ZMatrixRow& row : rows) n = std::max(n, row.atom + 1);
  return n;
}

void cartesian_to_internal(const ZMatrix& z, ConstCoordinates x, Span<double> q,
                           Span<double> log_jac) {
  if (q.size() != x.n_chains * z.n_internal() || log_jac.size() != x.n_chains ||
      x.n_atoms < z.n_positions())
    throw InternalError("cartesian_to_internal: array sizes do not fit");
  for (std::size_t c = 0; c < x.n_chains; ++c)
    log_jac[c] = measure_chain(z, x.chain(c), q.subspan(c * z.n_internal(), z.n_internal()));
}

void internal_to_cartesian(const ZMatrix& z, Span<const double> q, Span<double> x,
                           Span<double> log_jac) {
  const std::size_t n_chains = log_jac.size();
  if (q.size() != n_chains * z.n_internal() || x.size() != n_chains * 3 * z.n_atoms() ||
      z.n_positions() != z.n_atoms())
    throw InternalError("internal_to_cartesian: array sizes do not fit");
  for (std::size_t c = 0; c < n_chains; ++c)
    log_jac[c] = place_chain(z, q.subspan(c * z.n_internal(), z.n_internal()),
                             x.subspan(c * 3 * z.n_atoms(), 3 * z.n_atoms()));
}

void move_to_frame_of(const ZMatrix& z, ConstCoordinates reference, Span<double> x) {
  if (x.size() != reference.size() || reference.n_atoms != z.n_atoms() ||
      z.n_positions() != z.n_atoms())
    throw InternalError("move_to_frame_of: sizes do not fit");
  for (std::size_t c = 0; c < reference.n_chains; ++c) {
    const auto from = reference.chain(c);
    const Vec3 origin = at(from, z.rows[0].atom);
    const Vec3 e3 = unit(at(from, z.rows[1].atom) - origin);
    const Vec3 second = at(from, z.rows[2].atom) - origin;
    const Vec3 e1 = unit(second - dot(second, e3) * e3);
    const Vec3 e2 = cross(e3, e1);
    const auto to = x.subspan(c * reference.stride(), reference.stride());
    for (std::size_t i = 0; i < z.n_atoms(); ++i) {
      const Vec3 p = at(to, i);
      const Vec3 moved = origin + p.x * e1 + p.y * e2 + p.z * e3;
      to[3 * i] = moved.x;
      to[3 * i + 1] = moved.y;
      to[3 * i + 2] = moved.z;
    }
  }
}

double torsion_angle(Span<const double> x, std::size_t i, std::size_t j, std::size_t k,
                     std::size_t l) {
  return torsion(at(x, i), at(x, j), at(x, k), at(x, l));
}

double bond_angle(Span<const double> x, std::size_t i, std::size_t j, std::size_t k) {
  return angle(at(x, i), at(x, j), at(x, k));
}

}  // namespace saltus::engine
