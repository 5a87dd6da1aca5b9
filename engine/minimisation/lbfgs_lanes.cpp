#include "engine/minimisation/lbfgs_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/minimisation/lbfgs_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

using Doubles = hn::CappedTag<double, kLaneWidth>;
using Double = hn::Vec<Doubles>;

/// Each addition of a sum depends on the one before: so many partial sums are made at once. The
/// same number for vectors of any width, so that the order of additions is the same.
constexpr std::size_t kSums = 4;

HWY_INLINE Double total(const Double* sums) {
  return hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
}

/// v += factor a; `sum` += v b.
HWY_INLINE void add_and_sum(Double factor, const double* a, const double* b, double* v,
                            Double& sum) {
  const Doubles d;
  const Double value = hn::MulAdd(factor, hn::Load(d, a), hn::Load(d, v));
  hn::Store(value, d, v);
  sum = hn::MulAdd(value, hn::Load(d, b), sum);
}

/// v += factor a; returns the dot product of the new v and b.
HWY_INLINE Double add_and_dot(Double factor, const double* a, const double* b, std::size_t n_values,
                              double* v) {
  const Doubles d;
  Double sums[kSums] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  std::size_t at = 0, end = n_values * kLaneWidth;
  for (; at + kSums * kLaneWidth <= end; at += kSums * kLaneWidth)
    for (std::size_t k = 0; k < kSums; ++k) {
      const std::size_t i = at + k * kLaneWidth;
      add_and_sum(factor, a + i, b + i, v + i, sums[k]);
    }
  for (; at < end; at += kLaneWidth) add_and_sum(factor, a + at, b + at, v + at, sums[0]);
  return total(sums);
}

HWY_INLINE Double dot(const double* a, const double* b, std::size_t n_values) {
  const Doubles d;
  Double sums[kSums] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (std::size_t i = 0; i < n_values; ++i)
    sums[i % kSums] = hn::MulAdd(hn::Load(d, a + i * kLaneWidth), hn::Load(d, b + i * kLaneWidth),
                                 sums[i % kSums]);
  return total(sums);
}

/// v = factor v
HWY_INLINE void scale(Double factor, std::size_t n_values, double* v) {
  const Doubles d;
  for (std::size_t at = 0; at < n_values * kLaneWidth; at += kLaneWidth)
    hn::Store(hn::Mul(factor, hn::Load(d, v + at)), d, v + at);
}

void take_pair_all(LbfgsBlock& b) {
  const Doubles d;
  const double *x = b.x.data(), *forces = b.forces.data();
  const double *trial = b.trial.data(), *trial_forces = b.trial_forces.data();
  double *step = b.step(b.newest), *drop = b.force_drop(b.newest);
  for (std::size_t lane = 0; lane < b.n_lanes; lane += hn::Lanes(d)) {
    Double sy = hn::Zero(d), ss = hn::Zero(d), yy = hn::Zero(d), f2 = hn::Zero(d);
    for (std::size_t at = lane; at < b.n_values * kLaneWidth; at += kLaneWidth) {
      const Double force = hn::Load(d, trial_forces + at);
      const Double s = hn::Sub(hn::Load(d, trial + at), hn::Load(d, x + at));
      const Double y = hn::Sub(hn::Load(d, forces + at), force);
      hn::Store(s, d, step + at);
      hn::Store(y, d, drop + at);
      sy = hn::MulAdd(s, y, sy);
      ss = hn::MulAdd(s, s, ss);
      yy = hn::MulAdd(y, y, yy);
      f2 = hn::MulAdd(force, force, f2);
    }
    hn::Store(sy, d, b.sy.data() + lane);
    hn::Store(ss, d, b.ss.data() + lane);
    hn::Store(yy, d, b.yy.data() + lane);
    hn::Store(f2, d, b.f2.data() + lane);
  }
}

void take_trial_where(LbfgsBlock& b, const double* which) {
  const Doubles d;
  for (std::size_t lane = 0; lane < b.n_lanes; lane += hn::Lanes(d)) {
    const auto taken = hn::Gt(hn::Load(d, which + lane), hn::Zero(d));
    for (std::size_t at = lane; at < b.n_values * kLaneWidth; at += kLaneWidth) {
      double *x = b.x.data() + at, *force = b.forces.data() + at;
      hn::Store(hn::IfThenElse(taken, hn::Load(d, b.trial.data() + at), hn::Load(d, x)), d, x);
      hn::Store(hn::IfThenElse(taken, hn::Load(d, b.trial_forces.data() + at), hn::Load(d, force)),
                d, force);
    }
  }
}

