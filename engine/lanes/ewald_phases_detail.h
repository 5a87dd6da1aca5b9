// What ewald_lanes.cpp works on; see lane_math_detail.h on the toggled guard.
#if defined(SALTUS_ENGINE_LANES_EWALD_PHASES_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LANES_EWALD_PHASES_DETAIL_H
#undef SALTUS_ENGINE_LANES_EWALD_PHASES_DETAIL_H
#else
#define SALTUS_ENGINE_LANES_EWALD_PHASES_DETAIL_H
#endif

#include "engine/lanes/ewald_tables_detail.h"
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

template <class V>
struct Complex {
  V re, im;
};

template <class V>
HWY_INLINE Complex<V> product(const Complex<V>& a, const Complex<V>& b) {
  return {hn::MulSub(a.re, b.re, hn::Mul(a.im, b.im)), hn::MulAdd(a.re, b.im, hn::Mul(a.im, b.re))};
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE Complex<V> load_complex(D d, const hn::TFromD<D>* values, std::size_t index) {
  const hn::TFromD<D>* p = values + 2 * index * hn::Lanes(d);
  return {hn::Load(d, p), hn::Load(d, p + hn::Lanes(d))};
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void store_complex(D d, const Complex<V>& v, hn::TFromD<D>* values, std::size_t index) {
  hn::TFromD<D>* p = values + 2 * index * hn::Lanes(d);
  hn::Store(v.re, d, p);
  hn::Store(v.im, d, p + hn::Lanes(d));
}

/// Arrays of whole vectors in the workspace: one vector of lanes uses it at a time.
template <class T>
struct Phases {
  Phases(T* workspace, std::size_t n, std::size_t lanes) : n_charges(n) {
    const std::size_t one = n * lanes;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      step[axis] = workspace + 2 * axis * one;
      power[axis] = workspace + 2 * (3 + axis) * one;
    }
    panel = workspace + 12 * one;
    products = panel + 2 * kWavePanel * one;
    gradients = products + 4 * one;
  }
  std::size_t n_charges;
  T* step[3];    ///< [charge] complex: exp(2 pi i s) of the coordinates s along a, b and c
  T* power[3];   ///< [charge] complex: n_a-th power times the charge; n_b-th; of the next panel
  T* panel;      ///< [kWavePanel][charge] complex: powers of step[2]
  T* products;   ///< [charge][4]: of both parts of power[0] and both parts of power[1]
  T* gradients;  ///< [charge][3]: of the energy by s, without factors that all waves share
};

/// Products of reciprocal vectors, 1/nm^2; of different ones twice.
template <class V>
struct Metric {
  V aa, bb, cc, ab, ac, bc;
};

/// Waves n_a a* +- n_b b* +- n_c c*, n_c = first .. first + n - 1.
struct Row {
  long n_a, n_b, first, n;
};

/// Waves of a row that any lane takes.
template <class T>
struct ActiveWaves {
  std::size_t n = 0;
  std::size_t place[kWavePanel];  // in the panel
  /// [wave][8][lane]; first the factors of |S|^2 for the signs ++, +-, -+, -- (four are free), then
  /// the derivatives of the energy by the eight sums over charges.
  alignas(64) T values[kWavePanel * 8 * kLaneWidth];
};

/// One value for each pair of signs of n_b and n_c; or of x, s, t, s t.
template <class V>
struct Signs {
  V pp, pm, mp, mm;
};

/// x + s y + t z + s t w for all signs s, t of {x, y, z, w}.
template <class V>
HWY_INLINE Signs<V> with_signs(const Signs<V>& v) {
  const V plus = hn::Add(v.pp, v.pm), minus = hn::Sub(v.pp, v.pm);
  const V same = hn::Add(v.mp, v.mm), other = hn::Sub(v.mp, v.mm);
  return {hn::Add(plus, same), hn::Sub(plus, same), hn::Add(minus, other), hn::Sub(minus, other)};
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
