#include "engine/moves/temperature_images.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

TemperatureImages::TemperatureImages(const ChainBatch& chains,
                                     const std::vector<ImageRequest>& requests,
                                     const TemperatureMap& map, const TargetDensity& target)
    : positions_(CoordinateBatch::like(chains.positions.view(), requests.size())) {
  std::vector<ThermodynamicState> states;
  std::vector<double> temperatures_K;
  CoordinateBatch velocities = CoordinateBatch::like(chains.velocities.view(), requests.size());
  for (const ImageRequest& request : requests) {
    positions_.copy_chain(chains.positions.view(), request.chain, states.size());
    velocities.copy_chain(chains.velocities.view(), request.chain, states.size());
    states.push_back(chains.states[request.chain]);
    temperatures_K.push_back(chains.states[request.state_of].temperature_K);
  }
  MappedConfigurations mapped =
      map.map({positions_.view(), states, 0, velocities.view()}, temperatures_K);
  // What has no image is evaluated where it is, and refused.
  for (std::size_t row = 0; row < states.size(); ++row)
    if (std::isfinite(mapped.log_volumes[row]))
      positions_.copy_chain(mapped.positions.view(), row, row);
  log_volumes_ = std::move(mapped.log_volumes);
  velocities_ = std::move(mapped.velocities);
  target.evaluate(positions_.view(), terms_);
}

double TemperatureImages::log_density(std::size_t row, const TargetDensity& target,
                                      const ThermodynamicState& state) const {
  return target.log_density(terms_.energies[row], terms_.others_of(row), state);
}

void TemperatureImages::take(std::size_t row, std::size_t c, ChainBatch& chains) const {
  chains.positions.copy_chain(positions_.view(), row, c);
  if (velocities_.n_chains() > 0) chains.velocities.copy_chain(velocities_.view(), row, c);
  chains.energies[c] = terms_.energies[row];
  const auto others = terms_.others_of(row);
  std::copy(others.begin(), others.end(),
            chains.other_terms.begin() + static_cast<std::ptrdiff_t>(c * others.size()));
}

MapWorks map_works(const ChainBatch& chains, std::size_t ladder_size, const TemperatureMap& map,
                   const TargetDensity& target) {
  const std::size_t n = chains.n_chains();
  if (ladder_size < 2 || n % ladder_size != 0)
    throw InputError("work of a map: " + std::to_string(n) +
                     " chains cannot be split into ladders of " + std::to_string(ladder_size));
  require_measure(target, map.measure(), "the map " + map.name());
  std::vector<ImageRequest> requests;
  for (std::size_t c = 0; c < n; ++c) {
    if (c % ladder_size + 1 < ladder_size) requests.push_back({c, c + 1});
    if (c % ladder_size > 0) requests.push_back({c, c - 1});
  }
  const TemperatureImages images(chains, requests, map, target);
  MapWorks works{std::vector<double>(n, 0.0), std::vector<double>(n, 0.0)};
  for (std::size_t row = 0; row < requests.size(); ++row) {
    const auto [c, neighbour] = requests[row];
    const double log_ratio = images.log_density(row, target, chains.states[neighbour]) +
                             images.log_volume(row) - target.log_density(chains, c);
    // A chain never is where its density is 0.
    (neighbour > c ? works.to_next : works.to_previous)[c] =
        std::isfinite(images.log_volume(row)) ? -log_ratio
                                              : std::numeric_limits<double>::infinity();
  }
  return works;
}

}  // namespace saltus::engine
