#include "engine/leap/leap_lanes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/leap/leap_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/leap/leap_fast_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// The block's work on geometry, torsions and rotors, one function for each part of the model.
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
      add_to(s_.log_jac_new.data() + lane, log_jac);
    }
  }

  /// Harmonics of all torsions that something sees.
  void see(const AlignedVector<double>& q, AlignedVector<double>& seen) const {
    for (std::size_t i = 0; i < table_.seen.size(); ++i) see(i, q, seen);
  }

  /// The new state begins as the old one; what is redrawn is seen anew.
  void keep_old() const {
    for (const std::size_t i : table_.kept) copy_rows(row_of(s_.old_q, i), 1, row_of(s_.new_q, i));
    for (const std::size_t atom : table_.others)
      copy_rows(row_of(s_.old_x, 3 * atom), 3, row_of(s_.new_x, 3 * atom));
    std::copy(s_.old_seen.begin(), s_.old_seen.end(), s_.new_seen.begin());
  }
  void see_late() const {
    for (const std::size_t i : table_.seen_late) see(i, s_.new_q, s_.new_seen);
  }

  void make_normals() const {
    const LeapDoubles d;
    for (std::size_t i = 0; i < table_.numbers.pairs.size(); ++i) {
      const double* uniform = row_of(s_.uniforms, table_.numbers.pairs[i]);
      double* normal = row_of(s_.normals, 2 * i);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
        store_normals(d, hn::Load(d, uniform + lane), hn::Load(d, uniform + kLaneWidth + lane),
                      normal + lane);
    }
  }

  /// Soft torsions one after another; a few chains draw all of theirs uniformly instead.
  void draw_soft(double* log_density) const {
    const LeapDoubles d;
    double* next = see_context(s_.old_seen);
    for (std::size_t i = 0; i < table_.n_soft(); ++i) {
      run_network(table_.soft_networks[i], s_.soft_input.data());
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.soft_networks[i], lane);
        const LeapVector angle = drawn_or_uniform(draw(mixture, i, lane), i, lane);
        hn::Store(angle, d, row_of(s_.new_q, table_.soft[i]) + lane);
        add_to(log_density + lane, mixture_log_density(d, mixture, angle));
      }
      see(i, s_.new_q, s_.new_seen);
      next = copy_rows(harmonics(s_.new_seen, i), kHarmonicRows, next);
    }
    add_uniform_part(log_density);
  }

  /// Soft torsions in place of draw_soft and soft_density: all of a chain's are turned along the
  /// direction by one angle, whose density is the same on the way back.
  void shift_soft() const {
    const LeapDoubles d;
    const std::vector<double>& widths = table_.shift.widths;
    const std::vector<double>& direction = table_.shift.direction;
    const double* uniform = row_of(s_.uniforms, table_.numbers.components.front());
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector choice =
          hn::Mul(hn::Set(d, static_cast<double>(widths.size())), hn::Load(d, uniform + lane));
      LeapVector width = hn::Set(d, widths.front());
      for (std::size_t k = 1; k < widths.size(); ++k)
        width = hn::IfThenElse(hn::Ge(choice, hn::Set(d, static_cast<double>(k))),
                               hn::Set(d, widths[k]), width);
      const LeapVector drawn = hn::Mul(width, hn::Load(d, row_of(s_.normals, 0) + lane));
      const LeapVector delta = drawn_or_uniform(drawn, 0, lane);
      for (std::size_t i = 0; i < table_.n_soft(); ++i) {
        const LeapVector old = hn::Load(d, row_of(s_.old_q, table_.soft[i]) + lane);
        const LeapVector angle = hn::MulAdd(hn::Set(d, direction[i]), delta, old);
        hn::Store(wrapped_angle(d, angle), d, row_of(s_.new_q, table_.soft[i]) + lane);
      }
    }
    for (std::size_t i = 0; i < table_.n_soft(); ++i) see(i, s_.new_q, s_.new_seen);
  }

  /// log p_s(q|..) of the state that q and `seen` are of, from the one that `context` is of.
  void soft_density(const AlignedVector<double>& q, const AlignedVector<double>& seen,
                    const AlignedVector<double>& context, double* log_density) const {
    const LeapDoubles d;
    // The soft torsions are the first that are seen.
    copy_rows(seen.data(), kHarmonicRows * table_.n_soft(), see_context(context));
    for (std::size_t i = 0; i < table_.n_soft(); ++i) {
      run_network(table_.soft_networks[i], s_.soft_input.data());
      const double* angle = row_of(q, table_.soft[i]);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.soft_networks[i], lane);
        add_to(log_density + lane, mixture_log_density(d, mixture, hn::Load(d, angle + lane)));
      }
    }
    add_uniform_part(log_density);
  }

  /// What rotor networks and the basis see; returns where the basis' part begins.
  const double* see_basis(const AlignedVector<double>& seen, AlignedVector<double>& input) const {
    double* const first = see_temperature(input.data());
    double* next = first;
    for (const std::size_t i : table_.basis_torsions)
      next = copy_rows(harmonics(seen, i), kHarmonicRows, next);
    return first;
  }

  /// Rotors: a folded angle, then one of the equal wells.
  void draw_rotors(double* log_density) const {
    const LeapDoubles d;
    for (std::size_t j = 0; j < table_.n_rotors(); ++j) {
      run_network(table_.rotor_networks[j], s_.new_basis_input.data());
      const LeapVector fold = constant(d, table_.rotors[j].fold);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.rotor_networks[j], lane);
        const LeapVector folded = draw(mixture, table_.numbers.n_soft_draws + j, lane);
        const LeapVector well = hn::Load(d, row_of(s_.wells, j) + lane);
        const LeapVector turned = hn::MulAdd(constant(d, kTwoPi), well, folded);
        const LeapVector angle = wrapped_angle(d, hn::Div(turned, fold));
        hn::Store(angle, d, row_of(s_.new_q, table_.rotors[j].coordinate) + lane);
        add_to(log_density + lane, mixture_log_density(d, mixture, hn::Mul(fold, angle)));
      }
    }
  }

  void rotor_density(const AlignedVector<double>& q, const AlignedVector<double>& basis_input,
                     double* log_density) const {
    const LeapDoubles d;
    for (std::size_t j = 0; j < table_.n_rotors(); ++j) {
      run_network(table_.rotor_networks[j], basis_input.data());
      const LeapVector fold = constant(d, table_.rotors[j].fold);
      const double* angle = row_of(q, table_.rotors[j].coordinate);
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        const MixtureRows mixture = mixture_at(table_.rotor_networks[j], lane);
        const LeapVector folded = hn::Mul(fold, hn::Load(d, angle + lane));
        add_to(log_density + lane, mixture_log_density(d, mixture, folded));
      }
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

  /// ln |det| of a map between two states: adds the Jacobians to what the scales make.
  void finish_volume() const {
    const LeapDoubles d;
    const LeapVector lowest = constant(d, std::numeric_limits<double>::lowest());
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector before = hn::Load(d, s_.log_jac_old.data() + lane),
                       after = hn::Load(d, s_.log_jac_new.data() + lane);
      const auto both = hn::And(hn::Ge(before, lowest), hn::Ge(after, lowest));
      double* at = s_.log_forward.data() + lane;
      const LeapVector value = hn::Add(hn::Load(d, at), hn::Sub(after, before));
      hn::Store(value_or_minus_infinity(d, both, value), d, at);
    }
  }

  /// -inf where the new state differs in a coordinate that is kept, or in other atoms.
  void require_kept(AlignedVector<double>& log_density) const {
    const LeapDoubles d;
    const LeapVector tolerance = constant(d, kKeptTolerance);
    const std::size_t first_torsion = 2 * table_.z.n_atoms() - 3;
    for (const std::size_t i : table_.kept)
      for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
        LeapVector change = hn::Sub(hn::Load(d, row_of(s_.new_q, i) + lane),
                                    hn::Load(d, row_of(s_.old_q, i) + lane));
        if (i >= first_torsion) change = wrapped_angle(d, change);
        double* at = log_density.data() + lane;
        const auto is_kept = hn::Le(hn::Abs(change), tolerance);
        hn::Store(value_or_minus_infinity(d, is_kept, hn::Load(d, at)), d, at);
      }
    if (table_.others.empty()) return;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      double* at = log_density.data() + lane;
      const auto in_place = same_surroundings(d, table_.z, table_.others, s_.old_x.data() + lane,
                                              s_.new_x.data() + lane);
      hn::Store(value_or_minus_infinity(d, in_place, hn::Load(d, at)), d, at);
    }
  }

 private:
  static const double* harmonics(const AlignedVector<double>& seen, std::size_t i) {
    return row_of(seen, kHarmonicRows * i);
  }

  /// Returns where the next rows go.
  static double* copy_rows(const double* rows, std::size_t n, double* to) {
    return std::copy(rows, rows + n * kLaneWidth, to);
  }

  void see(std::size_t i, const AlignedVector<double>& q, AlignedVector<double>& seen) const {
    const LeapDoubles d;
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d))
      store_harmonics(d, hn::Load(d, row_of(q, table_.seen[i]) + lane), kSoftHarmonics,
                      row_of(seen, kHarmonicRows * i) + lane);
  }

  /// Begins what a network sees. Returns where the next rows go.
  double* see_temperature(double* input) const {
    return copy_rows(s_.temperature.data(), table_.n_first_inputs(), input);
  }

  /// Begins what soft networks see. Returns where the soft torsions go.
  double* see_context(const AlignedVector<double>& seen) const {
    double* next = see_temperature(s_.soft_input.data());
    for (const std::size_t i : table_.context)
      next = copy_rows(harmonics(seen, i), kHarmonicRows, next);
    return next;
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
    return mixture_draw(d, mixture, hn::Load(d, row_of(s_.uniforms, choice) + lane),
                        hn::Load(d, row_of(s_.normals, i) + lane));
  }

  /// The i-th draw of soft torsions, or a uniform angle where a chain's are uniform.
  HWY_INLINE LeapVector drawn_or_uniform(LeapVector drawn, std::size_t i, std::size_t lane) const {
    const LeapDoubles d;
    const double* uniform = row_of(s_.component_uniforms, 1 + i);
    const LeapVector anywhere =
        hn::MulSub(constant(d, kTwoPi), hn::Load(d, uniform + lane), constant(d, kPi));
    const auto is_uniform = hn::Lt(hn::Load(d, s_.component_uniforms.data() + lane),
                                   hn::Set(d, table_.uniform_fraction));
    return hn::IfThenElse(is_uniform, anywhere, drawn);
  }

  /// log((1-e) exp(networks) + e (2 pi)^-D); 0 when there is no soft torsion.
  void add_uniform_part(double* log_density) const {
    if (table_.n_soft() == 0) return;
    const LeapDoubles d;
    const LeapVector share = hn::Set(d, table_.log_network_share);
    const LeapVector uniform = hn::Set(d, table_.log_uniform);
    for (std::size_t lane = 0; lane < n_lanes_; lane += hn::Lanes(d)) {
      const LeapVector networks = hn::Add(hn::Load(d, log_density + lane), share);
      hn::Store(log_of_sum(d, networks, uniform), d, log_density + lane);
    }
  }

  const LeapTable& table_;
  std::size_t n_lanes_;
  LeapScratch& s_;
};

}  // namespace

