#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/random.h"
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

/// The numbers that a chain's draw is made of when its soft torsions are shifted.
struct PlainShift {
  PlainShift(const engine::LeapWeights& weights, const engine::StepKey& key, std::uint32_t chain);

  double angle = 0.0;                 ///< delta
  std::vector<double> rotor_normals;  ///< one for each rotor
  std::vector<double> rotor_wells;    ///< 0 .. fold - 1
  std::vector<double> noise;          ///< xi of the fast coordinates, wide where they are
};

/// log q(to|from).
double plain_log_density(const engine::LeapWeights& weights, engine::ConstCoordinates to,
                         engine::ConstCoordinates from, double temperature_K);

}  // namespace saltus::tests