/// Slope and reach of what `direction` holds.
HWY_INLINE void measure_direction(LbfgsBlock& b, std::size_t lane) {
  const Doubles d;
  Double slope = hn::Zero(d), reach = hn::Zero(d);
  for (std::size_t at = lane; at < b.n_values * kLaneWidth; at += kLaneWidth) {
    const Double value = hn::Load(d, b.direction.data() + at);
    slope = hn::MulAdd(value, hn::Load(d, b.forces.data() + at), slope);
    reach = hn::Max(reach, hn::Abs(value));
  }
  hn::Store(slope, d, b.slope.data() + lane);
  hn::Store(reach, d, b.reach.data() + lane);
}

/// Pair number `age` counted from the newest.
HWY_INLINE std::size_t pair_of_age(const LbfgsBlock& b, std::size_t age) {
  return (b.newest + kLbfgsPairs - age) % kLbfgsPairs;
}

/// Each pass over the direction does the addition of one pair and the product of the next.
HWY_INLINE void find_direction_of(LbfgsBlock& b, std::size_t lane) {
  const Doubles d;
  const std::size_t n = b.n_values;
  double* direction = b.direction.data() + lane;
  for (std::size_t i = 0; i < n * kLaneWidth; i += kLaneWidth)
    hn::Store(hn::Load(d, b.forces.data() + lane + i), d, direction + i);
  Double alphas[kLbfgsPairs];
  Double product = dot(b.step(b.newest) + lane, direction, n);
  for (std::size_t age = 0; age < kLbfgsPairs; ++age) {
    const std::size_t pair = pair_of_age(b, age);
    alphas[age] = hn::Mul(hn::Load(d, b.weights.data() + pair * kLaneWidth + lane), product);
    // After the oldest pair comes H0, and then its own force drop.
    const double* next =
        age + 1 < kLbfgsPairs ? b.step(pair_of_age(b, age + 1)) : b.force_drop(pair);
    product =
        add_and_dot(hn::Neg(alphas[age]), b.force_drop(pair) + lane, next + lane, n, direction);
  }
  const Double compliance = hn::Load(d, b.compliance.data() + lane);
  scale(compliance, n, direction);
  product = hn::Mul(compliance, product);
  for (std::size_t age = kLbfgsPairs; age-- > 0;) {
    const std::size_t pair = pair_of_age(b, age);
    const Double weight = hn::Load(d, b.weights.data() + pair * kLaneWidth + lane);
    const Double factor = hn::NegMulAdd(weight, product, alphas[age]);
    const double* next = age > 0 ? b.force_drop(pair_of_age(b, age - 1)) : b.step(pair);
    product = add_and_dot(factor, b.step(pair) + lane, next + lane, n, direction);
  }
  measure_direction(b, lane);
}

void find_direction_all(LbfgsBlock& b) {
  for (std::size_t lane = 0; lane < b.n_lanes; lane += hn::Lanes(Doubles()))
    find_direction_of(b, lane);
}

void set_trial_all(LbfgsBlock& b, const double* factors) {
  const Doubles d;
  for (std::size_t lane = 0; lane < b.n_lanes; lane += hn::Lanes(d)) {
    const Double factor = hn::Load(d, factors + lane);
    const auto moves = hn::Gt(factor, hn::Zero(d));
    for (std::size_t at = lane; at < b.n_values * kLaneWidth; at += kLaneWidth) {
      const Double x = hn::Load(d, b.x.data() + at);
      const Double moved = hn::MulAdd(factor, hn::Load(d, b.direction.data() + at), x);
      hn::Store(hn::IfThenElse(moves, moved, x), d, b.trial.data() + at);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(take_pair_all);
HWY_EXPORT(take_trial_where);
HWY_EXPORT(find_direction_all);
HWY_EXPORT(set_trial_all);

LbfgsBlock::LbfgsBlock(std::size_t n) : n_values(n) {
  for (AlignedVector<double>* point : {&x, &forces, &trial, &trial_forces, &direction})
    point->resize(n * kLaneWidth);
  steps.resize(kLbfgsPairs * n * kLaneWidth);
  force_drops.resize(kLbfgsPairs * n * kLaneWidth);
  weights.resize(kLbfgsPairs * kLaneWidth);
  for (AlignedVector<double>* number : {&compliance, &sy, &ss, &yy, &f2, &slope, &reach})
    number->resize(kLaneWidth);
}

void take_pair(LbfgsBlock& block) {
  block.newest = (block.newest + 1) % kLbfgsPairs;
  HWY_DYNAMIC_DISPATCH(take_pair_all)(block);
}

void take_trial(LbfgsBlock& block, const double* which) {
  HWY_DYNAMIC_DISPATCH(take_trial_where)(block, which);
}

void find_direction(LbfgsBlock& block) { HWY_DYNAMIC_DISPATCH(find_direction_all)(block); }

void set_trial(LbfgsBlock& block, const double* factors) {
  HWY_DYNAMIC_DISPATCH(set_trial_all)(block, factors);
}

}  // namespace saltus::engine
#endif
