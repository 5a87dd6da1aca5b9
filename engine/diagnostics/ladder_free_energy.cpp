#include "engine/diagnostics/ladder_free_energy.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/core/error.h"
#include "engine/diagnostics/free_energy_detail.h"
#include "engine/diagnostics/reweighting.h"

namespace saltus::engine {

namespace {

/// Solves A x = b in place by Cholesky's factors; A symmetric, row-major, its lower half is used.
/// @throws NumericalError  when A is not positive definite
void solve_positive(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i > j) {
        a[i * n + j] = sum / a[j * n + j];
        continue;
      }
      if (!(sum > 0.0))
        throw NumericalError("MBAR: an ensemble has nothing in common with the others");
      a[j * n + j] = std::sqrt(sum);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
}

/// MBAR's function of differences of f_k from a reference, at given numbers of each sample.
class Mbar {
 public:
  explicit Mbar(const LadderSamples& samples)
      : samples_(samples),
        n_states_(samples.counts.size()),
        n_(samples.potentials.size() / n_states_),
        factors_(samples.potentials.size()) {}

  /// f_k relative to the first.
  std::vector<double> solve(std::vector<double> f) {
    constexpr double kTolerance = 1e-9;
    // Differences from the reference are exponents: once they are small, nothing can overflow.
    constexpr std::size_t kReferences = 50;
    const std::vector<double> once(n_, 1.0);
    for (std::size_t i = 0; i < kReferences; ++i) {
      refer_to(f);
      const std::vector<double> shift = minimum(once, kTolerance);
      double largest = 0.0;
      for (std::size_t k = 0; k < n_states_; ++k) {
        f[k] += shift[k];
        largest = std::max(largest, std::abs(shift[k]));
      }
      if (largest < 1.0) {
        refer_to(f);
        return f;
      }
    }
    throw_endless();
  }

  /// Differences from the last solution of samples that count as often as `times` says.
  std::vector<double> redrawn(const std::vector<double>& times) const {
    constexpr double kTolerance = 1e-6;
    std::vector<double> shift = minimum(times, kTolerance);
    for (const double s : shift)
      if (std::abs(s) > kFarthest) throw_endless();
    return shift;
  }

 private:
  /// Of f_k from their reference: beyond, exponents would grow too large.
  static constexpr double kFarthest = 100.0;

  [[noreturn]] static void throw_endless() {
    throw NumericalError("MBAR did not converge: neighbouring ensembles have too little in common");
  }

  /// Factors exp(f_k - u_k(x_n)), for each sample relative to the largest.
  void refer_to(const std::vector<double>& f) {
    for (std::size_t i = 0; i < n_; ++i) {
      double* row = factors_.data() + i * n_states_;
      for (std::size_t k = 0; k < n_states_; ++k) row[k] = f[k] - samples_.potentials[k * n_ + i];
      const double largest = *std::max_element(row, row + n_states_);
      if (!std::isfinite(largest))
        throw NumericalError("MBAR: sample " + std::to_string(i) + " has weight in no ensemble");
      for (std::size_t k = 0; k < n_states_; ++k) row[k] = std::exp(row[k] - largest);
    }
  }

  double function_at(const std::vector<double>& times, const std::vector<double>& shift) const {
    const std::vector<double> scales = scales_of(shift);
    double sum = 0.0;
    for (std::size_t i = 0; i < n_; ++i) {
      const double* row = factors_.data() + i * n_states_;
      double denominator = 0.0;
      for (std::size_t k = 0; k < n_states_; ++k) denominator += scales[k] * row[k];
      if (times[i] > 0.0) sum += times[i] * std::log(denominator);
    }
    for (std::size_t k = 0; k < n_states_; ++k)
      sum -= static_cast<double>(samples_.counts[k]) * shift[k];
    return sum;
  }

  std::vector<double> scales_of(const std::vector<double>& shift) const {
    std::vector<double> scales(n_states_);
    for (std::size_t k = 0; k < n_states_; ++k)
      scales[k] = static_cast<double>(samples_.counts[k]) * std::exp(shift[k]);
    return scales;
  }

