#pragma once

#include <string>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/ensemble/target_density.h"
#include "engine/moves/requirements.h"

namespace saltus::engine {

/// Configurations that a map led to, and its volume change: ln |det dx'/dx| with respect to the
/// map's measure, -inf where there is no image.
struct MappedConfigurations {
  CoordinateBatch positions;        ///< [B, N, 3]
  std::vector<double> log_volumes;  ///< [B]
  /// [B, N, 3], nm/ps, velocities turned with rigid bodies and not scaled; of no chains: as they
  /// were. Those on constraints are not independent of positions (ProposalBatch::velocities).
  CoordinateBatch velocities = {};
};

/// Invertible maps of configurations between temperatures, M(T -> T'), without random numbers.
/// M(T' -> T) is the inverse of M(T -> T').
class TemperatureMap {
 public:
  virtual ~TemperatureMap() = default;
  virtual std::string name() const = 0;
  /// That log_volumes refer to.
  virtual ReferenceMeasure measure() const = 0;
  virtual MoveRequirements requirements() const { return {}; }
  /// Takes each chain from its own temperature to another one, velocities along if they are known.
  /// @param temperatures_K  [B], T'
  virtual MappedConfigurations map(const ChainView& from,
                                   Span<const double> temperatures_K) const = 0;
};

}  // namespace saltus::engine
