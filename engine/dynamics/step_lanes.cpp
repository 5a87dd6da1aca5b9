#include "engine/dynamics/step_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/dynamics/step_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

using Doubles = hn::CappedTag<double, kLaneWidth>;

HWY_INLINE hn::Vec<Doubles> load_exact(Doubles d, const double* p) { return hn::Load(d, p); }
HWY_INLINE hn::Vec<Doubles> load_exact(Doubles d, const float* p) {
  return hn::PromoteTo(d, hn::Load(hn::Rebind<float, Doubles>(), p));
}

/// Calls use(vector of what belongs to the values, lane, place in the block) for all vectors.
/// @param of_values  [n_values], and zeros in a row
template <class Use>
HWY_INLINE void for_each_vector(const double* of_values, std::size_t n_values, BlockLayout layout,
                                Use use) {
  const Doubles d;
  if (layout.is_row()) {
    for (std::size_t i = 0; i < n_values; i += hn::Lanes(d))
      use(hn::Load(d, of_values + i), std::size_t{0}, i);
    return;
  }
  for (std::size_t i = 0; i < n_values; ++i) {
    const auto same = hn::Set(d, of_values[i]);
    for (std::size_t lane = 0; lane < layout.n_lanes; lane += hn::Lanes(d))
      use(same, lane, i * kLaneWidth + lane);
  }
}

template <class T>
HWY_INLINE void kick_vectors(const T* forces, const double* factors, std::size_t n_values,
                             BlockLayout layout, double* v) {
  for_each_vector(factors, n_values, layout, [=](auto factor, std::size_t, std::size_t at) {
    const Doubles d;
    hn::Store(hn::MulAdd(factor, load_exact(d, forces + at), hn::Load(d, v + at)), d, v + at);
  });
}

void kick_float(const float* forces, const double* factors, std::size_t n_values,
                BlockLayout layout, double* v) {
  kick_vectors(forces, factors, n_values, layout, v);
}

void kick_double(const double* forces, const double* factors, std::size_t n_values,
                 BlockLayout layout, double* v) {
  kick_vectors(forces, factors, n_values, layout, v);
}

void drift_all(const double* v, double dt, std::size_t n_values, BlockLayout layout, double* x) {
  const Doubles d;
  const auto step = hn::Set(d, dt);
  const std::size_t n_rows = layout.is_row() ? 1 : n_values;
  const std::size_t length = layout.is_row() ? n_values : layout.n_lanes;
  for (std::size_t row = 0; row < n_rows; ++row)
    for (std::size_t at = row * kLaneWidth; at < row * kLaneWidth + length; at += hn::Lanes(d))
      hn::Store(hn::MulAdd(step, hn::Load(d, v + at), hn::Load(d, x + at)), d, x + at);
}

void drift_through(const Thermostat& bath, std::size_t n_values, BlockLayout layout, double* x,
                   double* v) {
  for_each_vector(bath.widths, n_values, layout,
                  [=](auto width_of_mass, std::size_t lane, std::size_t at) {
                    const Doubles d;
                    const auto half = hn::Set(d, 0.5 * bath.dt), keep = hn::Set(d, bath.keep);
                    const auto width = hn::Mul(width_of_mass, hn::Load(d, bath.sqrt_kt + lane));
                    const auto before = hn::Load(d, v + at);
                    const auto noise = hn::Mul(width, load_exact(d, bath.normals + at));
                    const auto after = hn::MulAdd(keep, before, noise);
                    const auto middle = hn::MulAdd(half, before, hn::Load(d, x + at));
                    hn::Store(hn::MulAdd(half, after, middle), d, x + at);
                    hn::Store(after, d, v + at);
                  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(kick_float);
HWY_EXPORT(kick_double);
HWY_EXPORT(drift_all);
HWY_EXPORT(drift_through);

void kick(const float* forces, const double* factors, std::size_t n_values, BlockLayout layout,
          double* v) {
  HWY_DYNAMIC_DISPATCH(kick_float)(forces, factors, n_values, layout, v);
}

void kick(const double* forces, const double* factors, std::size_t n_values, BlockLayout layout,
          double* v) {
  HWY_DYNAMIC_DISPATCH(kick_double)(forces, factors, n_values, layout, v);
}

void drift(const double* v, double dt, std::size_t n_values, BlockLayout layout, double* x) {
  HWY_DYNAMIC_DISPATCH(drift_all)(v, dt, n_values, layout, x);
}

void drift_through_bath(const Thermostat& bath, std::size_t n_values, BlockLayout layout, double* x,
                        double* v) {
  HWY_DYNAMIC_DISPATCH(drift_through)(bath, n_values, layout, x, v);
}

}  // namespace saltus::engine
#endif
