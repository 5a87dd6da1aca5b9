#pragma once

#include <memory>
#include <vector>

#include "engine/core/span.h"
#include "engine/rigid/rigid_bodies.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

/// The harmonic map of RigidFlowModel alone: a flow without couplings, which needs no training and
/// no file. Its sites are the poses of one structure, for which a minimum of the energy is right:
/// near it energies are quadratic forms of the displacements, which the map shrinks by sqrt(T' /
/// T). The box is that of the structure.
/// @param structure  [1, N, 3], nm, with its box; molecules must be whole
/// @throws InputError      when there is not one structure in a rectangular box, the flow does not
///                         fit the bodies (require_fit), or a temperature is not positive
/// @throws NumericalError  when a body is not where its constraints hold
RigidFlowModel harmonic_flow(const engine::RigidBodies& bodies, engine::ConstCoordinates structure,
                             double base_temperature_K, double target_temperature_K);

/// One such flow for each pair of neighbours of a ladder of temperatures, from the warmer one to
/// the colder.
/// @throws as harmonic_flow; InputError when there are fewer than two temperatures
std::vector<std::shared_ptr<const RigidFlowModel>> harmonic_flows(
    const engine::RigidBodies& bodies, engine::ConstCoordinates structure,
    engine::Span<const double> temperatures_K);

}  // namespace saltus::mlsamplers
