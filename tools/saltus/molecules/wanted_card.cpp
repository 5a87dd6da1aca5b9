#include "tools/saltus/molecules/wanted_card.h"

#include "saltus_version.h"

namespace saltus::tools {

mlsamplers::ModelCard wanted_card(const std::string& kind, const Molecule& molecule,
                                  double temperature_K) {
  mlsamplers::ModelCard card;
  card.kind = kind;
  mlsamplers::describe_molecule(molecule.topology, card);
  card.temperature_K = temperature_K;
  card.force_field = molecule.force_field;
  card.force_field_digest = mlsamplers::force_field_digest(molecule.system);
  card.created_by = "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")";
  return card;
}

}  // namespace saltus::tools
