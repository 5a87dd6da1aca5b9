#include "engine/dynamics/noise_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/dynamics/noise_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

using Words = hn::CappedTag<std::uint32_t, kLaneWidth>;
using Word = hn::Vec<Words>;

/// One 128-bit block of every lane of a vector.
struct FourWords {
  Word w0, w1, w2, w3;
};

/// Lane l has block `block` of chain `chain` + l, or block `block` + l of chain `chain`.
enum class InLanes { kChains, kBlocks };
struct Place {
  InLanes in_lanes;
  std::uint32_t block, chain;
};

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE FourWords philox(Words d, const StreamStart& start, const Place& place) {
  auto counter = start.counter;
  counter[0] = place.block;
  counter[2] = place.chain;
  const auto words = philox4x32(counter, start.key);
  return {hn::Set(d, words[0]), hn::Set(d, words[1]), hn::Set(d, words[2]), hn::Set(d, words[3])};
}

#else

using Products = hn::Repartition<std::uint64_t, Words>;
using Product = hn::Vec<Products>;

/// Half of the lanes, each word in the lower half of 64 bits; what is above means nothing.
struct Half {
  Product c0, c1, c2, c3;
};

HWY_INLINE Product times(Product multiplier, Product word) {
  const Words d;
  return hn::MulEven(hn::BitCast(d, multiplier), hn::BitCast(d, word));
}

/// One round of Philox. The low half of a product needs no shift, the high one does.
HWY_INLINE Half round_of(const Half& c, Product multiplier0, Product multiplier1, Product key0,
                         Product key1) {
  const Product p0 = times(multiplier0, c.c0), p1 = times(multiplier1, c.c2);
  return {hn::Xor3(hn::ShiftRight<32>(p1), c.c1, key0), p1,
          hn::Xor3(hn::ShiftRight<32>(p0), c.c3, key1), p0};
}

