#include "tools/conformers/torsion_models.h"

// The network that comes with Saltus is a part of the program, so that it is there wherever the
// program is.
asm(R"(
.pushsection .rodata
.balign 16
saltus_torsion_model_begin:
.incbin ")" SALTUS_TORSION_MODEL_FILE R"("
saltus_torsion_model_end:
.popsection
)");

extern "C" {
extern const unsigned char saltus_torsion_model_begin[], saltus_torsion_model_end[];
}

namespace saltus::tools {

std::shared_ptr<const mlsamplers::TorsionNetwork> load_torsion_model(const std::string& name) {
  if (name == "none") return nullptr;
  if (name != "default")
    return std::make_shared<const mlsamplers::TorsionNetwork>(
        mlsamplers::load_torsion_network(name));
  const auto size = static_cast<std::size_t>(saltus_torsion_model_end - saltus_torsion_model_begin);
  return std::make_shared<const mlsamplers::TorsionNetwork>(mlsamplers::torsion_network_of(
      {saltus_torsion_model_begin, size}, "the model that comes with Saltus"));
}

std::shared_ptr<const engine::TorsionModel> torsion_model_for(
    const std::shared_ptr<const mlsamplers::TorsionNetwork>& network,
    const engine::TorsionGraph& graph) {
  if (!network || graph.torsions.empty() || !network->supports(graph)) return nullptr;
  return network->model_for(graph);
}

}  // namespace saltus::tools
