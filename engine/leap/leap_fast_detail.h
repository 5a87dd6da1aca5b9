// Fast coordinates of the learned leap: basis, regression, draws and density; see
// lane_math_detail.h on the toggled guard. README.md has the formulas.
#if defined(SALTUS_ENGINE_LEAP_LEAP_FAST_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LEAP_LEAP_FAST_DETAIL_H
#undef SALTUS_ENGINE_LEAP_LEAP_FAST_DETAIL_H
#else
#define SALTUS_ENGINE_LEAP_LEAP_FAST_DETAIL_H
#endif

#include <algorithm>

#include "engine/leap/leap_network_detail.h"
#include "engine/leap/leap_scratch.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

/// Rows of harmonics of one torsion.
constexpr std::size_t kHarmonicRows = 2 * kSoftHarmonics;
static_assert(kSoftHarmonics == kNetworkHarmonics, "networks and basis share their harmonics");

HWY_INLINE double* row_of(AlignedVector<double>& rows, std::size_t i) {
  return rows.data() + i * kLaneWidth;
}
HWY_INLINE const double* row_of(const AlignedVector<double>& rows, std::size_t i) {
  return rows.data() + i * kLaneWidth;
}
HWY_INLINE void add_to(double* at, LeapVector value) {
  const LeapDoubles d;
  hn::Store(hn::Add(hn::Load(d, at), value), d, at);
}

/// log(exp(a) + exp(b)) of finite numbers.
HWY_INLINE LeapVector log_of_sum(LeapDoubles d, LeapVector a, LeapVector b) {
  const LeapVector distance = hn::Abs(hn::Sub(a, b));
  const LeapVector rest = hn::Log(d, hn::Add(constant(d, 1.0), hn::Exp(d, hn::Neg(distance))));
  return hn::Add(hn::Max(a, b), rest);
}

/// The work on fast coordinates of the chains of a block: f = mu + sqrt(T / T_ref) L z.
class FastPart {
 public:
  HWY_INLINE FastPart(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch)
      : table_(table), n_lanes_(n_lanes), s_(scratch) {}

