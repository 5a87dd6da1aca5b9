#include "tools/saltus/run/torsion_source.h"

#include "engine/core/error.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/chem/torsion_preferences.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tools {

using engine::InputError;

namespace {

TorsionDensities of_network(const mlsamplers::TorsionNetwork& network, const std::string& name,
                            const engine::TorsionGraph& graph) {
  if (!network.supports(graph))
    throw InputError("torsion_reset: the densities \"" + name +
                     "\" are for molecules of other elements; take \"" + kCrystalTorsions +
                     "\" or \"" + kUniformTorsions + "\"");
  return {network.model_for(graph), network.card().temperature_K};
}

}  // namespace

std::shared_ptr<const engine::TorsionGraph> TorsionSource::graph() {
  if (graph_) return graph_;
  if (!molecule_)
    throw InputError(
        "torsion moves need bond orders, which only .sdf and .mol files have; give "
        "system.coordinates as one of these, with force_field = \"mmff94\" or \"mmff94s\"");
  graph_ = std::make_shared<const engine::TorsionGraph>(forcefields::torsion_graph_of(*molecule_));
  return graph_;
}

TorsionDensities TorsionSource::densities(const std::string& name) {
  const auto known = densities_.find(name);
  if (known != densities_.end()) return known->second;
  const engine::TorsionGraph& torsions = *graph();
  if (torsions.torsions.empty())
    throw InputError("torsion_reset: the molecule has no torsion that can be turned");
  TorsionDensities made;
  if (name == kUniformTorsions)
    made.model = std::make_shared<engine::UniformTorsionModel>(torsions.torsions.size());
  else if (name == kCrystalTorsions)
    made.model = forcefields::torsion_preferences(*molecule_, torsions);
  else if (name == kNetworkTorsions)
    made = of_network(*load_torsion_model("default"), name, torsions);
  else
    made = of_network(mlsamplers::load_torsion_network(name), name, torsions);
  densities_[name] = made;
  return made;
}

}  // namespace saltus::tools
