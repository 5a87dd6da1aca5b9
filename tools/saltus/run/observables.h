#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/ensemble/target_density.h"
#include "engine/moves/temperature_map.h"
#include "engine/system/topology.h"
#include "io/hdf5/trajectory_writer.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

/// The observable of ladders that says which replica each chain holds, see engine::ChainBatch.
constexpr const char* kReplicaName = "replica";
/// The observables of runs at constant pressure: of the box, nm^3, and of what is in it, g/cm^3.
constexpr const char* kVolumeName = "volume";
constexpr const char* kDensityName = "density";
/// The observables of ladders whose moves have a map: its work to the temperature above and below,
/// see engine::MapWorks.
constexpr const char* kWorkToNextName = "work_to_next";
constexpr const char* kWorkToPreviousName = "work_to_previous";

/// A torsion that is followed through a run.
struct NamedTorsion {
  std::string name;  ///< "phi_2"
  std::size_t atoms[4] = {0, 0, 0, 0};
};

/// Torsions [observables] asks for: backbone phi (C-N-CA-C) and psi (N-CA-C-N) of every residue
/// that has them, named by residue number, then the user's own.
/// @throws InputError  when a selector fits no atom or several; lists what there is
std::vector<NamedTorsion> find_torsions(const ObservablesDeck& deck,
                                        const engine::Topology& topology);

/// Names of those whose middle bond is in a ring of at most six atoms, which holds them: phi of
/// proline. What they never do says nothing about a run.
std::set<std::string> held_by_rings(const std::vector<NamedTorsion>& torsions,
                                    const engine::Topology& topology);

/// Values [n_torsions, B], rad.
std::vector<double> measure_torsions(const std::vector<NamedTorsion>& torsions,
                                     engine::ConstCoordinates positions);

/// A map whose work is measured: of ladders of some size, for a density.
struct MeasuredMap {
  std::shared_ptr<const engine::TemperatureMap> map;
  std::shared_ptr<const engine::TargetDensity> target;
  std::size_t ladder_size = 0;
};

/// What is measured of each frame of a run, in this order.
struct FrameObservables {
  std::vector<NamedTorsion> torsions;
  /// Mass of the atoms of a chain, dalton: given where boxes change, whose volume and density are
  /// then measured.
  std::optional<double> mass_dalton = std::nullopt;
  bool replicas = false;  ///< which replica each chain holds
  std::optional<MeasuredMap> map = std::nullopt;

  /// As trajectories store them.
  std::vector<io::Observable> columns() const;
  /// [columns, B]
  std::vector<double> measure(const engine::ChainBatch& chains) const;
};

}  // namespace saltus::tools
