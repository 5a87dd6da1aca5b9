#include "engine/torsions/torsion_lanes.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/torsions/torsion_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/leap/internal_lanes_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// A substituent shorter than this beside the axis has no azimuth.
constexpr double kOnAxis = 1e-9;

/// A complex number.
struct Direction {
  LeapVector real, imaginary;
};

HWY_INLINE Direction operator*(const Direction& a, const Direction& b) {
  return {hn::MulSub(a.real, b.real, hn::Mul(a.imaginary, b.imaginary)),
          hn::MulAdd(a.real, b.imaginary, hn::Mul(a.imaginary, b.real))};
}
HWY_INLINE Direction conjugate(const Direction& a) { return {a.real, hn::Neg(a.imaginary)}; }
HWY_INLINE LeapVector length_of(const Direction& a) {
  return hn::Sqrt(hn::MulAdd(a.real, a.real, hn::Mul(a.imaginary, a.imaginary)));
}

/// The plane through which one looks along an axis; azimuths grow clockwise.
struct AxisView {
  HWY_INLINE AxisView(LeapDoubles d, const Vector3<LeapVector>& axis,
                      const Vector3<LeapVector>& upwards)
      : along(unit_vector(d, axis)) {
    const auto across = neg_mul_add(dot(upwards, along), along, upwards);
    rise = hn::Sqrt(dot(across, across));
    real = scaled(hn::Div(constant(d, 1.0), rise), across);
    imaginary = cross(along, real);
  }
  HWY_INLINE Direction operator()(const Vector3<LeapVector>& v) const {
    return {dot(v, real), dot(v, imaginary)};
  }

  Vector3<LeapVector> along, real, imaginary;
  LeapVector rise;  ///< distance of the point above from the axis
};

/// Where the other atoms of an end say that its reference atom is, and where that means nothing.
class EndDirection {
 public:
  /// @param sense  +1 at the end one looks towards, -1 at the near one
  HWY_INLINE EndDirection(LeapDoubles d, const AxisView& view, double sense)
      : view_(view), sense_(hn::Set(d, sense)) {}

  /// The direction; `size` is the reference atom's distance from the axis.
  HWY_INLINE Direction of(LeapDoubles d, const TorsionEnd& end, const double* x, LeapVector& size) {
    const auto centre = load_atom(d, x, end.atom);
    const auto first = load_atom(d, x, end.reference) - centre;
    reference_ = view_(first);
    size = length_of(reference_);
    sum_ = {hn::Div(reference_.real, size), hn::Div(reference_.imaginary, size)};
    leaning_ = cosine(first);
    turn_ = {constant(d, 1.0), hn::Zero(d)};
    for (std::size_t k = 0; k < end.others.size(); ++k)
      if (end.others[k] != kNowhere)
        add(d, load_atom(d, x, end.others[k]) - centre, k == 1, end.ranked);
    return sum_ * turn_;
  }

 private:
  /// Of the angle of a bond with the continuation of the axis.
  HWY_INLINE LeapVector cosine(const Vector3<LeapVector>& bond) const {
    return hn::Div(hn::Mul(sense_, dot(bond, view_.along)), hn::Sqrt(dot(bond, bond)));
  }

  HWY_INLINE void add(LeapDoubles d, const Vector3<LeapVector>& bond, bool opposite, bool ranked) {
    const LeapVector zero = hn::Zero(d), root = constant(d, 0.86602540378443864676);
    const Direction other = view_(bond);
    const LeapVector size = length_of(other);
    const auto seen = hn::Gt(size, constant(d, kOnAxis));
    // e^(i s a) for the azimuth a where it is expected: opposite, or on the side on which it is.
    Direction turn = {constant(d, -1.0), zero};
    if (!opposite) {
      const LeapVector side = (other * conjugate(reference_)).imaginary;
      const auto clockwise = hn::Gt(hn::Mul(sense_, side), zero);
      const LeapVector sine = hn::IfThenElse(clockwise, root, hn::Neg(root));
      turn = {constant(d, -0.5), hn::Mul(sense_, sine)};
    }
    const Direction told = conjugate(turn) * other;
    sum_.real = hn::Add(sum_.real, hn::IfThenElseZero(seen, hn::Div(told.real, size)));
    sum_.imaginary =
        hn::Add(sum_.imaginary, hn::IfThenElseZero(seen, hn::Div(told.imaginary, size)));
    if (!ranked) return;
    const LeapVector leans = cosine(bond);
    const auto leads = hn::And(seen, hn::Gt(leans, leaning_));
    leaning_ = hn::IfThenElse(leads, leans, leaning_);
    turn_.real = hn::IfThenElse(leads, turn.real, turn_.real);
    turn_.imaginary = hn::IfThenElse(leads, turn.imaginary, turn_.imaginary);
  }

