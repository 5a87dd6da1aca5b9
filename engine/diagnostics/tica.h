#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// Features of several chains of equal length, made anew whenever they are asked for, so that they
/// need not be in memory all at once.
struct FeatureChains {
  std::size_t n_chains = 0, n_steps = 0, n_features = 0;
  /// Rows [n_steps, n_features] of one chain.
  std::function<std::vector<double>(std::size_t chain)> rows;
};

/// What fit_tica() looks for.
struct TicaOptions {
  std::size_t lag_steps = 1;     ///< >= 1, shorter than a chain
  std::size_t n_components = 2;  ///< wanted; fewer when the features have fewer directions
  /// Weights that turn pairs from chains that are not in equilibrium into equilibrium ones.
  bool koopman = false;
};

/// Linear functions of the features, slowest first, uncorrelated, of variance 1 and mean 0.
struct TicaModel {
  std::size_t n_features = 0, lag_steps = 1;
  std::vector<double> mean;         ///< [n_features]
  std::vector<double> components;   ///< [n_components, n_features]
  std::vector<double> eigenvalues;  ///< [n_components], autocorrelations at the lag, descending

  std::size_t n_components() const { return eigenvalues.size(); }
  /// -lag / ln(eigenvalue), steps; NaN where the eigenvalue is not between 0 and 1.
  double timescale_steps(std::size_t component) const;
  /// @param rows  [n, n_features]
  /// @return      [n, n_components]
  /// @throws InputError  when `rows` is no multiple of n_features
  std::vector<double> project(Span<const double> rows) const;
};

/// Time-lagged independent component analysis: solves C(lag) v = lambda C(0) v, with
///   C(0)   = E[w (x x' + y y')] / 2,   C(lag) = E[w (x y' + y x')] / 2,
/// over all pairs of a row x and the row y a lag later, about their common weighted mean: the
/// estimator of a reversible process, whose eigenvalues are real. w = 1, or the Koopman weights
/// w(x) = 1 + v.(x - E[x]) for which the features' means are the same at both ends of the pairs.
/// Features are scaled to variance 1 first; directions in which the scaled covariance is below 1e-6
/// of its largest eigenvalue are left out. Signs: the entry of a scaled component that is largest
/// in magnitude is positive.
/// Sources: Perez-Hernandez et al., J. Chem. Phys. 139, 015102 (2013), doi:10.1063/1.4811489;
/// weights: Wu et al., J. Chem. Phys. 146, 154104 (2017), doi:10.1063/1.4979344.
/// @throws InputError      for no features, chains that are not longer than the lag, a lag or
///                         number of components of 0, or features that are not finite
/// @throws NumericalError  when no feature varies, or the weights cannot be solved for
TicaModel fit_tica(const FeatureChains& features, const TicaOptions& options);

}  // namespace saltus::engine
