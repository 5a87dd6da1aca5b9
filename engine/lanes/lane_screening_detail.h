// Screened charges of Ewald sums; see lane_math_detail.h on the toggled guard.
#if defined(SALTUS_ENGINE_LANES_LANE_SCREENING_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LANES_LANE_SCREENING_DETAIL_H
#undef SALTUS_ENGINE_LANES_LANE_SCREENING_DETAIL_H
#else
#define SALTUS_ENGINE_LANES_LANE_SCREENING_DETAIL_H
#endif

#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

template <class V>
struct Screening {
  V complement;  ///< erfc(u)
  V gaussian;    ///< exp(-u^2)
};

/// Powers of x, even and odd ones side by side.
template <std::size_t kSize, class D, class V = hn::Vec<D>>
HWY_INLINE V polynomial(D d, const double (&coefficients)[kSize], V x) {
  static_assert(kSize % 2 == 0 && kSize >= 4, "as many even as odd powers");
  const V x2 = hn::Mul(x, x);
  V odd = constant(d, coefficients[kSize - 1]), even = constant(d, coefficients[kSize - 2]);
  for (std::size_t n = kSize - 2; n > 0; n -= 2) {
    odd = hn::MulAdd(odd, x2, constant(d, coefficients[n - 1]));
    even = hn::MulAdd(even, x2, constant(d, coefficients[n - 2]));
  }
  return hn::MulAdd(odd, x, even);
}

/// For u >= 0; relative error of erfc(u) 6e-7 (float, u < 3), 2e-14 (double, u < 6). Chebyshev
/// series of exp(u^2) erfc(u) / t in x = 2 t - 1 with t = 1 / (1 + 0.3 u), as powers of x.
template <class D, class V = hn::Vec<D>>
HWY_INLINE Screening<V> screening(D d, V u) {
  constexpr double kSingle[] = {3.24979976996105924e-01,  2.76523692208250571e-01,
                                1.98778304405722667e-01,  1.18715919342093523e-01,
                                5.69840305284241080e-02,  2.04172780284160894e-02,
                                4.29244217724173132e-03,  -2.19517161522707555e-04,
                                -4.06370213435277888e-04, -6.58213674746094089e-05};
  constexpr double kDouble[] = {
      3.24979921859797627e-01,  2.76523556756084088e-01,  1.98781078044174497e-01,
      1.18718674707541688e-01,  5.69616380484027560e-02,  2.04014469605490398e-02,
      4.35610001003884379e-03,  -1.81737849244717231e-04, -4.81347658068849275e-04,
      -1.06999196818854532e-04, 3.27302720182024779e-05,  1.90949303305059485e-05,
      -1.74487219703881768e-06, -2.84757385165580782e-06, 6.38311466588132774e-08,
      4.28363380810674572e-07,  -2.45145785510604310e-09, -6.00644619463153655e-08,
      4.48309233774429848e-10,  5.43432840516560447e-09};
  const V one = constant(d, 1.0);
  const V t = reciprocal(d, hn::MulAdd(constant(d, 0.3), u, one));
  const V x = hn::Sub(hn::Add(t, t), one);
  V scaled_complement;
  if constexpr (sizeof(hn::TFromD<D>) == 8)
    scaled_complement = polynomial(d, kDouble, x);
  else
    scaled_complement = polynomial(d, kSingle, x);
  const V gaussian = exp_negative(d, hn::Neg(hn::Mul(u, u)));
  return {hn::Mul(hn::Mul(scaled_complement, t), gaussian), gaussian};
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
