#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace saltus::tests {

/// False-alarm probability of one statistical assertion: a thousand of them stay below 1e-4 per
/// change of seed or algorithm.
constexpr double kAlpha = 1e-7;
/// Probability of missing a gap of the stated size.
constexpr double kBeta = 1e-3;

/// Gap that the empirical distribution of n independent draws exceeds with probability at most
/// alpha: sqrt(ln(2/alpha) / 2n). Holds at every n.
/// Source: Massart, Ann. Probab. 18, 1269 (1990), doi:10.1214/aop/1176990746.
double dkw_threshold(std::size_t n, double alpha);

/// Smallest true gap caught with probability 1 - beta:
/// (sqrt(ln(2/alpha)/2) + sqrt(ln(2/beta)/2)) / sqrt(n).
double smallest_gap_caught(std::size_t n, double alpha, double beta);

/// Outcome of comparing independent draws with a distribution; a value, so that a planted bug can
/// be shown to fail the very assertion that correct code passes.
struct DistributionCheck {
  std::string label;
  std::size_t n = 0;
  double gap = 0.0;        ///< largest distance between empirical and exact distribution function
  double threshold = 0.0;  ///< fails above
  double power_gap = 0.0;  ///< smallest gap caught with probability 1 - kBeta

  bool passed() const { return gap <= threshold; }
  /// Upper bound of the probability of such a gap: 2 exp(-2 n gap^2).
  double p_value_bound() const;
  std::string describe() const;
};

using DistributionFunction = std::function<double(double)>;

/// @param values  independent draws; a NaN counts as the largest possible gap
DistributionCheck check_distribution(std::string label, std::vector<double> values,
                                     const DistributionFunction& cdf, double alpha = kAlpha);

/// Asserts first that a gap of `required_power` would be caught (probability 1 - kBeta), then that
/// there is none. Logs gap and p-value bound as a property of the running test
/// (--gtest_output=xml).
void expect_distribution(const std::string& label, std::vector<double> values,
                         const DistributionFunction& cdf, double required_power,
                         double alpha = kAlpha);

/// One number per chain with its exact distribution.
struct Projection {
  std::string label;
  std::vector<double> values;
  DistributionFunction cdf;
};

/// Checks several projections of the same chains, alpha divided among them (Bonferroni); returns
/// the one with the largest gap relative to its threshold.
DistributionCheck check_projections(std::vector<Projection> projections, double alpha = kAlpha);
void expect_projections(std::vector<Projection> projections, double required_power,
                        double alpha = kAlpha);

/// Asserts what was computed by one of the checks above: power first, then gap.
void expect_passed(const DistributionCheck& check, double required_power);
/// The same for a planted bug: enough power, and the gap is seen.
void expect_caught(const DistributionCheck& check);

/// Detailed balance: E[f(x0) g(xk)] = E[f(xk) g(x0)] for f = 1[x < f_below], g = 1[x < g_below],
/// true for reversible moves started in the answer. By Hoeffding's inequality for differences in
/// [-1, 1]: fails above sqrt(2 ln(2/alpha) / n).
DistributionCheck check_reversibility(std::string label, const std::vector<double>& before,
                                      const std::vector<double>& after, double f_below,
                                      double g_below, double alpha = kAlpha);

/// Two-sample permutation test on the difference of means, one independent number per chain:
/// (1 + number of random relabellings at least as extreme) / (1 + n_permutations).
double permutation_p_value(const std::vector<double>& a, const std::vector<double>& b,
                           std::size_t n_permutations, std::uint64_t seed);

}  // namespace saltus::tests
