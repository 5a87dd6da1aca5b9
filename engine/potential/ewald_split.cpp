#include "engine/potential/ewald_split.h"

#include <cmath>

namespace saltus::engine {

namespace {

/// Of the waves left out by kPme to the pairs beyond the cutoff, by their exponentials.
constexpr double kWaveToPairError = 0.01;

/// OpenMM's choice for waves along an edge: |n| is below the first odd number for which its
/// estimate of the error is below the tolerance, searched for from 10 on.
long largest_index(double edge_nm, double alpha, double tolerance) {
  const double width = edge_nm * alpha;
  const auto is_too_few = [&](long n) {
    const double ratio = kPi * static_cast<double>(n) / width;
    return 0.05 * std::sqrt(width) * static_cast<double>(n) * std::exp(-ratio * ratio) > tolerance;
  };
  long n = 10;
  while (is_too_few(n)) ++n;
  while (n > 1 && !is_too_few(n - 1)) --n;
  if (n % 2 == 0) ++n;
  return n - 1;
}

}  // namespace

EwaldSplit::EwaldSplit(const Nonbonded& nonbonded, const Box& box)
    : alpha_(nonbonded.ewald.alpha_per_nm) {
  const double tolerance = nonbonded.ewald.tolerance;
  if (alpha_ == 0.0) alpha_ = std::sqrt(-std::log(2.0 * tolerance)) / nonbonded.cutoff_nm;
  double squares = 0.0;
  for (const NonbondedParticle& p : nonbonded.particles) squares += p.charge * p.charge;
  self_energy_ = -kCoulombConstant * alpha_ / std::sqrt(kPi) * squares;
  if (nonbonded.method == NonbondedMethod::kPme) {
    const double at_cutoff = alpha_ * nonbonded.cutoff_nm;
    longest_ = alpha_ / kPi * std::sqrt(at_cutoff * at_cutoff - std::log(kWaveToPairError));
  } else {
    const std::array<double, 3> edges = box.edges_nm();
    for (std::size_t d = 0; d < 3; ++d) fixed_[d] = largest_index(edges[d], alpha_, tolerance);
  }
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
