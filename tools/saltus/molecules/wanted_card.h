#pragma once

#include <string>

#include "mlsamplers/model/model_card.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Card of a model that would fit this molecule, force field and temperature.
/// @param kind  of the model, as its header names it
mlsamplers::ModelCard wanted_card(const std::string& kind, const Molecule& molecule,
                                  double temperature_K);

}  // namespace saltus::tools
