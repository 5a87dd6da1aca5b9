#include "engine/potential/minimise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

MinimisationResult minimise(const EnergyFunction& energy, Span<double> x,
                            const MinimisationOptions& options) {
  // The paper's constants; unit masses, and a largest step that keeps bonds whole.
  constexpr double kGrow = 1.1, kShrink = 0.5, kMixStart = 0.1, kMixShrink = 0.99;
  constexpr double kFirstStep = 1e-4, kLargestStep = 2e-3, kLargestMove = 0.01;
  constexpr std::size_t kPatience = 5;

  const std::size_t n = x.size();
  std::vector<double> forces(n), velocity(n, 0.0), u(1);
  const ConstCoordinates view{x.data(), 1, energy.n_atoms()};
  energy.evaluate(view, u, forces);
  if (!std::isfinite(u[0]))
    throw NumericalError(
        "the energy of the start is not finite: two atoms lie on top of each other; mend the "
        "coordinates");
  MinimisationResult result;
  double step = kFirstStep, mix = kMixStart;
  std::size_t downhill = 0;
  for (result.n_steps = 0; result.n_steps < options.n_steps; ++result.n_steps) {
    result.energy = u[0];
    result.rms_force = std::sqrt(dot(forces, forces) / static_cast<double>(n));
    if (result.rms_force < options.force_tolerance) break;
    const double power = dot(forces, velocity);
    if (power > 0.0) {
      const double turn = mix * std::sqrt(dot(velocity, velocity) / dot(forces, forces));
      for (std::size_t i = 0; i < n; ++i)
        velocity[i] = (1.0 - mix) * velocity[i] + turn * forces[i];
      if (++downhill > kPatience) {
        step = std::min(step * kGrow, kLargestStep);
        mix *= kMixShrink;
      }
    } else {
      std::fill(velocity.begin(), velocity.end(), 0.0);
      step *= kShrink;
      mix = kMixStart;
      downhill = 0;
    }
    for (std::size_t i = 0; i < n; ++i) {
      velocity[i] += step * forces[i];
      x[i] += std::clamp(step * velocity[i], -kLargestMove, kLargestMove);
    }
    energy.evaluate(view, u, forces);
    if (!std::isfinite(u[0]))
      throw NumericalError("the energy became infinite while the start was being minimised");
  }
  result.converged = result.rms_force < options.force_tolerance;
  return result;
}

}  // namespace saltus::engine
