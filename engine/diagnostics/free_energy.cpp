#include "engine/diagnostics/free_energy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <string>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/random.h"

namespace saltus::engine {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// 1 / (1 + exp(x)), without overflow.
double fermi(double x) {
  return x > 0.0 ? std::exp(-x) / (1.0 + std::exp(-x)) : 1.0 / (1.0 + std::exp(x));
}

void check_blocks(std::size_t n, std::size_t block_size) {
  if (block_size == 0 || n % block_size != 0 || n / block_size < 2)
    throw InputError("free energies need two blocks or more of the same size: got " +
                     std::to_string(n) + " samples in blocks of " + std::to_string(block_size));
}

void check_values(Span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i]) || values[i] == -kInfinity)
      throw InputError("sample " + std::to_string(i) + " has a work or a reduced potential of " +
                       (std::isnan(values[i]) ? "NaN" : "-inf") +
                       ": expected a finite number or +inf");
}

void check_work(WorkSamples samples) {
  check_blocks(samples.work.size(), samples.block_size);
  check_values(samples.work);
}

void check_draws(const BootstrapOptions& options) {
  if (options.n_draws < 2)
    throw InputError("a bootstrap needs two draws or more, got " + std::to_string(options.n_draws));
}

/// Indices of samples of as many blocks, drawn with replacement.
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

std::vector<double> redrawn(WorkSamples samples, RandomStream& stream) {
  std::vector<double> result;
  for (const std::size_t i : draw_blocks(samples.work.size(), samples.block_size, stream))
    result.push_back(samples.work[i]);
  return result;
}

/// Standard deviation over draws, of each of the numbers that `estimate` gives.
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

double perturbation(std::vector<double> work) {
  for (double& w : work) w = -w;
  const double sum = log_sum_exp(work);
  if (!std::isfinite(sum))
    throw NumericalError("free-energy perturbation: the work of all " +
                         std::to_string(work.size()) + " samples is infinite");
  return std::log(static_cast<double>(work.size())) - sum;
}

double acceptance_ratio(const std::vector<double>& forward, const std::vector<double>& reverse) {
  const double m =
      std::log(static_cast<double>(forward.size()) / static_cast<double>(reverse.size()));
  const auto excess = [&](double delta_f) {
    double sum = 0.0;
    for (const double w : forward) sum += fermi(m + w - delta_f);
    for (const double w : reverse) sum -= fermi(-m + w + delta_f);
    return sum;
  };
  double low = kInfinity, high = -kInfinity;
  for (const double w : forward)
    if (std::isfinite(w)) low = std::min(low, w), high = std::max(high, w);
  for (const double w : reverse)
    if (std::isfinite(w)) low = std::min(low, -w), high = std::max(high, -w);
  if (low > high)
    throw NumericalError("Bennett's acceptance ratio: the work of all samples is infinite");
  // Steps double until the root is inside; a bracket as wide as this has none.
  constexpr double kWidest = 1e6;
  for (double step = 1.0; excess(low) > 0.0; step *= 2.0) {
    if (step > kWidest) throw NumericalError("Bennett's acceptance ratio: no solution");
    low -= step;
  }
  for (double step = 1.0; excess(high) < 0.0; step *= 2.0) {
    if (step > kWidest) throw NumericalError("Bennett's acceptance ratio: no solution");
    high += step;
  }
  // Until the middle is one of the ends.
  while (true) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return middle;
    (excess(middle) > 0.0 ? high : low) = middle;
  }
}

/// f_k of the given samples, which are in the order of their ensembles.
class Ladder {
 public:
  Ladder(const LadderSamples& samples, std::size_t n) : samples_(samples), n_(n) {}

  std::vector<double> solve(const std::vector<std::size_t>& which) const {
    constexpr double kTolerance = 1e-10;
    constexpr std::size_t kMostIterations = 100000;
    const std::size_t n_states = samples_.counts.size();
    std::vector<double> f(n_states, 0.0), denominators(which.size());
    for (std::size_t iteration = 0; iteration < kMostIterations; ++iteration) {
      std::vector<double> terms(n_states);
      for (std::size_t i = 0; i < which.size(); ++i) {
        for (std::size_t k = 0; k < n_states; ++k)
          terms[k] = std::log(static_cast<double>(samples_.counts[k])) + f[k] - u(k, which[i]);
        denominators[i] = log_sum_exp(terms);
      }
      std::vector<double> next(n_states);
      std::vector<double> rows(which.size());
      double change = 0.0;
      for (std::size_t k = 0; k < n_states; ++k) {
        for (std::size_t i = 0; i < which.size(); ++i) rows[i] = -u(k, which[i]) - denominators[i];
        next[k] = -log_sum_exp(rows);
        change = std::max(change, std::abs(next[k] - next[0] - f[k]));
        if (!std::isfinite(next[k]))
          throw NumericalError("MBAR: ensemble " + std::to_string(k) +
                               " has weight at none of the samples");
      }
      for (std::size_t k = 0; k < n_states; ++k) f[k] = next[k] - next[0];
      if (change < kTolerance) return f;
    }
    throw NumericalError("MBAR did not converge in " + std::to_string(kMostIterations) +
                         " iterations: neighbouring ensembles have too little in common");
  }

 private:
  double u(std::size_t k, std::size_t sample) const { return samples_.potentials[k * n_ + sample]; }

  const LadderSamples& samples_;
  std::size_t n_;
};

}  // namespace

FreeEnergyEstimate perturbation_free_energy(WorkSamples forward, const BootstrapOptions& options) {
  check_work(forward);
  check_draws(options);
  const double value = perturbation({forward.work.begin(), forward.work.end()});
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    return std::vector<double>{perturbation(redrawn(forward, stream))};
  });
  return {value, errors[0]};
}

FreeEnergyEstimate acceptance_ratio_free_energy(WorkSamples forward, WorkSamples reverse,
                                                const BootstrapOptions& options) {
  check_work(forward);
  check_work(reverse);
  check_draws(options);
  const double value = acceptance_ratio({forward.work.begin(), forward.work.end()},
                                        {reverse.work.begin(), reverse.work.end()});
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    const std::vector<double> there = redrawn(forward, stream), back = redrawn(reverse, stream);
    return std::vector<double>{acceptance_ratio(there, back)};
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

std::vector<FreeEnergyEstimate> ladder_free_energies(const LadderSamples& samples,
                                                     const BootstrapOptions& options) {
  const std::size_t n =
      std::accumulate(samples.counts.begin(), samples.counts.end(), std::size_t{0});
  if (samples.counts.size() < 2 || samples.potentials.size() != n * samples.counts.size())
    throw InputError("MBAR: expected the reduced potentials of two ensembles or more at all " +
                     std::to_string(n) + " samples, got " +
                     std::to_string(samples.potentials.size()) + " numbers for " +
                     std::to_string(samples.counts.size()) + " ensembles");
  for (const std::size_t count : samples.counts) check_blocks(count, samples.block_size);
  check_values(samples.potentials);
  check_draws(options);
  const Ladder ladder(samples, n);
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const std::vector<double> values = ladder.solve(all);
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    std::vector<std::size_t> which;
    std::size_t first = 0;
    for (const std::size_t count : samples.counts) {
      for (const std::size_t i : draw_blocks(count, samples.block_size, stream))
        which.push_back(first + i);
      first += count;
    }
    return ladder.solve(which);
  });
  std::vector<FreeEnergyEstimate> result;
  for (std::size_t k = 0; k < values.size(); ++k) result.push_back({values[k], errors[k]});
  return result;
}

}  // namespace saltus::engine
