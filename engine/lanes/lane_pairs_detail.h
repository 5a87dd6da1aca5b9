// Two vectors worked on side by side; see lane_math_detail.h on the toggled guard.
#if defined(SALTUS_ENGINE_LANES_LANE_PAIRS_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LANES_LANE_PAIRS_DETAIL_H
#undef SALTUS_ENGINE_LANES_LANE_PAIRS_DETAIL_H
#else
#define SALTUS_ENGINE_LANES_LANE_PAIRS_DETAIL_H
#endif

#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

/// Two independent values. Long chains of dependent operations leave a processor idle; two of them,
/// one operation of each in turn, keep it busy.
template <class V>
struct Two {
  V a, b;
};

template <class V>
HWY_INLINE Two<V> both(V v) {
  return {v, v};
}
template <class V>
HWY_INLINE Two<V> add(Two<V> x, Two<V> y) {
  return {hn::Add(x.a, y.a), hn::Add(x.b, y.b)};
}
template <class V>
HWY_INLINE Two<V> sub(Two<V> x, Two<V> y) {
  return {hn::Sub(x.a, y.a), hn::Sub(x.b, y.b)};
}
template <class V>
HWY_INLINE Two<V> mul(Two<V> x, Two<V> y) {
  return {hn::Mul(x.a, y.a), hn::Mul(x.b, y.b)};
}
/// x y + z
template <class V>
HWY_INLINE Two<V> mul_add(Two<V> x, Two<V> y, Two<V> z) {
  return {hn::MulAdd(x.a, y.a, z.a), hn::MulAdd(x.b, y.b, z.b)};
}
/// x y - z
template <class V>
HWY_INLINE Two<V> mul_sub(Two<V> x, Two<V> y, Two<V> z) {
  return {hn::MulSub(x.a, y.a, z.a), hn::MulSub(x.b, y.b, z.b)};
}
/// z - x y
template <class V>
HWY_INLINE Two<V> neg_mul_add(Two<V> x, Two<V> y, Two<V> z) {
  return {hn::NegMulAdd(x.a, y.a, z.a), hn::NegMulAdd(x.b, y.b, z.b)};
}
template <class V>
HWY_INLINE Two<V> max(Two<V> x, Two<V> y) {
  return {hn::Max(x.a, y.a), hn::Max(x.b, y.b)};
}
template <class V>
HWY_INLINE Two<V> abs(Two<V> x) {
  return {hn::Abs(x.a), hn::Abs(x.b)};
}

/// 1 / v of both; see reciprocal.
template <class D, class V = hn::Vec<D>>
HWY_INLINE Two<V> reciprocal(D d, Two<V> v) {
  if constexpr (has_rough<hn::TFromD<D>>()) {
    const Two<V> two = both(constant(d, 2.0));
    Two<V> y = {rough_reciprocal(v.a), rough_reciprocal(v.b)};
    y = mul(y, neg_mul_add(v, y, two));
    if constexpr (sizeof(hn::TFromD<D>) == 8) y = mul(y, neg_mul_add(v, y, two));
    return y;
  } else {
    return {reciprocal(d, v.a), reciprocal(d, v.b)};
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
