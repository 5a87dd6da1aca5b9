#include "tools/saltus/run/ring_source.h"

#include <utility>

#include "engine/conformers/slow_coordinates.h"
#include "engine/conformers/stereo_check.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

RingSource::RingSource(const Molecule& molecule,
                       std::shared_ptr<const engine::TargetDensity> target,
                       std::shared_ptr<TorsionSource> torsions)
    : start_(engine::CoordinateBatch::repeated(molecule.view(), 1)),
      particles_(engine::moving_particles(molecule.system)),
      chem_(molecule.chem),
      target_(std::move(target)),
      torsions_(std::move(torsions)) {}

const engine::RingSearch& RingSource::states(const RingRequest& request, double temperature_K) {
  const auto key = std::pair(request.n_kicks, request.energy_window);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  const auto graph = torsions_->graph();
  const auto x = start_.view().chain(0);
  engine::Configuration configuration = forcefields::configuration_of(*chem_);
  if (!engine::has_configuration(configuration, x)) configuration = {};  // as it is drawn
  engine::RingSearchOptions options;
  options.temperature_K = temperature_K;
  options.n_kicks = request.n_kicks;
  options.energy_window = request.energy_window;
  const auto accepts = [&](engine::Span<const double> end) {
    return engine::has_configuration(configuration, end) && engine::is_pucker_of(*graph, end, x);
  };
  return known_
      .emplace(key,
               engine::find_ring_states({graph, *target_, particles_, accepts}, start_, options))
      .first->second;
}

}  // namespace saltus::tools
