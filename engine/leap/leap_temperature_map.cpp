#include "engine/leap/leap_temperature_map.h"

#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

constexpr const char* kName = "temperature_map";
constexpr double kTransport = 1.0;

const LeapWeights& checked(const LeapWeights& weights) {
  if (!weights.soft.empty() || !weights.rotors.empty())
    throw InputError(std::string(kName) +
                     ": the weights redraw torsions or rotors, which a map between temperatures "
                     "keeps");
  if (!(weights.min_temperature_K < weights.max_temperature_K))
    throw InputError(std::string(kName) + ": the weights are for one temperature only");
  return weights;
}

}  // namespace

LeapTemperatureMap::LeapTemperatureMap(const LeapWeights& weights, std::shared_ptr<ThreadPool> pool)
    : runner_(kName, checked(weights), kTransport, std::move(pool)) {}

MoveRequirements LeapTemperatureMap::requirements() const {
  MoveRequirements usual;
  usual.no_constraints = usual.movable_atoms = true;
  return runner_.with_requirements(usual);
}

MappedConfigurations LeapTemperatureMap::map(const ChainView& from,
                                             Span<const double> temperatures_K) const {
  return runner_.map(from, temperatures_K);
}

}  // namespace saltus::engine