  /// z of the fast coordinates of q, left in `difference`, and |z|^2.
  /// @param basis_input  harmonics of the torsions of the basis, of q
  void whiten(const AlignedVector<double>& q, const double* basis_input, double* squares) const {
    const LeapDoubles d;
    take_means(q, basis_input);
    for (std::size_t i = 0; i < table_.n_fast(); ++i) {
      const LeapFastCoordinate& fast = table_.fast[i];
      const LeapVector centre = hn::Set(d, fast.centre);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        LeapVector value = hn::Load(d, row_of(q, fast.coordinate) + lane);
        if (fast.is_torsion) value = wrapped_angle(d, hn::Sub(value, centre));
        double* mean = row_of(s_.mean, i) + lane;
        hn::Store(hn::Sub(value, hn::Load(d, mean)), d, mean);
      }
    }
    apply_layer(table_.inverse_cholesky, n_lanes_, s_.mean.data(), s_.difference.data());
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector inverse_scale = hn::Load(d, s_.inverse_scale.data() + lane);
      LeapVector sum = hn::Zero(d);
      for (std::size_t i = 0; i < table_.n_fast(); ++i) {
        double* at = row_of(s_.difference, i) + lane;
        const LeapVector z = hn::Mul(hn::Load(d, at), inverse_scale);
        hn::Store(z, d, at);
        sum = hn::MulAdd(z, z, sum);
      }
      hn::Store(sum, d, squares + lane);
    }
  }

  /// Turns the normals of a draw into its z. `difference` holds z of the current state.
  void make_noise() const {
    const LeapDoubles d;
    if (table_.wide.fraction > 0.0) widen();
    if (table_.carry == 0.0) return;
    const LeapVector carry = hn::Set(d, table_.carry), fresh = hn::Set(d, table_.fresh);
    for (std::size_t i = 0; i < table_.n_fast(); ++i)
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        double* at = row_of(s_.normals, first_normal() + i) + lane;
        const LeapVector old = hn::Load(d, row_of(s_.difference, i) + lane);
        hn::Store(hn::MulAdd(carry, old, hn::Mul(fresh, hn::Load(d, at))), d, at);
      }
  }

  /// Makes z of the current state that of the new one; of coordinates that are held it is
  /// sqrt(T / T_ref) z that stays.
  void keep_noise() const {
    const LeapDoubles d;
    const std::size_t n = table_.n_fast() * kLaneWidth;
    std::copy_n(s_.difference.begin(), n, row_of(s_.normals, first_normal()));
    for (std::size_t i = 0; i < table_.n_fast(); ++i) {
      if (!table_.fast[i].is_held) continue;
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        // New over old.
        const LeapVector wider = hn::Mul(hn::Load(d, s_.scale.data() + lane),
                                         hn::Load(d, s_.inverse_scale.data() + lane));
        double* at = row_of(s_.normals, first_normal() + i) + lane;
        hn::Store(hn::Div(hn::Load(d, at), wider), d, at);
      }
    }
  }

  /// Means plus correlated noise, and |z|^2; log_jac_new becomes -inf where a torsion left its
  /// chart, 0 elsewhere.
  void draw(const double* basis_input, double* squares) const {
    const LeapDoubles d;
    take_means(s_.new_q, basis_input);
    const double* noise = row_of(s_.normals, first_normal());
    apply_layer(table_.cholesky, n_lanes_, noise, s_.difference.data());
    const LeapVector pi = constant(d, kPi);
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector scale = hn::Load(d, s_.scale.data() + lane);
      LeapVector sum = hn::Zero(d);
      auto inside = hn::Eq(sum, sum);
      for (std::size_t i = 0; i < table_.n_fast(); ++i) {
        const LeapFastCoordinate& fast = table_.fast[i];
        const LeapVector z = hn::Load(d, noise + i * kLaneWidth + lane);
        sum = hn::MulAdd(z, z, sum);
        const LeapVector value = hn::MulAdd(scale, hn::Load(d, row_of(s_.difference, i) + lane),
                                            hn::Load(d, row_of(s_.mean, i) + lane));
        if (fast.is_torsion)
          inside = hn::And(inside, hn::And(hn::Ge(value, hn::Neg(pi)), hn::Lt(value, pi)));
        hn::Store(hn::Add(value, hn::Set(d, fast.centre)), d,
                  row_of(s_.new_q, fast.coordinate) + lane);
      }
      hn::Store(sum, d, squares + lane);
      hn::Store(value_or_minus_infinity(d, inside, hn::Zero(d)), d, s_.log_jac_new.data() + lane);
    }
  }

  /// Adds log N(f; mu, T / T_ref L L^T), or that of the mixture with wide draws, from |z|^2.
  void add_log_density(const double* squares, double* log_density) const {
    const LeapDoubles d;
    const LeapVector half = constant(d, 0.5);
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector square = hn::Load(d, squares + lane);
      const LeapVector log_scale = hn::Load(d, s_.log_scale.data() + lane);
      const LeapVector norm = hn::Sub(hn::Set(d, table_.log_fast_constant), log_scale);
      if (table_.wide.fraction > 0.0) {
        const LeapVector narrow = hn::NegMulAdd(half, square, hn::Set(d, table_.wide.log_narrow));
        const LeapVector wide = hn::NegMulAdd(hn::Set(d, table_.wide.precision), square,
                                              hn::Set(d, table_.wide.log_wide));
        add_to(log_density + lane, hn::Add(log_of_sum(d, narrow, wide), norm));
      } else {
        add_to(log_density + lane, hn::NegMulAdd(half, square, norm));
      }
    }
  }

 private:
  HWY_INLINE std::size_t first_normal() const {
    return table_.numbers.n_soft_draws + table_.n_rotors();
  }

  /// All normals of a chain that draws widely, times the scale.
  void widen() const {
    const LeapDoubles d;
    const double* uniform = row_of(s_.component_uniforms, 1 + table_.numbers.n_soft_draws);
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const auto is_wide = hn::Lt(hn::Load(d, uniform + lane), hn::Set(d, table_.wide.fraction));
      const LeapVector factor =
          hn::IfThenElse(is_wide, hn::Set(d, table_.wide.scale), constant(d, 1.0));
      for (std::size_t i = 0; i < table_.n_fast(); ++i) {
        double* at = row_of(s_.normals, first_normal() + i) + lane;
        hn::Store(hn::Mul(factor, hn::Load(d, at)), d, at);
      }
    }
  }

  /// Means of the fast coordinates of q.
  void take_means(const AlignedVector<double>& q, const double* basis_input) const {
    const LeapDoubles d;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
      store_basis(q, basis_input + lane, lane);
    apply_layer(table_.mean, n_lanes_, s_.basis.data(), s_.mean.data());
  }

  /// The functions of the basis but for the constant.
  HWY_INLINE void store_basis(const AlignedVector<double>& q, const double* harmonics,
                              std::size_t lane) const {
    const LeapDoubles d;
    const std::size_t n = table_.basis_torsions.size();
    double* next = s_.basis.data() + lane;
    for (std::size_t i = 0; i < kHarmonicRows * n; ++i, next += kLaneWidth)
      hn::Store(hn::Load(d, harmonics + i * kLaneWidth), d, next);
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const double* one = harmonics + i * kHarmonicRows * kLaneWidth;
      const double* other = one + kHarmonicRows * kLaneWidth;
      next = store_products({one, kHarmonicRows}, {other, kHarmonicRows}, next);
    }
    for (const LeapRotor& rotor : table_.rotors) {
      const LeapVector fold = constant(d, rotor.fold);
      double* folded = next;
      store_harmonics(d, hn::Mul(fold, hn::Load(d, row_of(q, rotor.coordinate) + lane)),
                      kRotorHarmonics, folded);
      next += 2 * kRotorHarmonics * kLaneWidth;
      if (n > kMaxCrossedSoft) continue;
      for (std::size_t i = 0; i < n; ++i)
        next = store_products({harmonics + i * kHarmonicRows * kLaneWidth, 2 * kCrossHarmonics},
                              {folded, 2}, next);
    }
  }

  /// Rows of lanes, from one vector's first lane on.
  struct Rows {
    const double* first;
    std::size_t n;
  };

  /// Products of all of `a` with all of `b`, those of one row of `a` side by side. Returns where
  /// the next row goes.
  static HWY_INLINE double* store_products(const Rows& a, const Rows& b, double* to) {
    const LeapDoubles d;
    for (std::size_t i = 0; i < a.n; ++i) {
      const LeapVector value = hn::Load(d, a.first + i * kLaneWidth);
      for (std::size_t j = 0; j < b.n; ++j, to += kLaneWidth)
        hn::Store(hn::Mul(value, hn::Load(d, b.first + j * kLaneWidth)), d, to);
    }
    return to;
  }

  const LeapTable& table_;
  std::size_t n_lanes_;
  LeapScratch& s_;
};

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