HWY_INLINE FourWords philox(Words d, const StreamStart& start, const Place& place) {
  const Products d64;
  const Product multiplier0 = hn::Set(d64, 0xD2511F53u), multiplier1 = hn::Set(d64, 0xCD9E8D57u);
  const Product upper_lanes = hn::Set(d64, hn::Lanes(d64));
  Half low = {hn::Set(d64, place.block), hn::Set(d64, start.counter[1]), hn::Set(d64, place.chain),
              hn::Set(d64, start.counter[3])};
  Product& counted = place.in_lanes == InLanes::kChains ? low.c2 : low.c0;
  counted = hn::Add(counted, hn::Iota(d64, 0));
  Half high = low;
  (place.in_lanes == InLanes::kChains ? high.c2 : high.c0) = hn::Add(counted, upper_lanes);
  std::uint32_t key0 = start.key[0], key1 = start.key[1];
  for (int round = 0; round < 10; ++round) {
    const Product k0 = hn::Set(d64, key0), k1 = hn::Set(d64, key1);
    low = round_of(low, multiplier0, multiplier1, k0, k1);
    high = round_of(high, multiplier0, multiplier1, k0, k1);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {hn::ConcatEven(d, hn::BitCast(d, high.c0), hn::BitCast(d, low.c0)),
          hn::ConcatEven(d, hn::BitCast(d, high.c1), hn::BitCast(d, low.c1)),
          hn::ConcatEven(d, hn::BitCast(d, high.c2), hn::BitCast(d, low.c2)),
          hn::ConcatEven(d, hn::BitCast(d, high.c3), hn::BitCast(d, low.c3))};
}

#endif

using Floats = hn::RebindToFloat<Words>;
using Integers = hn::RebindToSigned<Words>;

/// (w + 1) / 2^32, rounded once: the upper 24 bits of w are a float, the lower 8 are added.
HWY_INLINE hn::Vec<Floats> uniform(Floats df, Word w) {
  const Integers di;
  const auto upper = hn::ConvertTo(df, hn::BitCast(di, hn::ShiftRight<8>(w)));
  const auto lower = hn::ConvertTo(df, hn::BitCast(di, hn::And(w, hn::Set(Words(), 255u))));
  const auto rest = hn::Mul(hn::Add(lower, constant(df, 1.0)), constant(df, 0x1p-32));
  return hn::MulAdd(upper, constant(df, 0x1p-24), rest);
}

/// cos and sin of 2 pi w / 2^32. Polynomials of Cephes' sinf and cosf on the nearest quarter turn.
HWY_INLINE void turn(Floats df, Word w, hn::Vec<Floats>& cosine, hn::Vec<Floats>& sine) {
  const Words d;
  const Integers di;
  const Word shifted = hn::Add(w, hn::Set(d, 0x20000000u));
  const auto rest =
      hn::Sub(hn::BitCast(di, hn::And(shifted, hn::Set(d, 0x3FFFFFFFu))), hn::Set(di, 0x20000000));
  const auto a = hn::Mul(hn::ConvertTo(df, rest), constant(df, 1.57079632679489662 * 0x1p-30));
  const auto z = hn::Mul(a, a);
  auto s = hn::MulAdd(constant(df, -1.9515295891e-4), z, constant(df, 8.3321608736e-3));
  s = hn::MulAdd(s, z, constant(df, -1.6666654611e-1));
  s = hn::MulAdd(hn::Mul(s, z), a, a);
  auto c = hn::MulAdd(constant(df, 2.443315711809948e-5), z, constant(df, -1.388731625493765e-3));
  c = hn::MulAdd(c, z, constant(df, 4.166664568298827e-2));
  c = hn::MulAdd(hn::Mul(c, z), z, hn::NegMulAdd(constant(df, 0.5), z, constant(df, 1.0)));
  // Quarter turn q = 0 .. 3: odd ones exchange cosine and sine, q & 2 changes the sign of the sine
  // and (q + 1) & 2 that of the cosine.
  const Word quarter = hn::ShiftRight<30>(shifted);
  const auto odd = hn::RebindMask(df, hn::Eq(hn::And(quarter, hn::Set(d, 1u)), hn::Set(d, 1u)));
  const Word two = hn::Set(d, 2u);
  const Word sine_sign = hn::ShiftLeft<30>(hn::And(quarter, two));
  const Word cosine_sign = hn::ShiftLeft<30>(hn::And(hn::Add(quarter, hn::Set(d, 1u)), two));
  cosine = hn::Xor(hn::IfThenElse(odd, s, c), hn::BitCast(df, cosine_sign));
  sine = hn::Xor(hn::IfThenElse(odd, c, s), hn::BitCast(df, sine_sign));
}

struct Pair {
  hn::Vec<Floats> first, second;
};

HWY_INLINE Pair normals_of(Floats df, Word w, Word angle) {
  // At u = 1 the radius is 1e-15 instead of 0, so that the root can be taken the fast way.
  const auto square =
      hn::Max(hn::Mul(constant(df, -2.0), log_positive(df, uniform(df, w))), constant(df, 1e-30));
  const auto radius = hn::Mul(square, rsqrt(df, square));
  hn::Vec<Floats> cosine, sine;
  turn(df, angle, cosine, sine);
  return {hn::Mul(radius, cosine), hn::Mul(radius, sine)};
}

/// Place of the chain of a lane in block first + n.
HWY_INLINE Place chains_at(const StreamStart& start, std::uint32_t first, std::size_t n,
                           std::size_t lane) {
  return {InLanes::kChains, first + static_cast<std::uint32_t>(n),
          start.counter[2] + static_cast<std::uint32_t>(lane)};
}

void fill_words(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                std::size_t n_lanes, std::uint32_t* words) {
  const Words d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    for (std::size_t n = 0; n < n_blocks; ++n) {
      const FourWords four = philox(d, start, chains_at(start, first, n, lane));
      std::uint32_t* to = words + 4 * n * kLaneWidth + lane;
      hn::Store(four.w0, d, to);
      hn::Store(four.w1, d, to + kLaneWidth);
      hn::Store(four.w2, d, to + 2 * kLaneWidth);
      hn::Store(four.w3, d, to + 3 * kLaneWidth);
    }
}

void fill_normals(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                  std::size_t n_lanes, float* normals) {
  const Words d;
  const Floats df;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    for (std::size_t n = 0; n < n_blocks; ++n) {
      const FourWords four = philox(d, start, chains_at(start, first, n, lane));
      const Pair a = normals_of(df, four.w0, four.w1), b = normals_of(df, four.w2, four.w3);
      float* to = normals + 4 * n * kLaneWidth + lane;
      hn::Store(a.first, df, to);
      hn::Store(a.second, df, to + kLaneWidth);
      hn::Store(b.first, df, to + 2 * kLaneWidth);
      hn::Store(b.second, df, to + 3 * kLaneWidth);
    }
}

void fill_normals_of_one(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                         float* normals) {
  const Words d;
  const Floats df;
  for (std::size_t n = 0; n < n_blocks; n += hn::Lanes(d)) {
    const FourWords four = philox(
        d, start, {InLanes::kBlocks, first + static_cast<std::uint32_t>(n), start.counter[2]});
    const Pair a = normals_of(df, four.w0, four.w1), b = normals_of(df, four.w2, four.w3);
    hn::StoreInterleaved4(a.first, a.second, b.first, b.second, df, normals + 4 * n);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(fill_words);
HWY_EXPORT(fill_normals);
HWY_EXPORT(fill_normals_of_one);

void draw_words(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                std::size_t n_lanes, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(fill_words)(start, first, n_blocks, n_lanes, words);
}

void draw_normals(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                  std::size_t n_lanes, float* normals) {
  HWY_DYNAMIC_DISPATCH(fill_normals)(start, first, n_blocks, n_lanes, normals);
}

void draw_normals_of_one(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                         float* normals) {
  HWY_DYNAMIC_DISPATCH(fill_normals_of_one)(start, first, n_blocks, normals);
}

}  // namespace saltus::engine
#endif
