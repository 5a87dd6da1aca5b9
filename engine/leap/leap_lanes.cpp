#include "engine/leap/leap_lanes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/leap/leap_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/leap/leap_network_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Rows of harmonics of one soft torsion.
constexpr std::size_t kHarmonicRows = 2 * kSoftHarmonics;
static_assert(kSoftHarmonics == kNetworkHarmonics, "networks and basis share their harmonics");

/// The block's work, one function for each part of the model.
class Block {
 public:
  Block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch)
      : table_(table), n_lanes_(n_lanes), s_(scratch) {}

  void measure(const AlignedVector<double>& x, AlignedVector<double>& q,
               AlignedVector<double>& log_jac) const {
    const LeapDoubles d;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
      hn::Store(measure_internal(d, table_.z, x.data() + lane, q.data() + lane), d,
                log_jac.data() + lane);
  }

  void place() const {
    const LeapDoubles d;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector log_jac = place_atoms(d, table_.z, s_.new_q.data() + lane,
                                             s_.old_x.data() + lane, s_.new_x.data() + lane);
      // -inf where a stiff torsion left its chart.
      double* at = s_.log_jac_new.data() + lane;
      hn::Store(hn::Add(hn::Load(d, at), log_jac), d, at);
    }
  }

  /// Harmonics of all soft torsions.
  void harmonics(const AlignedVector<double>& q, double* rows) const {
    for (std::size_t i = 0; i < table_.n_soft(); ++i) harmonics_of(q, i, rows);
  }

  void make_normals() const {
    const LeapDoubles d;
    for (std::size_t i = 0; i < table_.numbers.pairs.size(); ++i) {
      const double* uniform = row(s_.uniforms, table_.numbers.pairs[i]);
      double* normal = row(s_.normals, 2 * i);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
        store_normals(d, hn::Load(d, uniform + lane), hn::Load(d, uniform + kLaneWidth + lane),
                      normal + lane);
    }
  }

  /// Soft torsions one after another; a few chains draw all of theirs uniformly instead.
  void draw_soft(double* log_density) const {
    const LeapDoubles d;
    for (std::size_t i = 0; i < table_.n_soft(); ++i) {
      run_network(table_.soft_networks[i], row(s_.harmonics, 0));
      const double* uniform = row(s_.component_uniforms, 1 + i);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.soft_networks[i], lane);
        const LeapVector drawn = draw(mixture, i, lane);
        const LeapVector anywhere =
            hn::MulSub(constant(d, kTwoPi), hn::Load(d, uniform + lane), constant(d, kPi));
        const auto is_uniform = hn::Lt(hn::Load(d, s_.component_uniforms.data() + lane),
                                       hn::Set(d, table_.uniform_fraction));
        const LeapVector angle = hn::IfThenElse(is_uniform, anywhere, drawn);
        hn::Store(angle, d, row(s_.new_q, table_.soft[i]) + lane);
        add(mixture_log_density(d, mixture, angle), log_density + lane);
      }
      harmonics_of(s_.new_q, i, row(s_.harmonics, kHarmonicRows * table_.n_soft()));
    }
    add_uniform_part(log_density);
  }

  /// log p_s(q|..); `condition` are harmonics of the state it depends on, then those of q.
  void soft_density(const AlignedVector<double>& q, const double* condition,
                    double* log_density) const {
    const LeapDoubles d;
    for (std::size_t i = 0; i < table_.n_soft(); ++i) {
      run_network(table_.soft_networks[i], condition);
      const double* angle = row(q, table_.soft[i]);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.soft_networks[i], lane);
        add(mixture_log_density(d, mixture, hn::Load(d, angle + lane)), log_density + lane);
      }
    }
    add_uniform_part(log_density);
  }

  /// Rotors: a folded angle, then one of the equal wells.
  void draw_rotors(const double* soft_harmonics, double* log_density) const {
    const LeapDoubles d;
    for (std::size_t j = 0; j < table_.n_rotors(); ++j) {
      run_network(table_.rotor_networks[j], soft_harmonics);
      const LeapVector fold = constant(d, table_.rotors[j].fold);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.rotor_networks[j], lane);
        const LeapVector folded = draw(mixture, table_.n_soft() + j, lane);
        const LeapVector well = hn::Load(d, row(s_.wells, j) + lane);
        const LeapVector turned = hn::MulAdd(constant(d, kTwoPi), well, folded);
        const LeapVector angle = wrapped_angle(d, hn::Div(turned, fold));
        hn::Store(angle, d, row(s_.new_q, table_.rotors[j].coordinate) + lane);
        add(mixture_log_density(d, mixture, hn::Mul(fold, angle)), log_density + lane);
      }
    }
  }

  void rotor_density(const AlignedVector<double>& q, const double* soft_harmonics,
                     double* log_density) const {
    const LeapDoubles d;
    for (std::size_t j = 0; j < table_.n_rotors(); ++j) {
      run_network(table_.rotor_networks[j], soft_harmonics);
      const LeapVector fold = constant(d, table_.rotors[j].fold);
      const double* angle = row(q, table_.rotors[j].coordinate);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.rotor_networks[j], lane);
        const LeapVector folded = hn::Mul(fold, hn::Load(d, angle + lane));
        add(mixture_log_density(d, mixture, folded), log_density + lane);
      }
    }
  }

  /// Regression mean plus correlated noise; log_jac_new becomes -inf where a torsion left its
  /// chart, 0 elsewhere.
  void draw_fast(const double* soft_harmonics, double* log_density) const {
    const LeapDoubles d;
    fast_mean(s_.new_q, soft_harmonics);
    const double* noise = row(s_.normals, table_.n_soft() + table_.n_rotors());
    apply_layer(table_.cholesky, n_lanes_, noise, s_.difference.data());
    const LeapVector pi = constant(d, kPi);
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      LeapVector squares = hn::Zero(d);
      auto inside = hn::Eq(squares, squares);
      for (std::size_t i = 0; i < table_.n_fast(); ++i) {
        const LeapFastCoordinate& fast = table_.fast[i];
        const LeapVector z = hn::Load(d, noise + i * kLaneWidth + lane);
        squares = hn::MulAdd(z, z, squares);
        const LeapVector value =
            hn::Add(hn::Load(d, row(s_.mean, i) + lane), hn::Load(d, row(s_.difference, i) + lane));
        if (fast.is_torsion)
          inside = hn::And(inside, hn::And(hn::Ge(value, hn::Neg(pi)), hn::Lt(value, pi)));
        hn::Store(hn::Add(value, hn::Set(d, fast.centre)), d,
                  row(s_.new_q, fast.coordinate) + lane);
      }
      add_gaussian(squares, log_density + lane);
      hn::Store(value_or_minus_infinity(d, inside, hn::Zero(d)), d, s_.log_jac_new.data() + lane);
    }
  }

  void fast_density(const AlignedVector<double>& q, const double* soft_harmonics,
                    double* log_density) const {
    const LeapDoubles d;
    fast_mean(q, soft_harmonics);
    for (std::size_t i = 0; i < table_.n_fast(); ++i) {
      const LeapFastCoordinate& fast = table_.fast[i];
      const LeapVector centre = hn::Set(d, fast.centre);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        LeapVector value = hn::Load(d, row(q, fast.coordinate) + lane);
        if (fast.is_torsion) value = wrapped_angle(d, hn::Sub(value, centre));
        double* mean = row(s_.mean, i) + lane;
        hn::Store(hn::Sub(value, hn::Load(d, mean)), d, mean);
      }
    }
    apply_layer(table_.inverse_cholesky, n_lanes_, s_.mean.data(), s_.difference.data());
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      LeapVector squares = hn::Zero(d);
      for (std::size_t i = 0; i < table_.n_fast(); ++i) {
        const LeapVector z = hn::Load(d, row(s_.difference, i) + lane);
        squares = hn::MulAdd(z, z, squares);
      }
      add_gaussian(squares, log_density + lane);
    }
  }

  /// Divides by the Jacobian; -inf where there is none.
  void finish(const AlignedVector<double>& log_jac, AlignedVector<double>& log_density) const {
    const LeapDoubles d;
    const LeapVector lowest = constant(d, std::numeric_limits<double>::lowest());
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector volume = hn::Load(d, log_jac.data() + lane);
      double* at = log_density.data() + lane;
      const LeapVector value = hn::Sub(hn::Load(d, at), volume);
      hn::Store(value_or_minus_infinity(d, hn::Ge(volume, lowest), value), d, at);
    }
  }

 private:
  static HWY_INLINE double* row(AlignedVector<double>& rows, std::size_t i) {
    return rows.data() + i * kLaneWidth;
  }
  static HWY_INLINE const double* row(const AlignedVector<double>& rows, std::size_t i) {
    return rows.data() + i * kLaneWidth;
  }
  static HWY_INLINE void add(LeapVector value, double* at) {
    const LeapDoubles d;
    hn::Store(hn::Add(hn::Load(d, at), value), d, at);
  }

  void harmonics_of(const AlignedVector<double>& q, std::size_t i, double* rows) const {
    const LeapDoubles d;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
      store_harmonics(d, hn::Load(d, row(q, table_.soft[i]) + lane), kSoftHarmonics,
                      rows + kHarmonicRows * i * kLaneWidth + lane);
  }

  /// Leaves the rows of a mixture.
  void run_network(const MixtureNetworkTable& network, const double* in) const {
    apply_layer(network.first, n_lanes_, in, s_.first.data());
    activate(network.first.n_outputs, n_lanes_, s_.first.data());
    apply_layer(network.second, n_lanes_, s_.first.data(), s_.second.data());
    activate(network.second.n_outputs, n_lanes_, s_.second.data());
    apply_layer(network.head, n_lanes_, s_.second.data(), s_.mixture.data());
    finish_mixture(network.n_components, n_lanes_, s_.mixture.data());
  }

  HWY_INLINE MixtureRows mixture_at(const MixtureNetworkTable& network, std::size_t lane) const {
    return {s_.mixture.data() + lane, network.n_components};
  }

  /// The i-th draw from a mixture.
  HWY_INLINE LeapVector draw(const MixtureRows& mixture, std::size_t i, std::size_t lane) const {
    const LeapDoubles d;
    const std::size_t choice = table_.numbers.components[i];
    return mixture_draw(d, mixture, hn::Load(d, row(s_.uniforms, choice) + lane),
                        hn::Load(d, row(s_.normals, i) + lane));
  }

  /// log((1-e) exp(networks) + e (2 pi)^-D); 0 when there is no soft torsion.
  void add_uniform_part(double* log_density) const {
    if (table_.n_soft() == 0) return;
    const LeapDoubles d;
    const LeapVector share = hn::Set(d, table_.log_network_share);
    const LeapVector uniform = hn::Set(d, table_.log_uniform), one = constant(d, 1.0);
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector networks = hn::Add(hn::Load(d, log_density + lane), share);
      const LeapVector distance = hn::Abs(hn::Sub(networks, uniform));
      const LeapVector rest = hn::Log(d, hn::Add(one, hn::Exp(d, hn::Neg(distance))));
      hn::Store(hn::Add(hn::Max(networks, uniform), rest), d, log_density + lane);
    }
  }

  HWY_INLINE void add_gaussian(LeapVector squares, double* log_density) const {
    const LeapDoubles d;
    const LeapVector constant_part = hn::Set(d, table_.log_fast_constant);
    add(hn::NegMulAdd(constant(d, 0.5), squares, constant_part), log_density);
  }

  /// Means of the fast coordinates of q.
  void fast_mean(const AlignedVector<double>& q, const double* soft_harmonics) const {
    const LeapDoubles d;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
      store_basis(q, soft_harmonics + lane, lane);
    apply_layer(table_.mean, n_lanes_, s_.basis.data(), s_.mean.data());
  }

  /// The functions of FourierBasis but for the constant.
  HWY_INLINE void store_basis(const AlignedVector<double>& q, const double* soft,
                              std::size_t lane) const {
    const LeapDoubles d;
    const std::size_t n_soft = table_.n_soft();
    double* next = s_.basis.data() + lane;
    for (std::size_t i = 0; i < kHarmonicRows * n_soft; ++i, next += kLaneWidth)
      hn::Store(hn::Load(d, soft + i * kLaneWidth), d, next);
    for (std::size_t i = 0; i + 1 < n_soft; ++i) {
      const double* one = soft + i * kHarmonicRows * kLaneWidth;
      const double* other = one + kHarmonicRows * kLaneWidth;
      next = store_products({one, kHarmonicRows}, {other, kHarmonicRows}, next);
    }
    for (const LeapRotor& rotor : table_.rotors) {
      const LeapVector fold = constant(d, rotor.fold);
      double* folded = next;
      store_harmonics(d, hn::Mul(fold, hn::Load(d, row(q, rotor.coordinate) + lane)),
                      kRotorHarmonics, folded);
      next += 2 * kRotorHarmonics * kLaneWidth;
      if (n_soft > kMaxCrossedSoft) continue;
      for (std::size_t i = 0; i < n_soft; ++i)
        next = store_products({soft + i * kHarmonicRows * kLaneWidth, 2 * kCrossHarmonics},
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

}  // namespace

void draw_leap_vectors(const LeapTable& table, std::size_t n_lanes, LeapScratch& s) {
  const Block block(table, n_lanes, s);
  const std::size_t size = kHarmonicRows * table.n_soft() * kLaneWidth;
  double* old_first = s.harmonics.data();
  double* new_first = old_first + size;
  double *forward = s.log_forward.data(), *reverse = s.log_reverse.data();
  block.measure(s.old_x, s.old_q, s.log_jac_old);
  block.harmonics(s.old_q, old_first);
  std::copy(old_first, new_first, new_first + size);
  block.make_normals();
  block.draw_soft(forward);
  block.draw_rotors(new_first, forward);
  block.draw_fast(new_first, forward);
  block.place();
  block.soft_density(s.old_q, new_first, reverse);
  block.rotor_density(s.old_q, old_first, reverse);
  block.fast_density(s.old_q, old_first, reverse);
  block.finish(s.log_jac_new, s.log_forward);
  block.finish(s.log_jac_old, s.log_reverse);
}

void leap_density_vectors(const LeapTable& table, std::size_t n_lanes, LeapScratch& s) {
  const Block block(table, n_lanes, s);
  double* old_first = s.harmonics.data();
  double* new_first = old_first + kHarmonicRows * table.n_soft() * kLaneWidth;
  double* forward = s.log_forward.data();
  block.measure(s.old_x, s.old_q, s.log_jac_old);
  block.measure(s.new_x, s.new_q, s.log_jac_new);
  block.harmonics(s.old_q, old_first);
  block.harmonics(s.new_q, new_first);
  block.soft_density(s.new_q, old_first, forward);
  block.rotor_density(s.new_q, new_first, forward);
  block.fast_density(s.new_q, new_first, forward);
  block.finish(s.log_jac_new, s.log_forward);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(draw_leap_vectors);
HWY_EXPORT(leap_density_vectors);

void draw_leap_block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch) {
  scratch.make_numbers(table);
  for (AlignedVector<double>* sum : {&scratch.log_forward, &scratch.log_reverse})
    std::fill(sum->begin(), sum->end(), 0.0);
  HWY_DYNAMIC_DISPATCH(draw_leap_vectors)(table, n_lanes, scratch);
}

void leap_density_block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch) {
  std::fill(scratch.log_forward.begin(), scratch.log_forward.end(), 0.0);
  HWY_DYNAMIC_DISPATCH(leap_density_vectors)(table, n_lanes, scratch);
}

}  // namespace saltus::engine
#endif
