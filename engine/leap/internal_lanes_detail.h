// Internal coordinates of the chains of a vector, and back; see lane_math_detail.h on the toggled
// guard. The scalar reference is engine/system/internal_coordinates.h.
#if defined(SALTUS_ENGINE_LEAP_INTERNAL_LANES_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LEAP_INTERNAL_LANES_DETAIL_H
#undef SALTUS_ENGINE_LEAP_INTERNAL_LANES_DETAIL_H
#else
#define SALTUS_ENGINE_LEAP_INTERNAL_LANES_DETAIL_H
#endif

#include <limits>
#include <vector>

#include "engine/core/units.h"
#include "engine/lanes/lane_math_detail.h"
#include "engine/system/internal_coordinates.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

using LeapDoubles = hn::CappedTag<double, kLaneWidth>;
using LeapVector = hn::Vec<LeapDoubles>;

/// Angles closer than this to 0 or pi leave the torsion about them without meaning.
constexpr double kMinLaneSine = 1e-6;

/// Angle of the point (cosine, sine) scaled by any common factor, in [-pi, pi]; 0 at (0, 0).
HWY_INLINE LeapVector angle_of(LeapDoubles d, LeapVector cosine, LeapVector sine) {
  const LeapVector size = hn::Abs(sine), zero = hn::Zero(d);
  const auto at_zero = hn::And(hn::Eq(size, zero), hn::Eq(cosine, zero));
  const LeapVector angle = hn::IfThenZeroElse(at_zero, upper_angle(d, cosine, size));
  return hn::CopySign(angle, sine);
}

/// Moved into [-pi, pi).
HWY_INLINE LeapVector wrapped_angle(LeapDoubles d, LeapVector angle) {
  const LeapVector turns = hn::Round(hn::Mul(angle, constant(d, 1.0 / kTwoPi)));
  const LeapVector rest = hn::NegMulAdd(turns, constant(d, kTwoPi), angle);
  const LeapVector pi = constant(d, kPi), turn = constant(d, kTwoPi);
  const LeapVector lower = hn::IfThenElse(hn::Ge(rest, pi), hn::Sub(rest, turn), rest);
  // Where rounding led just below -pi.
  return hn::Max(lower, hn::Neg(pi));
}

/// The value, or -inf where `valid` does not hold.
template <class M>
HWY_INLINE LeapVector value_or_minus_infinity(LeapDoubles d, M valid, LeapVector value) {
  return hn::IfThenElse(valid, value, constant(d, -std::numeric_limits<double>::infinity()));
}

HWY_INLINE Vector3<LeapVector> unit_vector(LeapDoubles d, const Vector3<LeapVector>& v) {
  return scaled(hn::Div(constant(d, 1.0), hn::Sqrt(dot(v, v))), v);
}

/// Where bonds, angles and torsions of row n stand among the rows of lanes of q.
struct InternalRows {
  explicit HWY_INLINE InternalRows(const ZMatrix& z) : n_atoms(z.n_atoms()) {}
  HWY_INLINE std::size_t bond(std::size_t n) const { return (n - 1) * kLaneWidth; }
  HWY_INLINE std::size_t angle(std::size_t n) const { return (n_atoms + n - 3) * kLaneWidth; }
  HWY_INLINE std::size_t torsion(std::size_t n) const { return (2 * n_atoms + n - 6) * kLaneWidth; }
  std::size_t n_atoms;
};

/// Whether volumes b^2 sin(theta) were all positive numbers, and the sum of their logarithms.
class LogVolume {
 public:
  explicit HWY_INLINE LogVolume(LeapDoubles d) : sum_(hn::Zero(d)) {}
  HWY_INLINE void add(LeapDoubles d, LeapVector volume) {
    const LeapVector smallest = constant(d, std::numeric_limits<double>::min());
    const LeapVector largest = constant(d, std::numeric_limits<double>::max());
    const auto valid = hn::And(hn::Ge(volume, smallest), hn::Le(volume, largest));
    // What is not valid adds -inf, which no later number takes away.
    const LeapVector log = hn::Log(d, hn::IfThenElse(valid, volume, constant(d, 1.0)));
    sum_ = hn::Add(sum_, value_or_minus_infinity(d, valid, log));
  }
  HWY_INLINE LeapVector sum() const { return sum_; }

 private:
  LeapVector sum_;
};

/// Torsion p-b-a-t in [-pi, pi) from v = p - b, w = a - b and t - a.
HWY_INLINE LeapVector measured_torsion(LeapDoubles d, const Vector3<LeapVector>& v,
                                       const Vector3<LeapVector>& w,
                                       const Vector3<LeapVector>& to_last) {
  const auto b1 = scaled(constant(d, -1.0), v);
  const auto n1 = cross(b1, w), n2 = cross(w, to_last);
  const LeapVector sine = hn::Mul(hn::Sqrt(dot(w, w)), dot(b1, n2));
  const LeapVector angle = angle_of(d, dot(n1, n2), sine), pi = constant(d, kPi);
  return hn::IfThenElse(hn::Ge(angle, pi), hn::Neg(pi), angle);
}

