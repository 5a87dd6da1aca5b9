#include "tools/saltus/run/columns.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/trajectory_reader.h"
#include "tools/saltus/run/report.h"

namespace saltus::tools {

FrameObservables choose_columns(const ColumnsRequest& request, const engine::ChainBatch& chains,
                                io::TrajectoryOptions& options) {
  const RunDeck& deck = request.deck;
  const RunSetup& setup = request.setup;
  FrameObservables observables{setup.torsions};
  const std::vector<double>& masses = setup.molecule.system.masses;
  if (deck.pressure_bar)
    observables.mass_dalton = std::accumulate(masses.begin(), masses.end(), 0.0);
  observables.replicas = deck.has_ladder();
  bool works = deck.observables.map_work;
  options.box = !chains.positions.boxes().empty();
  if (request.resume) {
    const std::filesystem::path trajectory = files_of(deck).trajectory;
    if (io::needs_repair(trajectory)) io::repair_trajectory(trajectory);
    const io::TrajectoryReader reader(trajectory);
    const std::vector<std::string> names = reader.observable_names();
    const auto has = [&names](const char* name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    options.box = options.box && reader.has_box();
    observables.replicas = observables.replicas && has(kReplicaName);
    works = has(kWorkToNextName);
  }
  if (works) {
    const auto map = temperature_map_of(deck.moves, ingredients_of(deck, setup, request.models));
    if (map) observables.map = MeasuredMap{map, setup.target, deck.temperatures_K.size()};
    if (!map && request.resume)
      throw engine::InputError("--resume: the trajectory '" + files_of(deck).trajectory.string() +
                               "' has works of a map between temperatures, but no move of the "
                               "deck has one; go on with the deck it was begun with");
  }
  options.observables = observables.columns();
  return observables;
}

}  // namespace saltus::tools
