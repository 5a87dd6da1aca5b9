// Dense layers, mixtures of wrapped normals and random numbers of the learned leap; see
// lane_math_detail.h on the toggled guard. README.md has the formulas.
#if defined(SALTUS_ENGINE_LEAP_LEAP_NETWORK_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LEAP_LEAP_NETWORK_DETAIL_H
#undef SALTUS_ENGINE_LEAP_LEAP_NETWORK_DETAIL_H
#else
#define SALTUS_ENGINE_LEAP_LEAP_NETWORK_DETAIL_H
#endif

#include "engine/lanes/lane_pairs_detail.h"
#include "engine/leap/internal_lanes_detail.h"
#include "engine/leap/leap_table.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

/// The rows of a tile for two neighbouring vectors of chains.
HWY_INLINE void two_vectors_of_tile(LeapDoubles d, const double* weights, const double* bias,
                                    Span<const double> in, double* out) {
  static_assert(kTileRows == 4, "four sums are written out");
  const std::size_t next = hn::Lanes(d);
  Two<LeapVector> s0 = both(hn::Set(d, bias[0])), s1 = both(hn::Set(d, bias[1]));
  Two<LeapVector> s2 = both(hn::Set(d, bias[2])), s3 = both(hn::Set(d, bias[3]));
  for (const double* x = in.begin(); x != in.end(); x += kLaneWidth, weights += kTileRows) {
    const Two<LeapVector> value = {hn::Load(d, x), hn::Load(d, x + next)};
    s0 = mul_add(both(hn::Set(d, weights[0])), value, s0);
    s1 = mul_add(both(hn::Set(d, weights[1])), value, s1);
    s2 = mul_add(both(hn::Set(d, weights[2])), value, s2);
    s3 = mul_add(both(hn::Set(d, weights[3])), value, s3);
  }
  hn::Store(s0.a, d, out);
  hn::Store(s0.b, d, out + next);
  hn::Store(s1.a, d, out + kLaneWidth);
  hn::Store(s1.b, d, out + kLaneWidth + next);
  hn::Store(s2.a, d, out + 2 * kLaneWidth);
  hn::Store(s2.b, d, out + 2 * kLaneWidth + next);
  hn::Store(s3.a, d, out + 3 * kLaneWidth);
  hn::Store(s3.b, d, out + 3 * kLaneWidth + next);
}

/// The same for one vector, with the same bits.
HWY_INLINE void one_vector_of_tile(LeapDoubles d, const double* weights, const double* bias,
                                   Span<const double> in, double* out) {
  LeapVector s0 = hn::Set(d, bias[0]), s1 = hn::Set(d, bias[1]);
  LeapVector s2 = hn::Set(d, bias[2]), s3 = hn::Set(d, bias[3]);
  for (const double* x = in.begin(); x != in.end(); x += kLaneWidth, weights += kTileRows) {
    const LeapVector value = hn::Load(d, x);
    s0 = hn::MulAdd(hn::Set(d, weights[0]), value, s0);
    s1 = hn::MulAdd(hn::Set(d, weights[1]), value, s1);
    s2 = hn::MulAdd(hn::Set(d, weights[2]), value, s2);
    s3 = hn::MulAdd(hn::Set(d, weights[3]), value, s3);
  }
  hn::Store(s0, d, out);
  hn::Store(s1, d, out + kLaneWidth);
  hn::Store(s2, d, out + 2 * kLaneWidth);
  hn::Store(s3, d, out + 3 * kLaneWidth);
}

/// out = W in + b. Tiles come first, so that their weights are fetched once for a block.
/// @param in   [n_inputs][lane]
/// @param out  [n_rows()][lane], not in
inline HWY_NOINLINE void apply_layer(const DenseLayer& layer, std::size_t n_lanes, const double* in,
                                     double* out) {
  const LeapDoubles d;
  const std::size_t width = hn::Lanes(d);
  for (std::size_t tile = 0; tile < layer.n_tiles(); ++tile) {
    const double* weights = layer.weights.data() + tile * layer.n_inputs * kTileRows;
    const double* bias = layer.bias.data() + tile * kTileRows;
    const std::size_t size = layer.inputs_of(tile) * kLaneWidth;
    double* rows = out + tile * kTileRows * kLaneWidth;
    std::size_t lane = 0;
    for (; lane + width < n_lanes; lane += 2 * width)
      two_vectors_of_tile(d, weights, bias, {in + lane, size}, rows + lane);
    if (lane < n_lanes) one_vector_of_tile(d, weights, bias, {in + lane, size}, rows + lane);
  }
}