/// x [N][3][lane] to q [3N-6][lane], both from the vector's first lane on; the log-Jacobian as
/// cartesian_to_internal has it.
HWY_INLINE LeapVector measure_internal(LeapDoubles d, const ZMatrix& z, const double* x,
                                       double* q) {
  const InternalRows rows(z);
  LogVolume log_volume(d);
  for (std::size_t n = 1; n < z.rows.size(); ++n) {
    const ZMatrixRow& row = z.rows[n];
    const auto centre = load_atom(d, x, row.bond_to);
    const auto v = load_atom(d, x, row.atom) - centre;
    const LeapVector length2 = dot(v, v), length = hn::Sqrt(length2);
    hn::Store(length, d, q + rows.bond(n));
    if (n == 1) {
      log_volume.add(d, length2);
      continue;
    }
    const auto end = load_atom(d, x, row.angle_to), w = end - centre, normal = cross(v, w);
    const LeapVector area = hn::Sqrt(dot(normal, normal));
    hn::Store(angle_of(d, dot(v, w), area), d, q + rows.angle(n));
    const LeapVector sine = hn::Div(area, hn::Mul(length, hn::Sqrt(dot(w, w))));
    const auto bent = hn::Gt(sine, constant(d, kMinLaneSine));
    log_volume.add(d, hn::IfThenElseZero(bent, hn::Mul(length2, sine)));
    if (n == 2) continue;
    const auto to_last = load_atom(d, x, row.torsion_to) - end;
    hn::Store(measured_torsion(d, v, w, to_last), d, q + rows.torsion(n));
  }
  return log_volume.sum();
}

/// Place of the first atom, direction of the first bond (e3) and of the third placed atom from it
/// (e1).
struct FirstAtomsFrame {
  HWY_INLINE FirstAtomsFrame(LeapDoubles d, const ZMatrix& z, const double* x)
      : origin(load_atom(d, x, z.rows[0].atom)) {
    e3 = unit_vector(d, load_atom(d, x, z.rows[1].atom) - origin);
    const auto second = load_atom(d, x, z.rows[2].atom) - origin;
    e1 = unit_vector(d, neg_mul_add(dot(second, e3), e3, second));
  }
  Vector3<LeapVector> origin, e1, e3;
};

/// Largest difference, nm or rad, that leaves a kept coordinate the same.
constexpr double kKeptTolerance = 1e-6;

HWY_INLINE auto are_near(LeapDoubles d, const Vector3<LeapVector>& a,
                         const Vector3<LeapVector>& b) {
  const auto change = a - b;
  const LeapVector tolerance2 = constant(d, kKeptTolerance * kKeptTolerance);
  return hn::Le(dot(change, change), tolerance2);
}

/// Whether atoms that z does not place, and the frame of those that it does, are the same in x and
/// y: beside other atoms rigid motions count.
/// @param others  atoms that z does not place
HWY_INLINE auto same_surroundings(LeapDoubles d, const ZMatrix& z,
                                  const std::vector<std::size_t>& others, const double* x,
                                  const double* y) {
  const FirstAtomsFrame before(d, z, x), after(d, z, y);
  auto same = hn::And(are_near(d, before.origin, after.origin),
                      hn::And(are_near(d, before.e1, after.e1), are_near(d, before.e3, after.e3)));
  for (const std::size_t atom : others)
    same = hn::And(same, are_near(d, load_atom(d, x, atom), load_atom(d, y, atom)));
  return same;
}

/// q [3N-6][lane] to y [N][3][lane], in the frame of the first three placed atoms of x; atoms of y
/// that z does not place are left. The log-Jacobian as internal_to_cartesian has it, -inf where y
/// means nothing.
HWY_INLINE LeapVector place_atoms(LeapDoubles d, const ZMatrix& z, const double* q, const double* x,
                                  double* y) {
  const InternalRows rows(z);
  const FirstAtomsFrame frame(d, z, x);
  const LeapVector zero = hn::Zero(d), pi = constant(d, kPi);
  LogVolume log_volume(d);
  store_atom(d, {zero, zero, zero}, y, z.rows[0].atom);
  for (std::size_t n = 1; n < z.rows.size(); ++n) {
    const ZMatrixRow& row = z.rows[n];
    const LeapVector length = hn::Load(d, q + rows.bond(n)), length2 = hn::Mul(length, length);
    const auto positive = hn::Gt(length, zero);
    if (n == 1) {
      store_atom(d, scaled(length, frame.e3), y, row.atom);
      log_volume.add(d, hn::IfThenElseZero(positive, length2));
      continue;
    }
    const LeapVector theta = hn::Load(d, q + rows.angle(n)), sine = hn::Sin(d, theta);
    const LeapVector phi = hn::Load(d, q + (n > 2 ? rows.torsion(n) : rows.angle(n)));
    const auto finite = hn::Le(hn::Abs(phi), constant(d, std::numeric_limits<double>::max()));
    const auto in_range = hn::And(finite, hn::And(hn::Gt(theta, zero), hn::Lt(theta, pi)));
    const auto bent = hn::And(in_range, hn::Gt(sine, constant(d, kMinLaneSine)));
    log_volume.add(d, hn::IfThenElseZero(hn::And(positive, bent), hn::Mul(length2, sine)));
    const LeapVector along = hn::Neg(hn::Mul(length, hn::Cos(d, theta)));
    const LeapVector across = hn::Mul(length, sine);
    const auto centre = load_atom(d, y, row.bond_to), end = load_atom(d, y, row.angle_to);
    const auto towards = unit_vector(d, centre - end);
    const auto foot = mul_add(along, towards, centre);
    if (n == 2) {
      store_atom(d, mul_add(across, frame.e1, foot), y, row.atom);
      continue;
    }
    const auto normal = unit_vector(d, cross(end - load_atom(d, y, row.torsion_to), towards));
    const auto in_plane = cross(normal, towards);
    const auto out = mul_add(hn::Mul(across, hn::Cos(d, phi)), in_plane, foot);
    store_atom(d, mul_add(hn::Mul(across, hn::Sin(d, phi)), normal, out), y, row.atom);
  }
  for (const ZMatrixRow& row : z.rows)
    store_atom(d, load_atom(d, y, row.atom) + frame.origin, y, row.atom);
  return log_volume.sum();
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
