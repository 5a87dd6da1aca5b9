#include "engine/moves/joint_temperature_map.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

JointTemperatureMap::JointTemperatureMap(std::vector<std::shared_ptr<const TemperatureMap>> maps)
    : maps_(std::move(maps)) {
  if (maps_.empty()) throw InputError("joint temperature map: expected at least one map");
  for (const auto& map : maps_) {
    if (!map) throw InternalError("joint temperature map: missing map");
    if (map->measure() != maps_.front()->measure())
      throw InputError("joint temperature map: the volumes of " + map->name() +
                       " are with respect to '" + name_of(map->measure()) + "', those of " +
                       maps_.front()->name() + " to '" + name_of(maps_.front()->measure()) +
                       "'; join maps of one measure");
  }
}

MoveRequirements JointTemperatureMap::requirements() const {
  MoveRequirements result;
  for (const auto& map : maps_) result = result | map->requirements();
  return result;
}

MappedConfigurations JointTemperatureMap::map(const ChainView& from,
                                              Span<const double> temperatures_K) const {
  MappedConfigurations result = {CoordinateBatch::repeated(from.positions, 1),
                                 std::vector<double>(from.positions.n_chains, 0.0),
                                 CoordinateBatch::repeated(from.velocities, 1)};
  for (const auto& map : maps_) {
    MappedConfigurations next =
        map->map({result.positions.view(), from.states, from.first_chain, result.velocities.view()},
                 temperatures_K);
    for (std::size_t c = 0; c < result.log_volumes.size(); ++c) {
      if (!std::isfinite(result.log_volumes[c])) continue;
      if (std::isfinite(next.log_volumes[c])) {
        result.log_volumes[c] += next.log_volumes[c];
        result.positions.copy_chain(next.positions.view(), c, c);
        if (next.velocities.n_chains() > 0)
          result.velocities.copy_chain(next.velocities.view(), c, c);
      } else {
        // Positions without an image mean nothing: the next map goes on from what they were.
        result.log_volumes[c] = -std::numeric_limits<double>::infinity();
      }
    }
  }
  return result;
}

}  // namespace saltus::engine