  /// Newton's step from here.
  std::vector<double> step_at(const std::vector<double>& times,
                              const std::vector<double>& shift) const {
    const std::vector<double> scales = scales_of(shift);
    const std::size_t m = n_states_ - 1;
    std::vector<double> gradient(m, 0.0), hessian(m * m, 0.0), p(n_states_);
    for (std::size_t i = 0; i < n_; ++i) {
      if (!(times[i] > 0.0)) continue;
      const double* row = factors_.data() + i * n_states_;
      double denominator = 0.0;
      for (std::size_t k = 0; k < n_states_; ++k) denominator += p[k] = scales[k] * row[k];
      for (std::size_t k = 0; k < n_states_; ++k) p[k] /= denominator;
      for (std::size_t k = 0; k < m; ++k) {
        const double here = times[i] * p[k + 1];
        gradient[k] += here;
        for (std::size_t l = 0; l < k; ++l) hessian[k * m + l] -= here * p[l + 1];
        // 1 - p of the others, which keeps its digits where p is nearly 1.
        double others = 0.0;
        for (std::size_t l = 0; l < n_states_; ++l) others += l == k + 1 ? 0.0 : p[l];
        hessian[k * m + k] += here * others;
      }
    }
    for (std::size_t k = 0; k < m; ++k)
      gradient[k] = static_cast<double>(samples_.counts[k + 1]) - gradient[k];
    solve_positive(hessian, gradient);
    gradient.insert(gradient.begin(), 0.0);
    return gradient;
  }

  std::vector<double> minimum(const std::vector<double>& times, double tolerance) const {
    constexpr std::size_t kMostSteps = 200;
    std::vector<double> shift(n_states_, 0.0);
    for (std::size_t i = 0; i < kMostSteps; ++i) {
      std::vector<double> step = step_at(times, shift);
      double length = 0.0, distance = 0.0;
      for (const double s : step) length = std::max(length, std::abs(s));
      if (!std::isfinite(length)) throw_endless();
      // Far from the minimum steps are too long; they are halved until the function falls.
      const double before = length > 1.0 ? function_at(times, shift) : 0.0;
      double scale = std::min(1.0, kFarthest / length);
      const auto moved = [&] {
        std::vector<double> result = shift;
        for (std::size_t k = 0; k < n_states_; ++k) result[k] += scale * step[k];
        return result;
      };
      constexpr double kSmallestScale = 1e-6;
      while (length > 1.0 && scale > kSmallestScale && !(function_at(times, moved()) < before))
        scale *= 0.5;
      shift = moved();
      for (const double s : shift) distance = std::max(distance, std::abs(s));
      if (length < tolerance || distance > kFarthest) return shift;
    }
    throw_endless();
  }

  const LadderSamples& samples_;
  std::size_t n_states_, n_;
  std::vector<double> factors_;  ///< [N, K]
};

/// Sums of Bennett's estimates between neighbours, to begin with.
std::vector<double> neighbour_sums(const LadderSamples& samples, std::size_t n) {
  std::vector<double> f = {0.0};
  std::size_t first = 0;
  for (std::size_t k = 0; k + 1 < samples.counts.size(); ++k) {
    const auto work = [&](std::size_t begin, std::size_t count, std::size_t from, std::size_t to) {
      std::vector<double> result;
      for (std::size_t i = begin; i < begin + count; ++i)
        result.push_back(samples.potentials[to * n + i] - samples.potentials[from * n + i]);
      check_works(result);
      return result;
    };
    const std::size_t second = first + samples.counts[k];
    f.push_back(f.back() + acceptance_ratio_of(work(first, samples.counts[k], k, k + 1),
                                               work(second, samples.counts[k + 1], k + 1, k)));
    first = second;
  }
  return f;
}

/// f_k and then their differences.
std::vector<double> with_differences(std::vector<double> f) {
  const std::size_t n = f.size();
  for (std::size_t k = 0; k + 1 < n; ++k) f.push_back(f[k + 1] - f[k]);
  return f;
}

void check_ladder(const LadderSamples& samples, std::size_t n) {
  if (samples.counts.size() < 2 || samples.potentials.size() != n * samples.counts.size())
    throw InputError("MBAR: expected the reduced potentials of two ensembles or more at all " +
                     std::to_string(n) + " samples, got " +
                     std::to_string(samples.potentials.size()) + " numbers for " +
                     std::to_string(samples.counts.size()) + " ensembles");
  for (const std::size_t count : samples.counts) {
    check_blocks(count, samples.block_size);
    if (samples.joint_blocks && count != samples.counts[0])
      throw InputError("MBAR: joint blocks need as many samples of each ensemble, got " +
                       std::to_string(samples.counts[0]) + " and " + std::to_string(count));
  }
  check_works(samples.potentials);
}

/// How often each sample is in a draw.
std::vector<double> times_drawn(const LadderSamples& samples, std::size_t n, RandomStream& stream) {
  std::vector<double> times(n, 0.0);
  std::vector<std::size_t> drawn;
  std::size_t first = 0;
  for (const std::size_t count : samples.counts) {
    if (drawn.empty() || !samples.joint_blocks)
      drawn = draw_blocks(count, samples.block_size, stream);
    for (const std::size_t i : drawn) times[first + i] += 1.0;
    first += count;
  }
  return times;
}

}  // namespace

