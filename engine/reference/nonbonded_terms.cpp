#include "engine/reference/nonbonded_terms.h"

#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/vec3.h"
#include "engine/potential/long_range_correction.h"
#include "engine/potential/pair_list.h"

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

/// Moves a distance vector to its nearest image in a rectangular box; multiplies where
/// Box::nearest_image divides.
struct NearestImage {
  NearestImage() = default;
  explicit NearestImage(const Box& box)
      : edge{box.ax, box.by, box.cz}, inverse{1.0 / box.ax, 1.0 / box.by, 1.0 / box.cz} {}
  Vec3 operator()(Vec3 d) const {
    return {d.x - edge.x * std::floor(d.x * inverse.x + 0.5),
            d.y - edge.y * std::floor(d.y * inverse.y + 0.5),
            d.z - edge.z * std::floor(d.z * inverse.z + 0.5)};
  }
  Vec3 edge, inverse;
};

/// How the pairs of a list interact.
enum class PairKind { kFull, kCut, kPeriodic };

class NonbondedTerm final : public PotentialTerm {
 public:
  explicit NonbondedTerm(const Nonbonded& nonbonded)
      : pairs_(make_pair_list(nonbonded)),
        reaction_field_(nonbonded),
        cutoff2_(nonbonded.cutoff_nm * nonbonded.cutoff_nm),
        periodic_(nonbonded.method == NonbondedMethod::kCutoffPeriodic),
        correction_(nonbonded) {
    if (nonbonded.switching_distance_nm > 0.0) {
      switch_start_ = nonbonded.switching_distance_nm;
      switch_start2_ = switch_start_ * switch_start_;
      inverse_switch_width_ = 1.0 / (nonbonded.cutoff_nm - switch_start_);
    }
  }

  std::string name() const override { return "nonbonded"; }

  double evaluate(ConstCoordinates x, Span<double> forces, Span<double>) const override {
    if (periodic_ && x.boxes.empty())
      throw InternalError("a periodic nonbonded term needs the box of the positions");
    return forces.empty() ? sum_all<false>(x, nullptr) : sum_all<true>(x, forces.data());
  }

 private:
  template <bool kWithForces>
  double sum_all(ConstCoordinates x, double* forces) const {
    const NearestImage image = periodic_ ? NearestImage(x.boxes[0]) : NearestImage();
    const double full = sum<kWithForces, PairKind::kFull>(pairs_.full, image, x.data, forces);
    const double cut =
        periodic_ ? sum<kWithForces, PairKind::kPeriodic>(pairs_.cut, image, x.data, forces)
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
      if constexpr (kKind == PairKind::kPeriodic) d = image(d);
      const double r2 = dot(d, d);
      if (kCut && r2 > cutoff2_) continue;
      if (r2 == 0.0) return kInfiniteEnergy;
      const double inverse_r = 1.0 / std::sqrt(r2), inverse_r2 = inverse_r * inverse_r;
      const double inverse_r6 = inverse_r2 * inverse_r2 * inverse_r2;
      double repulsion = pair.c12 * inverse_r6 * inverse_r6;
      double attraction = pair.c6 * inverse_r6;
      const double coulomb = pair.coulomb * inverse_r;
      double switching = 0.0;  // -dS/dr / r times the Lennard-Jones energy
      if (kCut && r2 > switch_start2_) {
        const Switch s(r2 * inverse_r, switch_start_, inverse_switch_width_);
        switching = -(repulsion - attraction) * s.slope * inverse_r;
        repulsion *= s.value;
        attraction *= s.value;
      }
      energy += repulsion - attraction + coulomb;
      if constexpr (kCut)
        energy += pair.coulomb * (reaction_field_.k_rf * r2 - reaction_field_.c_rf);
      if constexpr (kWithForces) {
        double slope = (12.0 * repulsion - 6.0 * attraction + coulomb) * inverse_r2;
        if constexpr (kCut) slope += switching - 2.0 * reaction_field_.k_rf * pair.coulomb;
        const Vec3 f = slope * d;
        add_to_atom(forces, pair.i, f);
        add_to_atom(forces, pair.j, -1.0 * f);
      }
    }
    return energy;
  }

  const PairList pairs_;
  const ReactionField reaction_field_;
  double cutoff2_;
  double switch_start_ = 0.0, inverse_switch_width_ = 0.0;
  double switch_start2_ = std::numeric_limits<double>::infinity();
  bool periodic_;
  const LongRangeCorrection correction_;
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_nonbonded_term(const Nonbonded& nonbonded) {
  return std::make_unique<NonbondedTerm>(nonbonded);
}

}  // namespace saltus::engine
