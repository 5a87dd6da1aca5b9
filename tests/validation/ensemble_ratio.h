#pragma once

#include <cstddef>
#include <vector>

namespace saltus::tests {

/// Values of one observable: [chains][frames]; chains are independent of each other.
using ChainSeries = std::vector<std::vector<double>>;

/// A measured number beside the one that physics asks for.
struct Comparison {
  double measured = 0.0;
  double error = 0.0;  ///< one standard error, estimated from `degrees_of_freedom` + 1 groups
  double expected = 0.0;
  std::size_t degrees_of_freedom = 0;

  double standard_errors() const { return (measured - expected) / error; }
  /// The standard normal number that is as rare as standard_errors() is of Student's t; NaN where
  /// the measured one is.
  double normal_deviate() const;
  /// Smallest deviation from what is expected that lies beyond `limit` (a normal deviate) with the
  /// probability that a normal number is below `sure`: (t(limit) + sure) error.
  double deviation_seen(double limit, double sure) const;
};

/// Slope b of ln p2(x)/p1(x) = a - b x between two equilibrium ensembles of the same system, by
/// maximum likelihood; x is the potential energy and b = 1/kT2 - 1/kT1 (kJ/mol)^-1 at constant
/// volume, the enthalpy at constant pressure, or the volume and b = (P2 - P1)/kT at two pressures.
/// Holds for any system; a sampler that leaves another distribution invariant moves b. Error:
/// jackknife over groups of chains, 32 of them or as many as there are chains. Source: Shirts, J.
/// Chem. Theory Comput. 9, 909 (2013), doi:10.1021/ct300688p.
/// @param first, second  at least 16 chains each
/// @returns NaN where the two do not overlap
Comparison ensemble_ratio(const ChainSeries& first, const ChainSeries& second, double expected);

/// Mean over chains and frames; error from the scatter of the chains' means.
Comparison mean_of(const ChainSeries& series, double expected);

}  // namespace saltus::tests
