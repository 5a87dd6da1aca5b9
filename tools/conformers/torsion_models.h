#pragma once

#include <memory>
#include <string>

#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::tools {

/// The network that "default" (the one that comes with Saltus), "none" (null) or a path names.
/// @throws FileError, ModelError  as load_torsion_network
std::shared_ptr<const mlsamplers::TorsionNetwork> load_torsion_model(const std::string& name);

/// Densities of a molecule's torsions; null without a network, without torsions, or when the
/// network does not know an element.
std::shared_ptr<const engine::TorsionModel> torsion_model_for(
    const std::shared_ptr<const mlsamplers::TorsionNetwork>& network,
    const engine::TorsionGraph& graph);

}  // namespace saltus::tools
