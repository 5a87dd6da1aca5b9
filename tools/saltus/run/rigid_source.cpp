#include "tools/saltus/run/rigid_source.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "mlsamplers/rigid/harmonic_flow.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "mlsamplers/rigid/rigid_flow_walk.h"
#include "tools/saltus/molecules/rigid_minimum.h"
#include "tools/saltus/molecules/wanted_card.h"

namespace saltus::tools {

using engine::ModelError;

namespace {

/// As RigidFlowMap has it.
bool same_temperature(double a_K, double b_K) { return std::abs(a_K - b_K) < 1e-9; }

std::string kelvin(double temperature_K) {
  return engine::significant_text(temperature_K, 6) + " K";
}

std::string ends_text(const mlsamplers::RigidFlowModel& flow) {
  return "leads from " + kelvin(flow.ends.base_temperature_K) + " to " +
         kelvin(flow.ends.target_temperature_K);
}

bool joins(const mlsamplers::RigidFlowModel& flow, double a_K, double b_K) {
  const double base_K = flow.ends.base_temperature_K, target_K = flow.ends.target_temperature_K;
  return (same_temperature(base_K, a_K) && same_temperature(target_K, b_K)) ||
         (same_temperature(base_K, b_K) && same_temperature(target_K, a_K));
}

}  // namespace

RigidSource::RigidSource(Molecule molecule, std::shared_ptr<engine::EvaluationCount> evaluations)
    : molecule_(std::move(molecule)), evaluations_(std::move(evaluations)) {}

std::shared_ptr<const engine::RigidBodies> RigidSource::bodies() {
  if (!bodies_)
    bodies_ = std::make_shared<const engine::RigidBodies>(molecule_.system, molecule_.positions,
                                                          &molecule_.topology);
  return bodies_;
}

std::shared_ptr<const engine::HarmonicCrystal> RigidSource::crystal() {
  if (!crystal_)
    crystal_ = std::make_shared<const engine::HarmonicCrystal>(
        bodies(), rigid_minimum(molecule_, bodies(), evaluations_));
  return crystal_;
}

RigidSource::FlowPointer RigidSource::flow(const std::string& file) {
  const auto known = flows_.find(file);
  if (known != flows_.end()) return known->second;
  auto flow = std::make_shared<const mlsamplers::RigidFlowModel>(mlsamplers::load_rigid_flow(file));
  try {
    mlsamplers::require_fit(*flow, *bodies());
    mlsamplers::require_box(*flow, molecule_.view());
  } catch (const engine::InputError& error) {
    throw engine::InputError(file + ": " + error.what());
  }
  mlsamplers::require_match(
      flow->card, wanted_card(mlsamplers::kRigidFlowKind, molecule_, flow->ends.base_temperature_K),
      file);
  return flows_.emplace(file, std::move(flow)).first->second;
}

std::vector<RigidSource::FlowPointer> RigidSource::harmonic_flows(
    const std::vector<double>& temperatures_K) {
  const std::vector<engine::RigidPose>& sites = crystal()->minimum().sites;
  engine::CoordinateBatch structure = engine::CoordinateBatch::repeated(molecule_.view(), 1);
  for (std::size_t body = 0; body < sites.size(); ++body)
    bodies()->place(body, sites[body], structure.chain(0));
  return mlsamplers::harmonic_flows(*bodies(), structure.view(), temperatures_K);
}

std::vector<RigidSource::FlowPointer> RigidSource::flows_of_pairs(
    const std::vector<std::string>& files, const std::vector<double>& temperatures_K) {
  std::vector<FlowPointer> flows;
  std::vector<std::string> taken(temperatures_K.size() - 1);  // file of each pair
  for (const std::string& file : files) {
    flows.push_back(flow(file));
    std::size_t pair = 0;
    while (pair < taken.size() &&
           !joins(*flows.back(), temperatures_K[pair], temperatures_K[pair + 1]))
      ++pair;
    if (pair == taken.size()) {
      std::vector<std::string> all;
      for (const double temperature_K : temperatures_K) all.push_back(kelvin(temperature_K));
      throw ModelError(file + ": this flow " + ends_text(*flows.back()) +
                       "; expected two neighbours of ensemble.temperatures (" +
                       engine::joined(all, ", ") + ")");
    }
    if (!taken[pair].empty())
      throw ModelError(file + ": this flow " + ends_text(*flows.back()) + ", and so does " +
                       taken[pair] + "; expected one flow for each pair of neighbours");
    taken[pair] = file;
  }
  const auto missing = std::find(taken.begin(), taken.end(), "");
  if (missing != taken.end()) {
    const auto pair = static_cast<std::size_t>(missing - taken.begin());
    throw ModelError("replica_exchange: flows: no file leads between " +
                     kelvin(temperatures_K[pair]) + " and " + kelvin(temperatures_K[pair + 1]) +
                     "; expected one flow for each pair of neighbours of ensemble.temperatures");
  }
  return flows;
}

std::shared_ptr<const engine::TemperatureMap> RigidSource::temperature_map(
    const MapRequest& request, const std::vector<double>& temperatures_K) {
  return std::make_shared<const mlsamplers::RigidFlowMap>(
      request.kind == MapKind::kHarmonic ? harmonic_flows(temperatures_K)
                                         : flows_of_pairs(request.names, temperatures_K),
      bodies());
}

std::shared_ptr<const engine::Proposal> RigidSource::flow_walk(const LearnedRequest& request,
                                                               double temperature_K) {
  const FlowPointer model = flow(request.name);
  if (!same_temperature(model->ends.target_temperature_K, temperature_K))
    throw ModelError(request.name + ": this flow " + ends_text(*model) +
                     "; expected one that leads to ensemble.temperature, " + kelvin(temperature_K));
  return std::make_shared<const mlsamplers::RigidFlowWalk>(request.flow_walk, model, bodies());
}

}  // namespace saltus::tools
