#include "engine/dynamics/constraint_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/dynamics/constraint_lanes.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Clusters of a molecule need about five; those that need more than this have no solution.
constexpr int kMostSweeps = 500;

using Doubles = hn::CappedTag<double, kLaneWidth>;
using Double = hn::Vec<Doubles>;
using Which = hn::Mask<Doubles>;
using Entry = ConstraintTable::Entry;

/// Adds factor * direction to an atom of the lanes in question and leaves the others' bits alone.
HWY_INLINE void shift_atom(Doubles d, Which which, Double factor, const Vector3<Double>& direction,
                           double* values, std::size_t atom) {
  const auto old = load_atom(d, values, atom);
  const auto moved = mul_add(factor, direction, old);
  store_atom(
      d,
      Vector3<Double>{hn::IfThenElse(which, moved.x, old.x), hn::IfThenElse(which, moved.y, old.y),
                      hn::IfThenElse(which, moved.z, old.z)},
      values, atom);
}

/// The positions of one vector of lanes.
struct PositionSweep {
  const double* reference;
  double inverse_dt;
  double *x, *v;

  /// Returns the lanes in which the constraint did not hold; adds to `failed` those in which it
  /// cannot be mended.
  HWY_INLINE Which mend(Doubles d, const Entry& e, Which& failed) const {
    const Double length2 = hn::Set(d, e.length * e.length);
    const auto s = load_atom(d, x, e.i) - load_atom(d, x, e.j);
    const Double excess = hn::Sub(dot(s, s), length2);
    const Double allowed = hn::Mul(hn::Set(d, 2.0 * kConstraintTolerance), length2);
    const Which broken = hn::AndNot(failed, hn::Gt(hn::Abs(excess), allowed));
    if (hn::AllFalse(d, broken)) return broken;
    const auto r = load_atom(d, reference, e.i) - load_atom(d, reference, e.j);
    const Double along = dot(s, r);
    failed = hn::Or(failed, hn::And(broken, hn::Le(along, hn::Zero(d))));
    const Double g = hn::Div(excess, hn::Mul(hn::Set(d, 2.0 * (e.w_i + e.w_j)), along));
    shift(d, broken, hn::Mul(hn::Set(d, -e.w_i), g), r, e.i);
    shift(d, broken, hn::Mul(hn::Set(d, e.w_j), g), r, e.j);
    return broken;
  }

 private:
  HWY_INLINE void shift(Doubles d, Which which, Double factor, const Vector3<Double>& direction,
                        std::size_t atom) const {
    shift_atom(d, which, factor, direction, x, atom);
    if (v != nullptr)
      shift_atom(d, which, hn::Mul(factor, hn::Set(d, inverse_dt)), direction, v, atom);
  }
};

/// The velocities of one vector of lanes.
struct VelocitySweep {
  const double* x;
  double* v;

  HWY_INLINE Which mend(Doubles d, const Entry& e, Which& failed) const {
    const auto r = load_atom(d, x, e.i) - load_atom(d, x, e.j);
    const Double along = dot(load_atom(d, v, e.i) - load_atom(d, v, e.j), r);
    const Double allowed = hn::Set(d, kConstraintVelocityTolerance * e.length);
    const Which broken = hn::AndNot(failed, hn::Gt(hn::Abs(along), allowed));
    if (hn::AllFalse(d, broken)) return broken;
    const Double g = hn::Mul(along, hn::Set(d, 1.0 / ((e.w_i + e.w_j) * e.length * e.length)));
    shift_atom(d, broken, hn::Mul(hn::Set(d, -e.w_i), g), r, v, e.i);
    shift_atom(d, broken, hn::Mul(hn::Set(d, e.w_j), g), r, v, e.j);
    return broken;
  }
};

template <class Sweep>
HWY_INLINE void mend_all(Doubles d, const ConstraintTable& table, const Sweep& sweep,
                         double* failed_lanes) {
  Which failed = hn::Gt(hn::Load(d, failed_lanes), hn::Zero(d));
  std::size_t first = 0;
  for (std::size_t end : table.cluster_ends) {
    Which broken = hn::FirstN(d, hn::Lanes(d));
    int n_sweeps = 0;
    while (!hn::AllFalse(d, broken) && n_sweeps < kMostSweeps) {
      broken = hn::FirstN(d, 0);
      for (std::size_t n = first; n < end; ++n)
        broken = hn::Or(broken, sweep.mend(d, table.entries[n], failed));
      ++n_sweeps;
    }
    failed = hn::Or(failed, broken);
    first = end;
  }
  hn::Store(hn::IfThenElseZero(failed, hn::Set(d, 1.0)), d, failed_lanes);
}

void mend_positions(const ConstraintTable& table, const double* reference, double inverse_dt,
                    std::size_t n_lanes, double* x, double* v, double* failed) {
  const Doubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    mend_all(d, table,
             PositionSweep{reference + lane, inverse_dt, x + lane, v == nullptr ? v : v + lane},
             failed + lane);
}

void mend_velocities(const ConstraintTable& table, const double* x, std::size_t n_lanes, double* v,
                     double* failed) {
  const Doubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    mend_all(d, table, VelocitySweep{x + lane, v + lane}, failed + lane);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(mend_positions);
HWY_EXPORT(mend_velocities);

void constrain_positions(const ConstraintTable& table, const double* reference, double inverse_dt,
                         std::size_t n_lanes, double* x, double* v, double* failed) {
  HWY_DYNAMIC_DISPATCH(mend_positions)(table, reference, inverse_dt, n_lanes, x, v, failed);
}

void constrain_velocities(const ConstraintTable& table, const double* x, std::size_t n_lanes,
                          double* v, double* failed) {
  HWY_DYNAMIC_DISPATCH(mend_velocities)(table, x, n_lanes, v, failed);
}

}  // namespace saltus::engine
#endif
