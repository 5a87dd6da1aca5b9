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

template <class T>
HWY_INLINE void kick_vectors(const T* forces, const double* factors, std::size_t n_atoms,
                             std::size_t n_lanes, double* v) {
  const Doubles d;
  for (std::size_t atom = 0; atom < n_atoms; ++atom) {
    const auto factor = hn::Set(d, factors[atom]);
    for (std::size_t i = 3 * atom; i < 3 * atom + 3; ++i)
      for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
        const std::size_t at = i * kLaneWidth + lane;
        hn::Store(hn::MulAdd(factor, load_exact(d, forces + at), hn::Load(d, v + at)), d, v + at);
      }
  }
}

void kick_float(const float* forces, const double* factors, std::size_t n_atoms,
                std::size_t n_lanes, double* v) {
  kick_vectors(forces, factors, n_atoms, n_lanes, v);
}

void kick_double(const double* forces, const double* factors, std::size_t n_atoms,
                 std::size_t n_lanes, double* v) {
  kick_vectors(forces, factors, n_atoms, n_lanes, v);
}

void drift_all(const double* v, double dt, std::size_t n_atoms, std::size_t n_lanes, double* x) {
  const Doubles d;
  const auto step = hn::Set(d, dt);
  for (std::size_t i = 0; i < 3 * n_atoms; ++i)
    for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
      const std::size_t at = i * kLaneWidth + lane;
      hn::Store(hn::MulAdd(step, hn::Load(d, v + at), hn::Load(d, x + at)), d, x + at);
    }
}

void drift_through(const Thermostat& bath, const float* normals, std::size_t n_atoms,
                   std::size_t n_lanes, double* x, double* v) {
  const Doubles d;
  const auto half = hn::Set(d, 0.5 * bath.dt), keep = hn::Set(d, bath.keep);
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
    const auto sqrt_kt = hn::Load(d, bath.sqrt_kt + lane);
    for (std::size_t atom = 0; atom < n_atoms; ++atom) {
      const auto width = hn::Mul(hn::Set(d, bath.widths[atom]), sqrt_kt);
      for (std::size_t i = 3 * atom; i < 3 * atom + 3; ++i) {
        const std::size_t at = i * kLaneWidth + lane;
        const auto before = hn::Load(d, v + at);
        const auto noise = hn::Mul(width, load_exact(d, normals + at));
        const auto after = hn::MulAdd(keep, before, noise);
        const auto middle = hn::MulAdd(half, before, hn::Load(d, x + at));
        hn::Store(hn::MulAdd(half, after, middle), d, x + at);
        hn::Store(after, d, v + at);
      }
    }
  }
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

void kick(const float* forces, const double* factors, std::size_t n_atoms, std::size_t n_lanes,
          double* v) {
  HWY_DYNAMIC_DISPATCH(kick_float)(forces, factors, n_atoms, n_lanes, v);
}

void kick(const double* forces, const double* factors, std::size_t n_atoms, std::size_t n_lanes,
          double* v) {
  HWY_DYNAMIC_DISPATCH(kick_double)(forces, factors, n_atoms, n_lanes, v);
}

void drift(const double* v, double dt, std::size_t n_atoms, std::size_t n_lanes, double* x) {
  HWY_DYNAMIC_DISPATCH(drift_all)(v, dt, n_atoms, n_lanes, x);
}

void drift_through_bath(const Thermostat& bath, const float* normals, std::size_t n_atoms,
                        std::size_t n_lanes, double* x, double* v) {
  HWY_DYNAMIC_DISPATCH(drift_through)(bath, normals, n_atoms, n_lanes, x, v);
}

}  // namespace saltus::engine
#endif
