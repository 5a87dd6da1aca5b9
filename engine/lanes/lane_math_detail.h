// Vectors, elementary functions and the loop over the vectors of a block. Included once for each
// instruction set, hence the toggled guard; only for .cpp files that use hwy/foreach_target.h.
#if defined(SALTUS_ENGINE_LANES_LANE_MATH_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LANES_LANE_MATH_DETAIL_H
#undef SALTUS_ENGINE_LANES_LANE_MATH_DETAIL_H
#else
#define SALTUS_ENGINE_LANES_LANE_MATH_DETAIL_H
#endif

#include <cstddef>
#include <cstdint>

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
#include "engine/lanes/lane_term.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// All values of an atom's axis lie kLaneWidth apart.
constexpr std::size_t kAtomStride = 3 * kLaneWidth;

template <class V>
struct Vector3 {
  V x, y, z;
};

/// Three values, kLaneWidth apart.
template <class D, class V = hn::Vec<D>>
HWY_INLINE Vector3<V> load3(D d, const hn::TFromD<D>* p) {
  return {hn::Load(d, p), hn::Load(d, p + kLaneWidth), hn::Load(d, p + 2 * kLaneWidth)};
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void store3(D d, const Vector3<V>& v, hn::TFromD<D>* p) {
  hn::Store(v.x, d, p);
  hn::Store(v.y, d, p + kLaneWidth);
  hn::Store(v.z, d, p + 2 * kLaneWidth);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE Vector3<V> load_atom(D d, const hn::TFromD<D>* values, std::size_t atom) {
  return load3(d, values + atom * kAtomStride);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void store_atom(D d, const Vector3<V>& v, hn::TFromD<D>* values, std::size_t atom) {
  store3(d, v, values + atom * kAtomStride);
}

template <class V>
HWY_INLINE Vector3<V> operator+(const Vector3<V>& a, const Vector3<V>& b) {
  return {hn::Add(a.x, b.x), hn::Add(a.y, b.y), hn::Add(a.z, b.z)};
}
template <class V>
HWY_INLINE Vector3<V> operator-(const Vector3<V>& a, const Vector3<V>& b) {
  return {hn::Sub(a.x, b.x), hn::Sub(a.y, b.y), hn::Sub(a.z, b.z)};
}
template <class V>
HWY_INLINE Vector3<V> scaled(V factor, const Vector3<V>& a) {
  return {hn::Mul(factor, a.x), hn::Mul(factor, a.y), hn::Mul(factor, a.z)};
}
/// factor a + b
template <class V>
HWY_INLINE Vector3<V> mul_add(V factor, const Vector3<V>& a, const Vector3<V>& b) {
  return {hn::MulAdd(factor, a.x, b.x), hn::MulAdd(factor, a.y, b.y), hn::MulAdd(factor, a.z, b.z)};
}
/// b - factor a
template <class V>
HWY_INLINE Vector3<V> neg_mul_add(V factor, const Vector3<V>& a, const Vector3<V>& b) {
  return {hn::NegMulAdd(factor, a.x, b.x), hn::NegMulAdd(factor, a.y, b.y),
          hn::NegMulAdd(factor, a.z, b.z)};
}
template <class V>
HWY_INLINE V dot(const Vector3<V>& a, const Vector3<V>& b) {
  return hn::MulAdd(a.x, b.x, hn::MulAdd(a.y, b.y, hn::Mul(a.z, b.z)));
}
template <class V>
HWY_INLINE Vector3<V> cross(const Vector3<V>& a, const Vector3<V>& b) {
  return {hn::MulSub(a.y, b.z, hn::Mul(a.z, b.y)), hn::MulSub(a.z, b.x, hn::Mul(a.x, b.z)),
          hn::MulSub(a.x, b.y, hn::Mul(a.y, b.x))};
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void add_to_atom(D d, const Vector3<V>& v, hn::TFromD<D>* values, std::size_t atom) {
  store_atom(d, load_atom(d, values, atom) + v, values, atom);
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE void subtract_from_atom(D d, const Vector3<V>& v, hn::TFromD<D>* values,
                                   std::size_t atom) {
  store_atom(d, load_atom(d, values, atom) - v, values, atom);
}

// Rough reciprocals (14 bits on AVX-512, 12 elsewhere). Vectors of any width must give the same
// bits, so AVX-512 machines use its instruction on narrow vectors, too.
#undef SALTUS_ROUGH_DOUBLE
#if HWY_TARGET == HWY_AVX3
#define SALTUS_ROUGH_DOUBLE 1
HWY_INLINE hn::Vec512<float> rough_rsqrt(hn::Vec512<float> v) {
  return hn::Vec512<float>{_mm512_rsqrt14_ps(v.raw)};
}
HWY_INLINE hn::Vec256<float> rough_rsqrt(hn::Vec256<float> v) {
  return hn::Vec256<float>{_mm256_rsqrt14_ps(v.raw)};
}
HWY_INLINE hn::Vec512<double> rough_rsqrt(hn::Vec512<double> v) {
  return hn::Vec512<double>{_mm512_rsqrt14_pd(v.raw)};
}
HWY_INLINE hn::Vec512<float> rough_reciprocal(hn::Vec512<float> v) {
  return hn::Vec512<float>{_mm512_rcp14_ps(v.raw)};
}
HWY_INLINE hn::Vec256<float> rough_reciprocal(hn::Vec256<float> v) {
  return hn::Vec256<float>{_mm256_rcp14_ps(v.raw)};
}
HWY_INLINE hn::Vec512<double> rough_reciprocal(hn::Vec512<double> v) {
  return hn::Vec512<double>{_mm512_rcp14_pd(v.raw)};
}
#else
#define SALTUS_ROUGH_DOUBLE 0
template <class V>
HWY_INLINE V rough_rsqrt(V v) {
  return hn::ApproximateReciprocalSqrt(v);
}
template <class V>
HWY_INLINE V rough_reciprocal(V v) {
  return hn::ApproximateReciprocal(v);
}
#endif

// Highway's portable fallback guesses too coarsely for one Newton step.
#undef SALTUS_ROUGH_FLOAT
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
#define SALTUS_ROUGH_FLOAT 0
#else
#define SALTUS_ROUGH_FLOAT 1
#endif

template <class T>
constexpr bool has_rough() {
  constexpr bool kHas[] = {SALTUS_ROUGH_DOUBLE, SALTUS_ROUGH_FLOAT};
  return kHas[sizeof(T) == 4];
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V constant(D d, double value) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(value));
}

/// 1 / sqrt(v), v > 0; NaN or inf at 0. Relative error 2e-7 (float), 4e-16 (double).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V rsqrt(D d, V v) {
  using T = hn::TFromD<D>;
  if constexpr (has_rough<T>()) {
    V y = rough_rsqrt(v);
    const V half = hn::Mul(constant(d, 0.5), v);
    y = hn::Mul(y, hn::NegMulAdd(hn::Mul(half, y), y, constant(d, 1.5)));
    if constexpr (sizeof(T) == 8)
      y = hn::Mul(y, hn::NegMulAdd(hn::Mul(half, y), y, constant(d, 1.5)));
    return y;
  } else {
    return hn::Div(constant(d, 1.0), hn::Sqrt(v));
  }
}

/// 2 / sqrt(v), which saves an operation: its users put powers of 2 into their constants.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V twice_rsqrt(D d, V v) {
  if constexpr (has_rough<hn::TFromD<D>>() && sizeof(hn::TFromD<D>) == 4) {
    const V y = rough_rsqrt(v);
    return hn::Mul(y, hn::NegMulAdd(hn::Mul(v, y), y, constant(d, 3.0)));
  } else {
    const V y = rsqrt(d, v);
    return hn::Add(y, y);
  }
}

/// 1 / v; NaN or inf at 0. Relative error 2e-7 (float), 4e-16 (double).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V reciprocal(D d, V v) {
  using T = hn::TFromD<D>;
  if constexpr (has_rough<T>()) {
    V y = rough_reciprocal(v);
    y = hn::Mul(y, hn::NegMulAdd(v, y, constant(d, 2.0)));
    if constexpr (sizeof(T) == 8) y = hn::Mul(y, hn::NegMulAdd(v, y, constant(d, 2.0)));
    return y;
  } else {
    return hn::Div(constant(d, 1.0), v);
  }
}

/// Natural logarithm of a positive normal number; error 1 ulp. Polynomial of Cephes' logf.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log_positive(D d, V v) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Log(d, v);
  } else {
    const hn::Repartition<std::int32_t, D> di;
    // v = m 2^e with m in [sqrt(1/2), sqrt(2)).
    const auto bits = hn::BitCast(di, v);
    const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3f3504f3)));
    const V e = hn::ConvertTo(d, exponent);
    const V t =
        hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent))), constant(d, 1.0));
    const V z = hn::Mul(t, t);
    // The even and odd halves of the polynomial run side by side.
    V p = hn::MulAdd(constant(d, 7.0376836292e-2), t, constant(d, -1.1514610310e-1));
    p = hn::MulAdd(p, t, constant(d, 1.1676998740e-1));
    V q = hn::MulAdd(constant(d, -1.2420140846e-1), t, constant(d, 1.4249322787e-1));
    q = hn::MulAdd(q, t, constant(d, -1.6668057665e-1));
    V s = hn::MulAdd(constant(d, 2.0000714765e-1), t, constant(d, -2.4999993993e-1));
    s = hn::MulAdd(s, t, constant(d, 3.3333331174e-1));
    const V t3 = hn::Mul(z, t);
    p = hn::MulAdd(hn::MulAdd(p, t3, q), t3, s);
    p = hn::Mul(p, t3);
    p = hn::MulAdd(e, constant(d, -2.12194440e-4), p);
    p = hn::NegMulAdd(constant(d, 0.5), z, p);
    return hn::MulAdd(e, constant(d, 0.693359375), hn::Add(t, p));
  }
}

