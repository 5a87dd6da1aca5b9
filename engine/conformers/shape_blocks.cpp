#include "engine/conformers/shape_blocks.h"

#include <algorithm>

#include "engine/lanes/lane_blocks.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conformers/shape_blocks.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"

#ifndef SALTUS_ENGINE_CONFORMERS_SHAPE_BLOCKS_ARGUMENTS
#define SALTUS_ENGINE_CONFORMERS_SHAPE_BLOCKS_ARGUMENTS
namespace saltus::engine {
namespace {

/// The shape that those of a block are compared with.
struct MappedShape {
  const double* points;      // [n_points, 3]
  double squares;            // sum of the squares of its coordinates
  const std::uint32_t* map;  // point of the others for each of its own
  std::size_t n_points;
};

/// kLaneWidth shapes.
struct ShapeBlock {
  const double* points;   // [3 n_points][lane]
  const double* squares;  // [lane]
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

using Doubles = hn::CappedTag<double, kLaneWidth>;
using Double = hn::Vec<Doubles>;

/// Sums of products of coordinates; rows are those of the shape that all are compared with.
struct Correlation {
  Vector3<Double> x, y, z;
};

HWY_INLINE Double subtract_product(Double a, Double b, Double from) {
  return hn::NegMulAdd(a, b, from);
}

HWY_INLINE Correlation correlate(const MappedShape& a, const double* b) {
  const Doubles d;
  const Vector3<Double> zero{hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  Correlation s{zero, zero, zero};
  for (std::size_t k = 0; k < a.n_points; ++k) {
    const Vector3<Double> q = load_atom(d, b, a.map[k]);
    s.x = mul_add(hn::Set(d, a.points[3 * k]), q, s.x);
    s.y = mul_add(hn::Set(d, a.points[3 * k + 1]), q, s.y);
    s.z = mul_add(hn::Set(d, a.points[3 * k + 2]), q, s.z);
  }
  return s;
}

/// Coefficients of P(L) = L^4 + c2 L^2 + c1 L + c0.
struct Quartic {
  Double c2, c1, c0;
};

/// Cofactors with equal and with opposite signs: of the products of Theobald's C0.
HWY_INLINE Quartic characteristic_polynomial(const Correlation& s) {
  const Doubles d;
  const Double squares = hn::Add(dot(s.x, s.x), hn::Add(dot(s.y, s.y), dot(s.z, s.z)));
  const Double determinant = dot(s.x, cross(s.y, s.z));
  // The symmetric 4x4 matrix, by its rows.
  const Double a = hn::Add(s.x.x, hn::Add(s.y.y, s.z.z)), b = hn::Sub(s.y.z, s.z.y);
  const Double c = hn::Sub(s.z.x, s.x.z), e = hn::Sub(s.x.y, s.y.x);
  const Double f = hn::Sub(s.x.x, hn::Add(s.y.y, s.z.z)), g = hn::Add(s.x.y, s.y.x);
  const Double h = hn::Add(s.z.x, s.x.z), i = hn::Sub(s.y.y, hn::Add(s.x.x, s.z.z));
  const Double j = hn::Add(s.y.z, s.z.y), k = hn::Sub(s.z.z, hn::Add(s.x.x, s.y.y));
  // Laplace expansion by 2x2 minors of the upper two and the lower two rows,
  //   a b c e      c h i j
  //   b f g h      e h j k   (third row c g i j, fourth row e h j k)
  const auto minor = [](Double p, Double q, Double r, Double t) {
    return subtract_product(q, r, hn::Mul(p, t));
  };
  const Double u01 = minor(a, b, b, f), u02 = minor(a, c, b, g), u03 = minor(a, e, b, h);
  const Double u12 = minor(b, c, f, g), u13 = minor(b, e, f, h), u23 = minor(c, e, g, h);
  const Double l01 = minor(c, g, e, h), l02 = minor(c, i, e, j), l03 = minor(c, j, e, k);
  const Double l12 = minor(g, i, h, j), l13 = minor(g, j, h, k), l23 = minor(i, j, j, k);
  Double c0 = hn::Mul(u01, l23);
  c0 = subtract_product(u02, l13, c0);
  c0 = hn::MulAdd(u03, l12, c0);
  c0 = hn::MulAdd(u12, l03, c0);
  c0 = subtract_product(u13, l02, c0);
  c0 = hn::MulAdd(u23, l01, c0);
  return {hn::Mul(hn::Set(d, -2.0), squares), hn::Mul(hn::Set(d, -8.0), determinant), c0};
}

/// 1 where the largest root exceeds `level`, else 0.
HWY_INLINE Double exceeds(const Quartic& p, Double level) {
  const Doubles d;
  const Double zero = hn::Zero(d), one = hn::Set(d, 1.0);
  const Double squared = hn::Mul(level, level);
  const Double value = hn::MulAdd(hn::MulAdd(hn::Add(squared, p.c2), level, p.c1), level, p.c0);
  const Double slope =
      hn::MulAdd(hn::MulAdd(hn::Set(d, 4.0), squared, hn::Add(p.c2, p.c2)), level, p.c1);
  const Double curvature = hn::MulAdd(hn::Set(d, 6.0), squared, p.c2);
  const auto above = hn::And(hn::And(hn::Ge(value, zero), hn::Ge(slope, zero)),
                             hn::And(hn::Ge(curvature, zero), hn::Gt(level, zero)));
  return hn::IfThenElse(above, zero, one);
}

/// @param counts  in and out [lane]: raised to the number of radii under this map
void count_radii_of_block(const MappedShape& a, const ShapeBlock& b, Span<const double> radii,
                          double* counts) {
  const Doubles d;
  for (std::size_t lane = 0; lane < kLaneWidth; lane += hn::Lanes(d)) {
    const Quartic p = characteristic_polynomial(correlate(a, b.points + lane));
    const Double sum = hn::Add(hn::Set(d, a.squares), hn::Load(d, b.squares + lane));
    Double count = hn::Zero(d);
    for (const double radius : radii) {
      const double shift = static_cast<double>(a.n_points) * radius * radius;
      const Double level = hn::Mul(hn::Set(d, 0.5), hn::Sub(sum, hn::Set(d, shift)));
      count = hn::Add(count, exceeds(p, level));
    }
    hn::Store(hn::Max(count, hn::Load(d, counts + lane)), d, counts + lane);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(count_radii_of_block);

ShapeBlocks::ShapeBlocks(const ShapeComparison& comparison,
                         Span<const ShapeComparison::Shape> shapes)
    : n_shapes_(shapes.size()), maps_(comparison.maps()) {
  if (n_shapes_ == 0) return;
  n_points_ = shapes[0].points.size() / 3;
  const std::size_t n_blocks = count_blocks(n_shapes_), n_values = 3 * n_points_;
  points_.assign(n_blocks * n_values * kLaneWidth, 0.0);
  squares_.assign(n_blocks * kLaneWidth, 0.0);
  for (std::size_t s = 0; s < n_shapes_; ++s) {
    const std::size_t block = s / kLaneWidth, lane = s % kLaneWidth;
    double* to = points_.data() + block * n_values * kLaneWidth + lane;
    for (std::size_t v = 0; v < n_values; ++v) {
      const double value = shapes[s].points[v];
      to[v * kLaneWidth] = value;
      squares_[s] += value * value;
    }
  }
}

void ShapeBlocks::count_radii(std::size_t i, Span<const double> radii,
                              Span<std::uint8_t> out) const {
  const std::size_t n_values = 3 * n_points_;
  std::vector<double> a(n_values);
  const double* from = points_.data() + i / kLaneWidth * n_values * kLaneWidth + i % kLaneWidth;
  for (std::size_t v = 0; v < n_values; ++v) a[v] = from[v * kLaneWidth];
  AlignedVector<double> counts(kLaneWidth);
  for (std::size_t first = 0; first < out.size(); first += kLaneWidth) {
    std::fill(counts.begin(), counts.end(), 0.0);
    const ShapeBlock block = {points_.data() + first * n_values, squares_.data() + first};
    for (const auto& map : maps_) {
      const MappedShape shape = {a.data(), squares_[i], map.data(), n_points_};
      HWY_DYNAMIC_DISPATCH(count_radii_of_block)(shape, block, radii, counts.data());
    }
    const std::size_t last = std::min(first + kLaneWidth, out.size());
    for (std::size_t j = first; j < last; ++j)
      out[j] = static_cast<std::uint8_t>(counts[j - first]);
  }
}

}  // namespace saltus::engine
#endif
