#pragma once

#include <vector>

#include "engine/leap/leap_weights.h"
#include "engine/system/coordinates.h"

/// The leap by the formulas of engine/leap/README.md, in scalar code and one chain at a time: the
/// oracle of its tests.
namespace saltus::tests {

/// Internal coordinates [3N-6] of one configuration.
std::vector<double> plain_internal(const engine::LeapWeights& weights, engine::ConstCoordinates x);
double plain_log_jacobian(const engine::LeapWeights& weights, engine::ConstCoordinates x);

/// log p_s of the soft torsions of q when the context is that of `from`, and log p_r of q.
double plain_soft(const engine::LeapWeights& weights, const std::vector<double>& q,
                  const std::vector<double>& from, double temperature_K);
double plain_rotors(const engine::LeapWeights& weights, const std::vector<double>& q,
                    double temperature_K);

/// z of the fast coordinates of q, and log p_f there.
std::vector<double> plain_whitened(const engine::LeapWeights& weights, const std::vector<double>& q,
                                   double temperature_K);
double plain_fast(const engine::LeapWeights& weights, const std::vector<double>& z,
                  double temperature_K);

/// log q(to|from).
double plain_log_density(const engine::LeapWeights& weights, engine::ConstCoordinates to,
                         engine::ConstCoordinates from, double temperature_K);

}  // namespace saltus::tests