LadderFreeEnergies ladder_free_energies(const LadderSamples& samples,
                                        const BootstrapOptions& options) {
  const std::size_t n =
      std::accumulate(samples.counts.begin(), samples.counts.end(), std::size_t{0});
  check_ladder(samples, n);
  check_draws(options);
  Mbar mbar(samples);
  const std::vector<double> values = with_differences(mbar.solve(neighbour_sums(samples, n)));
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    return with_differences(mbar.redrawn(times_drawn(samples, n, stream)));
  });
  LadderFreeEnergies result;
  for (std::size_t k = 0; k < values.size(); ++k)
    (k < samples.counts.size() ? result.from_first : result.to_next)
        .push_back({values[k], errors[k]});
  return result;
}

namespace {

/// Some samples of one level.
std::vector<double> of_level(Span<const double> works, std::size_t level, std::size_t n_levels,
                             const std::vector<std::size_t>& which) {
  const std::size_t n = works.size() / n_levels;
  std::vector<double> result;
  result.reserve(which.size());
  for (const std::size_t i : which) result.push_back(works[level * n + i]);
  return result;
}

/// Work of pair k: there and back.
struct PairWork {
  std::vector<double> there, back;
};

PairWork pair_of(const LadderWork& work, std::size_t k, const std::vector<std::size_t>& which) {
  return {of_level(work.to_next, k, work.n_levels, which),
          of_level(work.to_previous, k + 1, work.n_levels, which)};
}

/// Per pair: up, down, Bennett's; then Bennett's sums from the first level on.
std::vector<double> estimates_of(const LadderWork& work, const std::vector<std::size_t>& which) {
  std::vector<double> result, sums = {0.0};
  for (std::size_t k = 0; k + 1 < work.n_levels; ++k) {
    const PairWork pair = pair_of(work, k, which);
    const double bennett = acceptance_ratio_of(pair.there, pair.back);
    result.insert(result.end(),
                  {perturbation_of(pair.there), -perturbation_of(pair.back), bennett});
    sums.push_back(sums.back() + bennett);
  }
  result.insert(result.end(), sums.begin(), sums.end());
  return result;
}

double share_of(std::vector<double> work) {
  for (double& w : work) w = -w;
  return kish_effective_sample_size(work) / static_cast<double>(work.size());
}

}  // namespace

LadderWorkEstimates ladder_work_free_energies(const LadderWork& work,
                                              const BootstrapOptions& options) {
  const std::size_t n_levels = work.n_levels, total = work.to_next.size();
  if (n_levels < 2 || total % n_levels != 0 || work.to_previous.size() != total)
    throw InputError(
        "work along a ladder: expected as many works both ways, a whole number for "
        "each of two levels or more, got " +
        std::to_string(total) + " and " + std::to_string(work.to_previous.size()) + " of " +
        std::to_string(n_levels) + " levels");
  const std::size_t n = total / n_levels;
  check_blocks(n, work.block_size);
  check_works(work.to_next.subspan(0, total - n));
  check_works(work.to_previous.subspan(n, total - n));
  check_draws(options);
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const std::vector<double> values = estimates_of(work, all);
  const auto errors = bootstrap_errors(options, [&](RandomStream& stream) {
    return estimates_of(work, draw_blocks(n, work.block_size, stream));
  });
  LadderWorkEstimates result;
  std::size_t at = 0;
  const auto next = [&]() -> FreeEnergyEstimate {
    ++at;
    return {values[at - 1], errors[at - 1]};
  };
  for (std::size_t k = 0; k + 1 < n_levels; ++k) {
    NeighbourFreeEnergy pair;
    pair.up = next();
    pair.down = next();
    pair.bennett = next();
    const PairWork of_pair = pair_of(work, k, all);
    pair.overlap = work_overlap({of_pair.there, work.block_size}, {of_pair.back, work.block_size},
                                pair.bennett.value);
    pair.share_up = share_of(of_pair.there);
    pair.share_down = share_of(of_pair.back);
    for (std::size_t i = 0; i < n; ++i)
      pair.acceptance +=
          std::min(1.0, std::exp(-of_pair.there[i] - of_pair.back[i])) / static_cast<double>(n);
    result.pairs.push_back(pair);
  }
  for (std::size_t k = 0; k < n_levels; ++k) result.from_first.push_back(next());
  return result;
}

}  // namespace saltus::engine
