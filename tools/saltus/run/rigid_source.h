#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/moves/temperature_map.h"
#include "engine/potential/decorators.h"
#include "engine/rigid/harmonic_crystal.h"
#include "mlsamplers/rigid/rigid_flow_model.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// What moves of rigid molecules are made of, each made when it is first asked for: flows from
/// files, and the harmonic crystal about the minimum that is next to the positions that were read.
/// It depends on nothing else, so that a resumed run has the same. One thread asks.
class RigidSource {
 public:
  /// @param evaluations  energies of the search for the minimum are counted there
  RigidSource(Molecule molecule, std::shared_ptr<engine::EvaluationCount> evaluations);

  /// @throws InputError      when something is not rigid, or the minimum is none
  /// @throws NumericalError  as engine::find_harmonic_minimum
  std::shared_ptr<const engine::HarmonicCrystal> crystal();

  /// Maps between the temperatures of a ladder: scaling about the minimum, or trained flows.
  /// @throws InputError  as crystal(); when the box is not rectangular or not that of a flow, or
  ///                     molecules are atoms or lines
  /// @throws FileError   when a file cannot be read
  /// @throws ModelError  naming the file and what was expected, when it is not a flow of these
  ///                     molecules, this force field and two neighbouring temperatures, when two
  ///                     files are of one pair, and when a pair has none
  std::shared_ptr<const engine::TemperatureMap> temperature_map(
      const MapRequest& request, const std::vector<double>& temperatures_K);

  /// A walk in the coordinates of a flow's base.
  /// @throws as temperature_map; ModelError when the flow does not lead to the temperature
  std::shared_ptr<const engine::Proposal> flow_walk(const LearnedRequest& request,
                                                    double temperature_K);

 private:
  using FlowPointer = std::shared_ptr<const mlsamplers::RigidFlowModel>;

  std::shared_ptr<const engine::RigidBodies> bodies();
  FlowPointer flow(const std::string& file);
  std::vector<FlowPointer> harmonic_flows(const std::vector<double>& temperatures_K);
  std::vector<FlowPointer> flows_of_pairs(const std::vector<std::string>& files,
                                          const std::vector<double>& temperatures_K);

  Molecule molecule_;
  std::shared_ptr<engine::EvaluationCount> evaluations_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
  std::shared_ptr<const engine::HarmonicCrystal> crystal_;
  std::map<std::string, FlowPointer> flows_;  ///< by file
};

}  // namespace saltus::tools
