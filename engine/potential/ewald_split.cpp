#include "engine/potential/ewald_split.h"

#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::engine {

namespace {

/// Of the waves left out by kPme to the pairs beyond the cutoff, by their exponentials.
constexpr double kWaveToPairError = 0.01;

/// Half of the waves; each costs some nanoseconds for every atom.
constexpr double kMostWaves = 1e7;

/// @param largest  |n_a|, |n_b|, |n_c|
void require_few_waves(const std::array<double, 3>& largest, const Box& box, double tolerance) {
  double half = 0.5;
  for (const double n : largest) half *= 2.0 * n + 1.0;
  if (half <= kMostWaves) return;
  const std::array<double, 3> edges = box.edges_nm();
  throw InputError("Ewald sum: a box of " + significant_text(edges[0], 4) + " x " +
                   significant_text(edges[1], 4) + " x " + significant_text(edges[2], 4) +
                   " nm with a tolerance of " + shortest_text(tolerance) + " needs " +
                   significant_text(half, 2) + " waves, expected at most " +
                   significant_text(kMostWaves, 2) +
                   "; correct the box, raise the tolerance or the cutoff, or take PME by OpenMM");
}

/// OpenMM's choice for waves along an edge: |n| is below the first odd number for which its
/// estimate of the error is below the tolerance, searched for from 10 on.
long largest_index(double edge_nm, double alpha, double tolerance) {
  const double width = edge_nm * alpha;
  const auto is_too_few = [&](long n) {
    const double ratio = kPi * static_cast<double>(n) / width;
    return 0.05 * std::sqrt(width) * static_cast<double>(n) * std::exp(-ratio * ratio) > tolerance;
  };
  long n = 10;
  while (is_too_few(n) && static_cast<double>(n) <= kMostWaves) ++n;
  while (n > 1 && !is_too_few(n - 1)) --n;
  if (n % 2 == 0) ++n;
  return n - 1;
}

}  // namespace

double ewald_alpha(const Nonbonded& nonbonded) {
  if (nonbonded.ewald.alpha_per_nm > 0.0) return nonbonded.ewald.alpha_per_nm;
  return std::sqrt(-std::log(2.0 * nonbonded.ewald.tolerance)) / nonbonded.cutoff_nm;
}

EwaldSplit::EwaldSplit(const Nonbonded& nonbonded, const Box& box)
    : alpha_(ewald_alpha(nonbonded)) {
  const double tolerance = nonbonded.ewald.tolerance;
  double squares = 0.0;
  for (const NonbondedParticle& p : nonbonded.particles) squares += p.charge * p.charge;
  self_energy_ = -kCoulombConstant * alpha_ / std::sqrt(kPi) * squares;
  if (nonbonded.method == NonbondedMethod::kPme) {
    const double at_cutoff = alpha_ * nonbonded.cutoff_nm;
    longest_ = alpha_ / kPi * std::sqrt(at_cutoff * at_cutoff - std::log(kWaveToPairError));
  }
  const std::array<double, 3> edges = box.edges_nm();
  std::array<double, 3> largest{};
  for (std::size_t d = 0; d < 3; ++d) {
    if (nonbonded.method == NonbondedMethod::kPme) {
      largest[d] = std::floor(longest_ * edges[d]);
    } else {
      fixed_[d] = largest_index(edges[d], alpha_, tolerance);
      largest[d] = static_cast<double>(fixed_[d]);
    }
  }
  require_few_waves(largest, box, tolerance);
}

std::array<long, 3> EwaldSplit::largest_indices(const Box& box) const {
  if (std::isinf(longest_)) return fixed_;
  // n_a = m a, and no product of vectors is larger than that of their lengths.
  std::array<long, 3> largest{};
  const std::array<double, 3> edges = box.edges_nm();
  for (std::size_t d = 0; d < 3; ++d) largest[d] = static_cast<long>(longest_ * edges[d]);
  return largest;
}

}  // namespace saltus::engine
