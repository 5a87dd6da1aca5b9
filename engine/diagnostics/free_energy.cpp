#include "engine/diagnostics/free_energy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/diagnostics/free_energy_detail.h"

namespace saltus::engine {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// 1 / (1 + exp(x)), without overflow.
double fermi(double x) {
  return x > 0.0 ? std::exp(-x) / (1.0 + std::exp(-x)) : 1.0 / (1.0 + std::exp(x));
}

void check_work(WorkSamples samples) {
  check_blocks(samples.work.size(), samples.block_size);
  check_works(samples.work);
}

std::vector<double> redrawn(WorkSamples samples, RandomStream& stream) {
  std::vector<double> result;
  for (const std::size_t i : draw_blocks(samples.work.size(), samples.block_size, stream))
    result.push_back(samples.work[i]);
  return result;
}

/// The left side of Bennett's equation minus the right, and its derivative.
struct Excess {
  double value = 0.0, slope = 0.0;
};

Excess excess_of(const std::vector<double>& forward, const std::vector<double>& reverse, double m,
                 double delta_f) {
  Excess sum;
  for (const double w : forward) {
    const double p = fermi(m + w - delta_f);
    sum.value += p;
    sum.slope += p * (1.0 - p);
  }
  for (const double w : reverse) {
    const double p = fermi(-m + w + delta_f);
    sum.value -= p;
    sum.slope += p * (1.0 - p);
  }
  return sum;
}

}  // namespace

void check_blocks(std::size_t n, std::size_t block_size) {
  if (block_size == 0 || n % block_size != 0 || n / block_size < 2)
    throw InputError("free energies need two blocks or more of the same size: got " +
                     std::to_string(n) + " samples in blocks of " + std::to_string(block_size));
}

void check_works(Span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i]) || values[i] == -kInfinity)
      throw InputError("sample " + std::to_string(i) + " has a work or a reduced potential of " +
                       (std::isnan(values[i]) ? "NaN" : "-inf") +
                       ": expected a finite number or +inf");
}

void check_draws(const BootstrapOptions& options) {
  if (options.n_draws < 2)
    throw InputError("a bootstrap needs two draws or more, got " + std::to_string(options.n_draws));
}

std::vector<std::size_t> draw_blocks(std::size_t n, std::size_t block_size, RandomStream& stream) {
  const std::size_t n_blocks = n / block_size;
  std::vector<std::size_t> indices;
  indices.reserve(n);
  for (std::size_t i = 0; i < n_blocks; ++i) {
    const std::size_t first = block_size * static_cast<std::size_t>(stream.below(n_blocks));
    for (std::size_t k = 0; k < block_size; ++k) indices.push_back(first + k);
  }
  return indices;
}

std::vector<double> bootstrap_errors(
    const BootstrapOptions& options,
    const std::function<std::vector<double>(RandomStream&)>& estimate) {
  std::vector<double> sums, squares;
  const auto n = static_cast<double>(options.n_draws);
  std::vector<double> first;
  for (std::size_t draw = 0; draw < options.n_draws; ++draw) {
    RandomStream stream({options.seed, draw}, StreamName::kResampling, 0);
    const std::vector<double> values = estimate(stream);
    if (draw == 0) {
      first = values;
      sums.assign(values.size(), 0.0);
      squares.assign(values.size(), 0.0);
    }
    // Relative to the first draw, so that no digits cancel.
    for (std::size_t k = 0; k < values.size(); ++k) {
      sums[k] += values[k] - first[k];
      squares[k] += (values[k] - first[k]) * (values[k] - first[k]);
    }
  }
  for (std::size_t k = 0; k < sums.size(); ++k)
    sums[k] = std::sqrt(std::max(0.0, (squares[k] - sums[k] * sums[k] / n) / (n - 1.0)));
  return sums;
}

double perturbation_of(std::vector<double> work) {
  for (double& w : work) w = -w;
  const double sum = log_sum_exp(work);
  if (!std::isfinite(sum))
    throw NumericalError("free-energy perturbation: the work of all " +
                         std::to_string(work.size()) + " samples is infinite");
  return std::log(static_cast<double>(work.size())) - sum;
}

double acceptance_ratio_of(const std::vector<double>& forward, const std::vector<double>& reverse) {
  const double m =
      std::log(static_cast<double>(forward.size()) / static_cast<double>(reverse.size()));
  const auto excess = [&](double delta_f) { return excess_of(forward, reverse, m, delta_f); };
  double low = kInfinity, high = -kInfinity;
  for (const double w : forward)
    if (std::isfinite(w)) low = std::min(low, w), high = std::max(high, w);
  for (const double w : reverse)
    if (std::isfinite(w)) low = std::min(low, -w), high = std::max(high, -w);
  if (low > high)
    throw NumericalError("Bennett's acceptance ratio: the work of all samples is infinite");
  // Steps double until the root is inside; a bracket as wide as this has none.
  constexpr double kWidest = 1e6;
  for (double step = 1.0; excess(low).value > 0.0; step *= 2.0) {
    if (step > kWidest) throw NumericalError("Bennett's acceptance ratio: no solution");
    low -= step;
  }
  for (double step = 1.0; excess(high).value < 0.0; step *= 2.0) {
    if (step > kWidest) throw NumericalError("Bennett's acceptance ratio: no solution");
    high += step;
  }
  // Newton's steps, or the middle where they leave the bracket and at every third step, since in
  // the tails of all terms they are never longer than 1; until the bracket or the step is as small
  // as rounding.
  constexpr double kRounding = 4.0 * std::numeric_limits<double>::epsilon();
  double x = 0.5 * (low + high);
  for (std::size_t step = 0; x > low && x < high; ++step) {
    const Excess at = excess(x);
    if (at.value == 0.0) return x;
    (at.value > 0.0 ? high : low) = x;
    const double newton = x - at.value / at.slope;
    if (std::abs(newton - x) <= kRounding * std::max(1.0, std::abs(x))) return newton;
    const bool inside = newton > low && newton < high;
    x = inside && step % 3 != 2 ? newton : 0.5 * (low + high);
  }
  return x;
}

FreeEnergyEstimate perturbation_free_energy(WorkSamples forward, const BootstrapOptions& options) {
  check_work(forward);
  check_draws(options);
  const double value = perturbation_of({forward.work.begin(), forward.work.end()});
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    return std::vector<double>{perturbation_of(redrawn(forward, stream))};
  });
  return {value, errors[0]};
}

FreeEnergyEstimate acceptance_ratio_free_energy(WorkSamples forward, WorkSamples reverse,
                                                const BootstrapOptions& options) {
  check_work(forward);
  check_work(reverse);
  check_draws(options);
  const double value = acceptance_ratio_of({forward.work.begin(), forward.work.end()},
                                           {reverse.work.begin(), reverse.work.end()});
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    const std::vector<double> there = redrawn(forward, stream), back = redrawn(reverse, stream);
    return std::vector<double>{acceptance_ratio_of(there, back)};
  });
  return {value, errors[0]};
}

double work_overlap(WorkSamples forward, WorkSamples reverse, double delta_f) {
  check_work(forward);
  check_work(reverse);
  double there = 0.0, back = 0.0;
  for (const double w : forward.work) there += 2.0 * fermi(w - delta_f);
  for (const double w : reverse.work) back += 2.0 * fermi(w + delta_f);
  return 0.5 * (there / static_cast<double>(forward.work.size()) +
                back / static_cast<double>(reverse.work.size()));
}

}  // namespace saltus::engine