/// 1 / (1 + exp(-v)).
HWY_INLINE LeapVector logistic(LeapDoubles d, LeapVector v) {
  const LeapVector e = hn::Exp(d, hn::Neg(hn::Abs(v))), one = constant(d, 1.0);
  const LeapVector upper = reciprocal(d, hn::Add(one, e));  // of |v|
  return hn::IfThenElse(hn::Lt(v, hn::Zero(d)), hn::Mul(e, upper), upper);
}

/// Replaces each value v of rows [n_rows][lane] by v / (1 + exp(-v)) (SiLU).
inline HWY_NOINLINE void activate(std::size_t n_rows, std::size_t n_lanes, double* rows) {
  const LeapDoubles d;
  for (std::size_t row = 0; row < n_rows; ++row)
    for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
      double* at = rows + row * kLaneWidth + lane;
      const LeapVector v = hn::Load(d, at);
      hn::Store(hn::Mul(v, logistic(d, v)), d, at);
    }
}

/// Mixture of wrapped normals of the chains of a vector, from rows that a network left: logits,
/// means, 1 / widths and widths of K components each. Points to the vector's first lane.
struct MixtureRows {
  HWY_INLINE LeapVector logit(LeapDoubles d, std::size_t k) const { return row(d, k); }
  HWY_INLINE LeapVector mean(LeapDoubles d, std::size_t k) const { return row(d, n + k); }
  HWY_INLINE LeapVector inverse_width(LeapDoubles d, std::size_t k) const {
    return row(d, 2 * n + k);
  }
  HWY_INLINE LeapVector width(LeapDoubles d, std::size_t k) const { return row(d, 3 * n + k); }
  HWY_INLINE LeapVector row(LeapDoubles d, std::size_t i) const {
    return hn::Load(d, rows + i * kLaneWidth);
  }
  HWY_INLINE LeapVector largest_logit(LeapDoubles d) const {
    LeapVector largest = logit(d, 0);
    for (std::size_t k = 1; k < n; ++k) largest = hn::Max(largest, logit(d, k));
    return largest;
  }
  /// Sum of exp(logit - largest).
  HWY_INLINE LeapVector sum_of_weights(LeapDoubles d, LeapVector largest) const {
    LeapVector sum = hn::Zero(d);
    for (std::size_t k = 0; k < n; ++k)
      sum = hn::Add(sum, hn::Exp(d, hn::Sub(logit(d, k), largest)));
    return sum;
  }

  const double* rows;
  std::size_t n;
};

/// Turns the head's rows (logits, cos, sin, widths before the logistic function) into those of
/// MixtureRows.
inline HWY_NOINLINE void finish_mixture(std::size_t n, std::size_t n_lanes, double* rows) {
  const LeapDoubles d;
  const LeapVector range = constant(d, kMaxComponentWidth - kMinComponentWidth);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
      double* cosine = rows + (n + k) * kLaneWidth + lane;
      double* sine = cosine + n * kLaneWidth;
      double* last = sine + n * kLaneWidth;
      const LeapVector mean = angle_of(d, hn::Load(d, cosine), hn::Load(d, sine));
      const LeapVector width =
          hn::MulAdd(range, logistic(d, hn::Load(d, last)), constant(d, kMinComponentWidth));
      hn::Store(mean, d, cosine);
      hn::Store(hn::Div(constant(d, 1.0), width), d, sine);
      hn::Store(width, d, last);
    }
}

/// Sum over all turns m of exp(-(z_m^2 - z_0^2) / 2), z_m = (delta + 2 pi m) / width, of a
/// component at distance delta in [-pi, pi]. With u and w the terms m = 1 and m = -1 the others are
/// products: m = 2, 3 give u^3 w and u^6 w^3. Seven terms, as the reference has them.
HWY_INLINE LeapVector sum_of_turns(LeapDoubles d, LeapVector delta, LeapVector inverse_width) {
  const LeapVector one = constant(d, 1.0), pi = constant(d, kPi);
  const LeapVector factor = hn::Mul(constant(d, -kTwoPi), hn::Mul(inverse_width, inverse_width));
  const LeapVector log_u = hn::Mul(factor, hn::Add(pi, delta));
  const LeapVector log_w = hn::Mul(factor, hn::Sub(pi, delta));
  const auto seen = hn::Gt(hn::Max(log_u, log_w), constant(d, -40.0));
  if (hn::AllFalse(d, seen)) return one;
  const LeapVector u = hn::Exp(d, log_u), w = hn::Exp(d, log_w), uw = hn::Mul(u, w);
  const LeapVector u2 = hn::Mul(u, u), w2 = hn::Mul(w, w);
  const LeapVector cubes = hn::MulAdd(u2, u, hn::Mul(w2, w));
  const LeapVector uw3 = hn::Mul(hn::Mul(uw, uw), uw);
  const LeapVector second = hn::MulAdd(uw, hn::Add(u2, w2), hn::Add(u, w));
  return hn::IfThenElse(seen, hn::Add(one, hn::MulAdd(uw3, cubes, second)), one);
}