  const AxisView& view_;
  LeapVector sense_, leaning_;
  Direction reference_, sum_, turn_;
};

HWY_INLINE LeapVector measured(LeapDoubles d, const TorsionBond& torsion, const double* x) {
  const TorsionEnd &near = torsion.ends[0], &far = torsion.ends[1];
  const auto from = load_atom(d, x, near.atom);
  const AxisView view(d, load_atom(d, x, far.atom) - from, load_atom(d, x, near.reference) - from);
  LeapVector near_size, far_size;
  const Direction there = EndDirection(d, view, 1.0).of(d, far, x, far_size);
  const Direction here = EndDirection(d, view, -1.0).of(d, near, x, near_size);
  const Direction turn = there * conjugate(here);
  const LeapVector angle = angle_of(d, turn.real, turn.imaginary), pi = constant(d, kPi);
  const LeapVector smallest = constant(d, kOnAxis);
  const auto defined = hn::And(hn::Gt(view.rise, smallest),
                               hn::And(hn::Gt(near_size, smallest), hn::Gt(far_size, smallest)));
  return hn::IfThenElse(defined, hn::IfThenElse(hn::Ge(angle, pi), hn::Neg(pi), angle), hn::NaN(d));
}

/// (r_0 - r) . ((r_1 - r) x (r_2 - r)).
HWY_INLINE LeapVector volume_of(LeapDoubles d, const InvertibleCentre& centre, const double* x) {
  const auto r = load_atom(d, x, centre.atom);
  const auto a = load_atom(d, x, centre.neighbours[0]) - r;
  const auto b = load_atom(d, x, centre.neighbours[1]) - r;
  return dot(a, cross(b, load_atom(d, x, centre.neighbours[2]) - r));
}

}  // namespace

void torsion_vectors(const TorsionGraph& graph, std::size_t n_lanes, const double* x, double* tau) {
  const LeapDoubles d;
  for (std::size_t t = 0; t < graph.torsions.size(); ++t)
    for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
      hn::Store(measured(d, graph.torsions[t], x + lane), d, tau + t * kLaneWidth + lane);
}

void volume_vectors(const InvertibleCentre& centre, std::size_t n_lanes, const double* x,
                    double* volumes) {
  const LeapDoubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    hn::Store(volume_of(d, centre, x + lane), d, volumes + lane);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(torsion_vectors);
HWY_EXPORT(volume_vectors);

void measure_torsions(const TorsionGraph& graph, std::size_t n_lanes, const double* x,
                      double* tau) {
  HWY_DYNAMIC_DISPATCH(torsion_vectors)(graph, n_lanes, x, tau);
}

void measure_inversions(const TorsionGraph& graph, std::size_t n_lanes, const double* x,
                        int* signs) {
  alignas(64) double volumes[kLaneWidth];
  for (std::size_t i = 0; i < graph.inversions.size(); ++i) {
    HWY_DYNAMIC_DISPATCH(volume_vectors)(graph.inversions[i], n_lanes, x, volumes);
    for (std::size_t lane = 0; lane < n_lanes; ++lane)
      signs[i * kLaneWidth + lane] = volumes[lane] < 0.0 ? -1 : 1;
  }
}

}  // namespace saltus::engine
#endif
