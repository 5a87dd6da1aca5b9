#include "mlsamplers/rigid/harmonic_flow.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "mlsamplers/rigid/rigid_flow_map.h"

namespace saltus::mlsamplers {

using engine::InputError;

RigidFlowModel harmonic_flow(const engine::RigidBodies& bodies, engine::ConstCoordinates structure,
                             double base_temperature_K, double target_temperature_K) {
  if (structure.n_chains != 1)
    throw InputError(fmt::format("harmonic flow: sites are taken from one structure, got {}",
                                 structure.n_chains));
  const engine::Box* box = structure.box(0);
  if (!box) throw InputError("harmonic flow: the structure has no box");
  std::vector<engine::RigidPose> sites = bodies.poses(structure, 0);
  const engine::Vec3 origin = sites.at(0).position;
  for (engine::RigidPose& site : sites) site.position = site.position - origin;
  RigidFlowShape shape;
  shape.n_couplings = 0;
  RigidFlowModel model = rigid_flow_about(
      std::move(sites), {base_temperature_K, target_temperature_K, {box->ax, box->by, box->cz}},
      shape, {});
  require_fit(model, bodies);
  require_box(model, structure);
  return model;
}

std::vector<std::shared_ptr<const RigidFlowModel>> harmonic_flows(
    const engine::RigidBodies& bodies, engine::ConstCoordinates structure,
    engine::Span<const double> temperatures_K) {
  if (temperatures_K.size() < 2)
    throw InputError("harmonic flow: leads between two temperatures, there are fewer");
  std::vector<std::shared_ptr<const RigidFlowModel>> flows;
  for (std::size_t i = 0; i + 1 < temperatures_K.size(); ++i) {
    const auto [cold, warm] = std::minmax(temperatures_K[i], temperatures_K[i + 1]);
    flows.push_back(
        std::make_shared<const RigidFlowModel>(harmonic_flow(bodies, structure, warm, cold)));
  }
  return flows;
}

}  // namespace saltus::mlsamplers
