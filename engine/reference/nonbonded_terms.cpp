#include "engine/reference/nonbonded_terms.h"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/potential/long_range_correction.h"
#include "engine/potential/pair_list.h"
#include "engine/reference/ewald_waves.h"

namespace saltus::engine {

namespace {

/// S = 1 - 10 t^3 + 15 t^4 - 6 t^5 and dS/dr.
struct Switch {
  Switch(double r, double start, double inverse_width) {
    const double t = (r - start) * inverse_width, rest = 1.0 - t;
    value = 1.0 + t * t * t * (-10.0 + t * (15.0 - 6.0 * t));
    slope = -30.0 * t * t * rest * rest * inverse_width;
  }
  double value = 1.0, slope = 0.0;
};

/// Moves a distance vector to its nearest image; multiplies where Box::nearest_image divides.
struct NearestImage {
  NearestImage() = default;
  explicit NearestImage(const Box& its_box)
      : box(its_box), inverse{1.0 / box.ax, 1.0 / box.by, 1.0 / box.cz} {}
  Vec3 operator()(Vec3 d) const {
    const double n_c = std::floor(d.z * inverse.z + 0.5);
    d = {d.x - n_c * box.cx, d.y - n_c * box.cy, d.z - n_c * box.cz};
    const double n_b = std::floor(d.y * inverse.y + 0.5);
    d = {d.x - n_b * box.bx, d.y - n_b * box.by, d.z};
    d.x -= box.ax * std::floor(d.x * inverse.x + 0.5);
    return d;
  }
  Box box;
  Vec3 inverse;
};

/// The Coulomb part of a pair, kJ/mol, and its slope -dE/dr / r.
struct Coulomb {
  double energy = 0.0, slope = 0.0;
};

/// How the pairs of a list interact.
enum class PairKind { kFull, kCut, kPeriodic, kEwald };

class NonbondedTerm final : public PotentialTerm {
 public:
  NonbondedTerm(const Nonbonded& nonbonded, const std::optional<Box>& box)
      : pairs_(make_pair_list(nonbonded)),
        reaction_field_(nonbonded),
        cutoff2_(nonbonded.cutoff_nm * nonbonded.cutoff_nm),
        periodic_(is_periodic(nonbonded.method)),
        correction_(nonbonded) {
    if (is_ewald(nonbonded.method)) {
      if (!box) throw InternalError("an Ewald sum needs the box of its system");
      waves_.emplace(nonbonded, *box, pairs_.in_waves);
    }
    if (nonbonded.switching_distance_nm > 0.0) {
      switch_start_ = nonbonded.switching_distance_nm;
      switch_start2_ = switch_start_ * switch_start_;
      inverse_switch_width_ = 1.0 / (nonbonded.cutoff_nm - switch_start_);
    }
  }

  std::string name() const override { return "nonbonded"; }

  std::size_t workspace_size() const override { return waves_ ? waves_->workspace_size() : 0; }

  double evaluate(ConstCoordinates x, Span<double> forces, Span<double> workspace) const override {
    if (periodic_ && x.boxes.empty())
      throw InternalError("a periodic nonbonded term needs the box of the positions");
    const double pairs =
        forces.empty() ? sum_all<false>(x, nullptr) : sum_all<true>(x, forces.data());
    return waves_ ? pairs + waves_->evaluate(x, forces, workspace) : pairs;
  }

 private:
  template <bool kWithForces>
  double sum_all(ConstCoordinates x, double* forces) const {
    const NearestImage image = periodic_ ? NearestImage(x.boxes[0]) : NearestImage();
    const double full = sum<kWithForces, PairKind::kFull>(pairs_.full, image, x.data, forces);
    const double cut =
        waves_      ? sum<kWithForces, PairKind::kEwald>(pairs_.cut, image, x.data, forces)
        : periodic_ ? sum<kWithForces, PairKind::kPeriodic>(pairs_.cut, image, x.data, forces)
                    : sum<kWithForces, PairKind::kCut>(pairs_.cut, image, x.data, forces);
    const double tail = periodic_ ? correction_.energy(x.boxes[0].volume()) : 0.0;
    return full + cut + tail;
  }

  template <bool kWithForces, PairKind kKind>
  double sum(const std::vector<PairParameters>& pairs, const NearestImage& image, const double* x,
             double* forces) const {
    constexpr bool kCut = kKind != PairKind::kFull;
    double energy = 0.0;
    for (const PairParameters& pair : pairs) {
      Vec3 d = load_atom(x, pair.i) - load_atom(x, pair.j);
      if constexpr (kKind == PairKind::kPeriodic || kKind == PairKind::kEwald) d = image(d);
      const double r2 = dot(d, d);
      if (kCut && r2 > cutoff2_) continue;
      if (r2 == 0.0) return kInfiniteEnergy;
      const double inverse_r = 1.0 / std::sqrt(r2), inverse_r2 = inverse_r * inverse_r;
      const double inverse_r6 = inverse_r2 * inverse_r2 * inverse_r2;
      double repulsion = pair.c12 * inverse_r6 * inverse_r6;
      double attraction = pair.c6 * inverse_r6;
      double switching = 0.0;  // -dS/dr / r times the Lennard-Jones energy
      if (kCut && r2 > switch_start2_) {
        const Switch s(r2 * inverse_r, switch_start_, inverse_switch_width_);
        switching = -(repulsion - attraction) * s.slope * inverse_r;
        repulsion *= s.value;
        attraction *= s.value;
      }
      const Coulomb coulomb = coulomb_of<kKind>(pair.coulomb, r2, inverse_r);
      energy += repulsion - attraction + coulomb.energy;
      if constexpr (kWithForces) {
        const double slope =
            (12.0 * repulsion - 6.0 * attraction) * inverse_r2 + switching + coulomb.slope;
        const Vec3 f = slope * d;
        add_to_atom(forces, pair.i, f);
        add_to_atom(forces, pair.j, -1.0 * f);
      }
    }
    return energy;
  }

  /// @param factor  k_C q_i q_j
  template <PairKind kKind>
  Coulomb coulomb_of(double factor, double r2, double inverse_r) const {
    const double inverse_r2 = inverse_r * inverse_r, plain = factor * inverse_r;
    if constexpr (kKind == PairKind::kFull) return {plain, plain * inverse_r2};
    if constexpr (kKind == PairKind::kEwald) {
      const double alpha = waves_->split().alpha();
      const double screened = plain * std::erfc(alpha * r2 * inverse_r);
      const double cloud = factor * 2.0 * alpha / std::sqrt(kPi) * std::exp(-alpha * alpha * r2);
      return {screened, (screened + cloud) * inverse_r2};
    }
    return {plain + factor * (reaction_field_.k_rf * r2 - reaction_field_.c_rf),
            plain * inverse_r2 - 2.0 * reaction_field_.k_rf * factor};
  }

  const PairList pairs_;
  const ReactionField reaction_field_;
  double cutoff2_;
  double switch_start_ = 0.0, inverse_switch_width_ = 0.0;
  double switch_start2_ = std::numeric_limits<double>::infinity();
  bool periodic_;
  const LongRangeCorrection correction_;
  std::optional<EwaldWaves> waves_;
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_nonbonded_term(const Nonbonded& nonbonded,
                                                         const std::optional<Box>& box) {
  return std::make_unique<NonbondedTerm>(nonbonded, box);
}

}  // namespace saltus::engine
