#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "engine/moves/temperature_map.h"

namespace saltus::tests {

/// A map between temperatures whose work is known: x' = (T' / T)^(exponent / 2) x. With an exponent
/// of 1 it is exact for harmonic wells about the origin. It has no image of chains whose first
/// coordinate is above a limit.
class ScalingMap final : public engine::TemperatureMap {
 public:
  explicit ScalingMap(double exponent, double limit = std::numeric_limits<double>::infinity(),
                      engine::ReferenceMeasure measure = engine::ReferenceMeasure::kCartesian)
      : exponent_(exponent), limit_(limit), measure_(measure) {}
  std::string name() const override { return "scaling"; }
  engine::ReferenceMeasure measure() const override { return measure_; }
  engine::MappedConfigurations map(const engine::ChainView& from,
                                   engine::Span<const double> temperatures_K) const override {
    engine::MappedConfigurations result{
        engine::CoordinateBatch::like(from.positions, from.positions.n_chains), {}};
    const std::size_t n = from.positions.stride();
    for (std::size_t c = 0; c < from.positions.n_chains; ++c) {
      const double log_ratio = std::log(temperatures_K[c] / from.states[c].temperature_K);
      for (std::size_t i = 0; i < n; ++i)
        result.positions.chain(c)[i] =
            std::exp(0.5 * exponent_ * log_ratio) * from.positions.chain(c)[i];
      result.log_volumes.push_back(from.positions.chain(c)[0] > limit_
                                       ? -std::numeric_limits<double>::infinity()
                                       : 0.5 * static_cast<double>(n) * exponent_ * log_ratio);
    }
    return result;
  }

 private:
  double exponent_, limit_;
  engine::ReferenceMeasure measure_;
};

}  // namespace saltus::tests
