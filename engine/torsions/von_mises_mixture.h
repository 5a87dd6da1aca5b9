#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"

namespace saltus::engine {

/// The numbers of a VonMisesMixture wherever they are: those of component k lie k strides behind
/// the first.
struct MixtureView {
  /// As VonMisesMixture::sample.
  double sample(RandomStream& random) const;

  double weight(std::size_t k) const { return weights[k * stride]; }
  double mean(std::size_t k) const { return means[k * stride]; }
  double concentration(std::size_t k) const { return concentrations[k * stride]; }

  int fold = 1;
  double uniform = 1.0;
  std::size_t n_components = 0, stride = 1;
  const double* weights = nullptr;
  const double* means = nullptr;
  const double* concentrations = nullptr;
};

/// A density on the circle: von Mises distributions and a uniform part, in an angle that is folded
/// `fold` times, which gives it that rotational symmetry:
///   q(tau) = u / 2 pi + (1 - u) sum_k w_k exp(kappa_k cos(fold tau - mu_k)) / (2 pi I0(kappa_k)),
/// sum_k w_k = 1. Integrates to 1 over tau in [-pi, pi) for every fold >= 1.
struct VonMisesMixture {
  int fold = 1;
  double uniform = 1.0;                ///< u in [0, 1]; must be 1 when there are no components
  std::vector<double> weights;         ///< [K], w >= 0
  std::vector<double> means;           ///< [K], rad, of the folded angle
  std::vector<double> concentrations;  ///< [K], kappa >= 0

  /// log q(tau); tau in rad, any branch.
  double log_density(double tau) const;
  /// An angle in [-pi, pi). Best, Fisher, J. R. Stat. Soc. C 28, 152 (1979), doi:10.2307/2346732.
  double sample(RandomStream& random) const;
  /// The same with both the weights of components and the densities flattened: w_k^power
  /// normalised, kappa_k * power; for replicas at T0 / power.
  VonMisesMixture flattened(double power) const;
  /// Valid as long as the mixture is not changed.
  MixtureView view() const;
};

/// log I0(kappa) - kappa, for kappa >= 0: stays finite where I0 overflows.
double log_bessel_i0_scaled(double kappa);

}  // namespace saltus::engine
