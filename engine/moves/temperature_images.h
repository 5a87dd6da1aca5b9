#pragma once

#include <cstddef>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/ensemble/target_density.h"
#include "engine/moves/temperature_map.h"

namespace saltus::engine {

/// An image that is wanted: of a chain, at the temperature of another one.
struct ImageRequest {
  std::size_t chain = 0, state_of = 0;
};

/// Images of chains by a temperature map, with the terms of their density: one evaluation each.
class TemperatureImages {
 public:
  TemperatureImages(const ChainBatch& chains, const std::vector<ImageRequest>& requests,
                    const TemperatureMap& map, const TargetDensity& target);

  std::size_t size() const { return log_volumes_.size(); }
  /// ln |det| of the map there; -inf: no image.
  double log_volume(std::size_t row) const { return log_volumes_[row]; }
  /// log pi + const of an image in a state.
  double log_density(std::size_t row, const TargetDensity& target,
                     const ThermodynamicState& state) const;
  /// Chain c becomes the image, and gets the velocities that the map turned, if it turns any.
  void take(std::size_t row, std::size_t c, ChainBatch& chains) const;

 private:
  CoordinateBatch positions_;
  CoordinateBatch velocities_;  ///< of no chains: the map leaves them as they are
  std::vector<double> log_volumes_;
  TargetTerms terms_;
};

/// Work of a map for every chain of ladders (chain = ladder * size + level), [B], dimensionless:
///   w = u'(M(x)) - u(x) - ln |det dM/dx|,  u = -log pi in the state of the chain, u' in that of
///   its
/// neighbour one level above or below; +inf where there is no image or its density is 0; 0 where
/// there is no such neighbour.
struct MapWorks {
  std::vector<double> to_next, to_previous;
};

/// Two evaluations for each pair of neighbours.
/// @throws InputError  when the chains are no ladders of that size, or the measures of map and
///                     target do not agree
MapWorks map_works(const ChainBatch& chains, std::size_t ladder_size, const TemperatureMap& map,
                   const TargetDensity& target);

}  // namespace saltus::engine