/// log density of angles, any branch: log sum_k w_k sum_m N(angle + 2 pi m; mean_k, width_k).
HWY_INLINE LeapVector mixture_log_density(LeapDoubles d, const MixtureRows& mixture,
                                          LeapVector angle) {
  const LeapVector half = constant(d, 0.5);
  LeapVector largest = constant(d, -std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < mixture.n; ++k) {
    const LeapVector delta = wrapped_angle(d, hn::Sub(angle, mixture.mean(d, k)));
    const LeapVector z = hn::Mul(delta, mixture.inverse_width(d, k));
    largest = hn::Max(largest, hn::NegMulAdd(hn::Mul(half, z), z, mixture.logit(d, k)));
  }
  LeapVector sum = hn::Zero(d);
  for (std::size_t k = 0; k < mixture.n; ++k) {
    const LeapVector delta = wrapped_angle(d, hn::Sub(angle, mixture.mean(d, k)));
    const LeapVector inverse_width = mixture.inverse_width(d, k);
    const LeapVector z = hn::Mul(delta, inverse_width);
    const LeapVector exponent = hn::NegMulAdd(hn::Mul(half, z), z, mixture.logit(d, k));
    const LeapVector turns = hn::Mul(inverse_width, sum_of_turns(d, delta, inverse_width));
    sum = hn::MulAdd(hn::Exp(d, hn::Sub(exponent, largest)), turns, sum);
  }
  const LeapVector top = mixture.largest_logit(d);
  const LeapVector weights = mixture.sum_of_weights(d, top);
  const LeapVector logs = hn::Sub(hn::Log(d, sum), hn::Log(d, weights));
  // ln(2 pi) / 2
  return hn::Sub(hn::Add(hn::Sub(largest, top), logs), constant(d, 0.91893853320467274178));
}

/// A draw in [-pi, pi): `uniform` chooses the component, `normal` the place in it.
HWY_INLINE LeapVector mixture_draw(LeapDoubles d, const MixtureRows& mixture, LeapVector uniform,
                                   LeapVector normal) {
  const LeapVector top = mixture.largest_logit(d);
  const std::size_t last = mixture.n - 1;
  LeapVector left = hn::Mul(uniform, mixture.sum_of_weights(d, top));
  LeapVector mean = mixture.mean(d, last), width = mixture.width(d, last);
  auto open = hn::Eq(top, top);  // where no component has been chosen yet
  for (std::size_t k = 0; k < last; ++k) {
    left = hn::Sub(left, hn::Exp(d, hn::Sub(mixture.logit(d, k), top)));
    const auto chosen = hn::And(open, hn::Lt(left, hn::Zero(d)));
    mean = hn::IfThenElse(chosen, mixture.mean(d, k), mean);
    width = hn::IfThenElse(chosen, mixture.width(d, k), width);
    open = hn::AndNot(chosen, open);
  }
  return wrapped_angle(d, hn::MulAdd(width, normal, mean));
}

/// cos and sin of harmonics 1 .. n of angles, by repeated rotation, to rows [2 n][lane].
HWY_INLINE void store_harmonics(LeapDoubles d, LeapVector angle, std::size_t n, double* rows) {
  const LeapVector c = hn::Cos(d, angle), s = hn::Sin(d, angle);
  LeapVector ck = c, sk = s;
  for (std::size_t k = 0; k < n; ++k) {
    hn::Store(ck, d, rows + 2 * k * kLaneWidth);
    hn::Store(sk, d, rows + (2 * k + 1) * kLaneWidth);
    const LeapVector next = hn::MulSub(ck, c, hn::Mul(sk, s));
    sk = hn::MulAdd(sk, c, hn::Mul(ck, s));
    ck = next;
  }
}

/// Two standard normals from two uniform numbers, as RandomStream makes them (Box-Muller).
HWY_INLINE void store_normals(LeapDoubles d, LeapVector u, LeapVector turn, double* rows) {
  const LeapVector square = hn::Mul(constant(d, -2.0), hn::Log(d, u));
  // Rounding must not make the root one of a negative number.
  const LeapVector radius = hn::Sqrt(hn::Max(square, hn::Zero(d)));
  const LeapVector angle = hn::Mul(constant(d, kTwoPi), turn);
  hn::Store(hn::Mul(radius, hn::Cos(d, angle)), d, rows);
  hn::Store(hn::Mul(radius, hn::Sin(d, angle)), d, rows + kLaneWidth);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