void draw_leap_vectors(const LeapTable& table, std::size_t n_lanes, LeapScratch& s) {
  const Block block(table, n_lanes, s);
  const FastPart fast(table, n_lanes, s);
  double *forward = s.log_forward.data(), *reverse = s.log_reverse.data();
  block.measure(s.old_x, s.old_q, s.log_jac_old);
  block.see(s.old_q, s.old_seen);
  fast.whiten(s.old_q, block.see_basis(s.old_seen, s.old_basis_input), s.old_squares.data());

  block.keep_old();
  block.make_normals();
  if (table.shifts())
    block.shift_soft();
  else
    block.draw_soft(forward);
  const double* basis = block.see_basis(s.new_seen, s.new_basis_input);
  block.draw_rotors(forward);
  fast.make_noise();
  fast.draw(basis, s.new_squares.data());
  fast.add_log_density(s.new_squares.data(), forward);
  block.place();

  block.see_late();
  // The density of a shift is that of the shift back.
  if (!table.shifts()) block.soft_density(s.old_q, s.old_seen, s.new_seen, reverse);
  block.rotor_density(s.old_q, s.old_basis_input, reverse);
  fast.add_log_density(s.old_squares.data(), reverse);
  block.finish(s.log_jac_new, s.log_forward);
  block.finish(s.log_jac_old, s.log_reverse);
}

