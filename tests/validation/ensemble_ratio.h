#pragma once

#include <vector>

namespace saltus::tests {

/// Values of one observable: [chains][frames]; chains are independent of each other.
using ChainSeries = std::vector<std::vector<double>>;

/// A measured number beside the one that physics asks for.
struct Comparison {
  double measured = 0.0;
  double error = 0.0;  ///< one standard error
  double expected = 0.0;

  double standard_errors() const { return (measured - expected) / error; }
  /// Smallest relative deviation that lies beyond `limit` standard errors in 97.7 % of repetitions:
  /// (limit + 2) error / |expected|.
  double relative_deviation_seen(double limit) const;
};

/// Slope b of ln p2(x)/p1(x) = a - b x between two equilibrium ensembles of the same system, by
/// maximum likelihood; x is the potential energy and b = 1/kT2 - 1/kT1 (kJ/mol)^-1 at constant
/// volume, the enthalpy at constant pressure, or the volume and b = (P2 - P1)/kT at two pressures.
/// Holds for any system; a sampler that leaves another distribution invariant moves b. Error:
/// jackknife over 16 groups of chains. Source: Shirts, J. Chem. Theory Comput. 9, 909 (2013),
/// doi:10.1021/ct300688p.
/// @param first, second  at least 16 chains each
/// @returns NaN where the two do not overlap
Comparison ensemble_ratio(const ChainSeries& first, const ChainSeries& second, double expected);

/// Mean over chains and frames; error from the scatter of the chains' means.
Comparison mean_of(const ChainSeries& series, double expected);

}  // namespace saltus::tests