/// exp(v) for v <= 0; error 1 ulp. In float exp(-86) = 4e-38 stands for all that is smaller. NaN
/// need not stay NaN. Polynomial of Cephes' expf.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_negative(D d, V v) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Exp(d, v);
  } else {
    const hn::RebindToSigned<D> di;
    const V x = hn::Max(v, constant(d, -86.0));
    // Adding 1.5 2^23 rounds to an integer and leaves it in the lowest bits.
    const V magic = constant(d, 12582912.0);
    const V shifted = hn::MulAdd(x, constant(d, 1.44269504088896341), magic);
    const V n = hn::Sub(shifted, magic);
    V r = hn::NegMulAdd(n, constant(d, 0.693359375), x);
    r = hn::NegMulAdd(n, constant(d, -2.12194440e-4), r);
    const V r2 = hn::Mul(r, r);
    V p = hn::MulAdd(constant(d, 1.9875691500e-4), r, constant(d, 1.3981999507e-3));
    const V q = hn::MulAdd(constant(d, 8.3334519073e-3), r, constant(d, 4.1665795894e-2));
    const V s = hn::MulAdd(constant(d, 1.6666665459e-1), r, constant(d, 5.0000001201e-1));
    p = hn::MulAdd(hn::MulAdd(p, r2, q), r2, s);
    p = hn::Add(hn::MulAdd(p, r2, r), constant(d, 1.0));
    // 2^n is added to the exponent.
    const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
    return hn::BitCast(d, hn::Add(hn::BitCast(di, p), exponent));
  }
}

