#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/moves/temperature_map.h"

namespace saltus::engine {

/// Several maps as one, each of atoms of its own that the others neither move nor look at, such as
/// those of the molecules of a system: then they may be applied in any order, the way back is that
/// of each, and ln |det| is the sum of theirs.
class JointTemperatureMap final : public TemperatureMap {
 public:
  /// @throws InputError  when there is no map, or measures differ
  explicit JointTemperatureMap(std::vector<std::shared_ptr<const TemperatureMap>> maps);

  /// Of the first one.
  std::string name() const override { return maps_.front()->name(); }
  ReferenceMeasure measure() const override { return maps_.front()->measure(); }
  /// What they need together.
  MoveRequirements requirements() const override;
  /// There is no image where one of them has none.
  MappedConfigurations map(const ChainView& from, Span<const double> temperatures_K) const override;

 private:
  std::vector<std::shared_ptr<const TemperatureMap>> maps_;
};

}  // namespace saltus::engine
