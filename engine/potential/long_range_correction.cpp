#include "engine/potential/long_range_correction.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

/// What one pair loses beyond the switching distance, as factors of epsilon sigma^12 and of
/// -epsilon sigma^6, without the common factors.
struct Tail {
  double repulsion = 0.0, attraction = 0.0;
};

/// Integrals of (1 - S) r^-10 and (1 - S) r^-4 from `start` to `cutoff`, by Gauss-Legendre
/// quadrature with five points in panels so narrow that rounding is all that remains.
Tail switched_off_part(double start, double cutoff) {
  constexpr double kMaxRatio = 1.05;
  const double inner = std::sqrt(5.0 - 2.0 * std::sqrt(10.0 / 7.0)) / 3.0;
  const double outer = std::sqrt(5.0 + 2.0 * std::sqrt(10.0 / 7.0)) / 3.0;
  const double inner_weight = (322.0 + 13.0 * std::sqrt(70.0)) / 900.0;
  const double outer_weight = (322.0 - 13.0 * std::sqrt(70.0)) / 900.0;
  const std::pair<double, double> points[] = {{-outer, outer_weight},
                                              {-inner, inner_weight},
                                              {0.0, 128.0 / 225.0},
                                              {inner, inner_weight},
                                              {outer, outer_weight}};
  const double n_panels = std::ceil(std::log(cutoff / start) / std::log(kMaxRatio));
  const double ratio = std::pow(cutoff / start, 1.0 / n_panels);
  Tail tail;
  double low = start;
  for (double panel = 0.0; panel < n_panels; panel += 1.0) {
    const double half_width = 0.5 * low * (ratio - 1.0), middle = low + half_width;
    for (const auto& [place, weight] : points) {
      const double r = middle + half_width * place, t = (r - start) / (cutoff - start);
      const double switched_off = t * t * t * (10.0 + t * (-15.0 + 6.0 * t));
      const double share = weight * half_width * switched_off / std::pow(r, 4);
      tail.attraction += share;
      tail.repulsion += share / std::pow(r, 6);
    }
    low *= ratio;
  }
  return tail;
}

Tail tail_integrals(double switching_distance, double cutoff) {
  Tail tail;
  if (switching_distance > 0.0) tail = switched_off_part(switching_distance, cutoff);
  tail.repulsion += 1.0 / (9.0 * std::pow(cutoff, 9));
  tail.attraction += 1.0 / (3.0 * std::pow(cutoff, 3));
  return tail;
}

}  // namespace

LongRangeCorrection::LongRangeCorrection(const Nonbonded& nonbonded) {
  if (!nonbonded.long_range_correction) return;
  const Tail tail = tail_integrals(nonbonded.switching_distance_nm, nonbonded.cutoff_nm);
  // Particles of the same sigma and epsilon are one class: pairs of classes are few.
  std::map<std::pair<double, double>, double> classes;
  for (const NonbondedParticle& p : nonbonded.particles) classes[{p.sigma_nm, p.epsilon}] += 1.0;
  double sum = 0.0;
  for (auto first = classes.begin(); first != classes.end(); ++first)
    for (auto second = first; second != classes.end(); ++second) {
      const double n = first->second;
      const double n_pairs = first == second ? 0.5 * n * (n + 1.0) : n * second->second;
      const double sigma6 = std::pow(0.5 * (first->first.first + second->first.first), 6);
      const double epsilon = std::sqrt(first->first.second * second->first.second);
      sum += n_pairs * epsilon * sigma6 * (sigma6 * tail.repulsion - tail.attraction);
    }
  const double n_particles = static_cast<double>(nonbonded.particles.size());
  mean_ = sum / (0.5 * n_particles * (n_particles + 1.0));
  pairs_ = 8.0 * kPi * n_particles * n_particles;
  if (!std::isfinite(pairs_ * mean_))
    throw InputError(
        "nonbonded: the long-range correction is not finite; expected a larger switching distance "
        "or smaller Lennard-Jones parameters");
}

// Not in the header: it must be rounded alike wherever it is called from.
double LongRangeCorrection::energy(double volume) const {
  return is_zero() ? 0.0 : pairs_ / volume * mean_;
}

}  // namespace saltus::engine