/// tanh(v); absolute error 2e-7 (float), 1e-15 (double). NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V hyperbolic_tangent(D d, V v) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Tanh(d, v);
  } else {
    const V one = constant(d, 1.0);
    const V e = exp_negative(d, hn::Mul(constant(d, -2.0), hn::Abs(v)));
    const V size = hn::Mul(hn::Sub(one, e), reciprocal(d, hn::Add(one, e)));
    return hn::IfThenElse(hn::IsNaN(v), v, hn::CopySignToAbs(size, v));
  }
}

/// Angle of the point (cosine, sine) scaled by any common factor, for sine >= 0: in [0, pi]; error
/// 3e-7 (float), 1e-15 (double) radian; NaN at (0, 0).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V upper_angle(D d, V cosine, V sine) {
  const V magnitude = hn::Abs(cosine);
  const V smaller = hn::Min(sine, magnitude), larger = hn::Max(sine, magnitude);
  const V q = hn::Mul(smaller, reciprocal(d, larger));
  V angle;
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    angle = hn::Atan(d, q);
  } else {
    // Minimax of atan(q)/q on [0, 1] in q^2, error 1e-7.
    const V z = hn::Mul(q, q);
    V p = hn::MulAdd(constant(d, 0.0028662257), z, constant(d, -0.0161657367));
    p = hn::MulAdd(p, z, constant(d, 0.0429096138));
    p = hn::MulAdd(p, z, constant(d, -0.0752896400));
    p = hn::MulAdd(p, z, constant(d, 0.1065626393));
    p = hn::MulAdd(p, z, constant(d, -0.1420889944));
    p = hn::MulAdd(p, z, constant(d, 0.1999355085));
    p = hn::MulAdd(p, z, constant(d, -0.3333314528));
    angle = hn::MulAdd(hn::Mul(p, z), q, q);
  }
  angle = hn::IfThenElse(hn::Gt(sine, magnitude),
                         hn::Sub(constant(d, 1.57079632679489661923), angle), angle);
  return hn::IfThenElse(hn::Lt(cosine, hn::Zero(d)),
                        hn::Sub(constant(d, 3.14159265358979323846), angle), angle);
}

