#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/moves/temperature_map.h"
#include "engine/potential/energy_function.h"
#include "engine/rigid/rigid_bodies.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

/// A flow among bodies some atoms of which are equal. With D the poses that are nearest to the
/// sites in their own numbering (RigidBodies::images), and g(x) the rotations of bodies that lead x
/// to D,
///   f'(x) = g(x)^-1 f(g(x) x)  if f(g(x) x) is in D,  else there is no image: log_det = -inf.
/// The image has the numbering of x. f' takes each value once, f'^-1 is the same with f^-1, and
/// volumes are those of f, since g turns bodies and is constant nearby: f' may stand for f in
/// Metropolis' rule, whether or not energies agree about which atoms are equal.
RigidFlowImage apply_to_bodies(const RigidFlowModel& flow, const engine::RigidBodies& bodies,
                               const PoseBatch& poses, FlowDirection direction);

/// Rigid-body flows as maps between temperatures, for ReplicaExchange: from the temperature of a
/// flow's base to that of its target and back by its inverse (apply_to_bodies). Velocities turn
/// with bodies. A ladder takes one flow for each pair of neighbours.
class RigidFlowMap final : public engine::TemperatureMap {
 public:
  /// @throws InputError  when there is no flow, two lead between the same temperatures, or a flow
  ///                     does not fit the bodies, of which none may be single atoms or lines: their
  ///                     orientations are not points of S^3
  RigidFlowMap(std::vector<std::shared_ptr<const RigidFlowModel>> flows,
               std::shared_ptr<const engine::RigidBodies> bodies);

  std::string name() const override { return "rigid_flow"; }
  engine::ReferenceMeasure measure() const override { return bodies_->measure(); }
  engine::MoveRequirements requirements() const override;
  /// @throws InputError      when no flow leads between the temperatures of a chain, or its box is
  ///                         not that of the flow
  /// @throws NumericalError  when a body is not where its constraints hold
  engine::MappedConfigurations map(const engine::ChainView& from,
                                   engine::Span<const double> temperatures_K) const override;

 private:
  struct Way {
    std::size_t flow = 0;
    FlowDirection direction = FlowDirection::kToTarget;
  };
  Way way_between(double from_K, double to_K) const;

  std::vector<std::shared_ptr<const RigidFlowModel>> flows_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
};

/// Work of a flow for each sample, dimensionless:
///   w = beta' U(x') - beta U(x) - log |det|,
/// x' the image of x in the numbering of equal atoms nearest to the sites, beta and beta' those of
/// the ends that it is led from and to. Of base samples
/// -w is the log-weight of x' in the target; both directions together give the difference of free
/// energies (engine/diagnostics/free_energy.h).
/// @param x  [B, N, 3], samples of the end that the direction leads away from, with boxes
/// @throws as RigidFlowMap::map
std::vector<double> flow_work(const RigidFlowModel& flow, const engine::RigidBodies& bodies,
                              const engine::EnergyFunction& energy, engine::ConstCoordinates x,
                              FlowDirection direction);

/// @throws InputError  when the flow does not fit these bodies, which with attention have to be
///                     alike, or a box is not its own
void require_fit(const RigidFlowModel& flow, const engine::RigidBodies& bodies);
void require_box(const RigidFlowModel& flow, engine::ConstCoordinates x);
/// @throws InputError  naming the first chain whose temperature is not that of the flow's target
void require_target_temperature(const RigidFlowModel& flow, const engine::ChainView& chains,
                                const std::string& move);

}  // namespace saltus::mlsamplers