void leap_density_vectors(const LeapTable& table, std::size_t n_lanes, LeapScratch& s) {
  const Block block(table, n_lanes, s);
  const FastPart fast(table, n_lanes, s);
  double* forward = s.log_forward.data();
  block.measure(s.old_x, s.old_q, s.log_jac_old);
  block.measure(s.new_x, s.new_q, s.log_jac_new);
  block.see(s.old_q, s.old_seen);
  block.see(s.new_q, s.new_seen);
  const double* basis = block.see_basis(s.new_seen, s.new_basis_input);
  block.soft_density(s.new_q, s.new_seen, s.old_seen, forward);
  block.rotor_density(s.new_q, s.new_basis_input, forward);
  fast.whiten(s.new_q, basis, s.new_squares.data());
  fast.add_log_density(s.new_squares.data(), forward);
  block.finish(s.log_jac_new, s.log_forward);
  block.require_kept(s.log_forward);
}

void map_leap_vectors(const LeapTable& table, std::size_t n_lanes, LeapScratch& s) {
  const Block block(table, n_lanes, s);
  const FastPart fast(table, n_lanes, s);
  block.measure(s.old_x, s.old_q, s.log_jac_old);
  block.see(s.old_q, s.old_seen);
  const double* basis = block.see_basis(s.old_seen, s.old_basis_input);
  fast.whiten(s.old_q, basis, s.old_squares.data());
  block.keep_old();
  fast.keep_noise();
  fast.draw(basis, s.new_squares.data());
  block.place();
  block.finish_volume();
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(draw_leap_vectors);
HWY_EXPORT(leap_density_vectors);
HWY_EXPORT(map_leap_vectors);

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

void map_leap_block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch) {
  scratch.log_forward = scratch.log_scale;
  HWY_DYNAMIC_DISPATCH(map_leap_vectors)(table, n_lanes, scratch);
}

}  // namespace saltus::engine
#endif