/// Largest |v| that arc_cosine takes.
constexpr double kArcCosineRange = 0.75;

/// arccos(v) for |v| <= kArcCosineRange; error 2e-7 (float), 1e-15 (double) radian.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V arc_cosine(D d, V v) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Acos(d, v);
  } else {
    // asin(v) = v + v z p(z), z = v^2: p by a minimax fit, error 3e-8.
    const V z = hn::Mul(v, v), z2 = hn::Mul(z, z);
    const V top = hn::MulAdd(constant(d, 0.180158896), z, constant(d, -0.218543082));
    const V high = hn::MulAdd(constant(d, 0.167932417), z, constant(d, -0.0164032303));
    const V middle = hn::MulAdd(constant(d, 0.0526141533), z, constant(d, 0.0743413288));
    const V p =
        hn::MulAdd(hn::MulAdd(hn::MulAdd(top, z2, high), z2, middle), z, constant(d, 0.166686301));
    const V arc_sine = hn::MulAdd(hn::Mul(v, z), p, v);
    return hn::Sub(constant(d, 1.57079632679489661923), arc_sine);
  }
}

/// energies[lane ..] += v, in double.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void add_energy(D d, V v, double* energies, std::size_t lane) {
  double* e = energies + lane;
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    hn::Store(hn::Add(hn::Load(d, e), v), d, e);
  } else {
#if HWY_TARGET == HWY_SCALAR
    *e += static_cast<double>(hn::GetLane(v));
#else
    const hn::Half<D> dh;
    const hn::Rebind<double, hn::Half<D>> dd;
    hn::Store(hn::Add(hn::Load(dd, e), hn::PromoteTo(dd, hn::LowerHalf(dh, v))), dd, e);
    double* upper = e + hn::Lanes(dh);
    hn::Store(hn::Add(hn::Load(dd, upper), hn::PromoteTo(dd, hn::UpperHalf(dh, v))), dd, upper);
#endif
  }
}

/// Runs Kernel::run<with_forces>(d, tables, view, first lane) over the vectors of a block: as many
/// as its chains need, narrow ones when half a vector is enough.
template <class Kernel, bool kWithForces, class D, class Tables>
HWY_INLINE void run_vectors(D d, const Tables& tables, const LaneView<hn::TFromD<D>>& view) {
  for (std::size_t lane = 0; lane < view.n_lanes; lane += hn::Lanes(d))
    Kernel::template run<kWithForces>(d, tables, view, lane);
}

template <class Kernel, class Tables>
HWY_INLINE void run_block(const Tables& tables, const LaneView<float>& view) {
  const hn::CappedTag<float, kLaneWidth> wide;
  const hn::CappedTag<float, kLaneWidth / 2> narrow;
  if (view.n_lanes <= hn::Lanes(narrow))
    run_vectors<Kernel, true>(narrow, tables, view);
  else
    run_vectors<Kernel, true>(wide, tables, view);
}

template <class Kernel, class Tables>
HWY_INLINE void run_block(const Tables& tables, const LaneView<double>& view) {
  const hn::CappedTag<double, kLaneWidth> d;
  if (view.forces != nullptr)
    run_vectors<Kernel, true>(d, tables, view);
  else
    run_vectors<Kernel, false>(d, tables, view);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
