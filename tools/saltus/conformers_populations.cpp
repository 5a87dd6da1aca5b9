#include "tools/saltus/conformers_populations.h"

#include <algorithm>
#include <cmath>

#include "engine/core/units.h"

namespace saltus::tools {

double population_temperature(const IsomerConformers& isomer, const ConformerSettings& settings) {
  return isomer.facts.temperature_K > 0.0 ? isomer.facts.temperature_K : settings.temperature_K;
}

std::vector<double> populations(const IsomerConformers& isomer, const ConformerSettings& settings) {
  std::vector<double> logs = isomer.log_weights;
  if (logs.empty() && settings.mode == ConformerMode::kBoltzmann)
    logs.assign(isomer.energies.size(), 0.0);
  if (logs.empty()) {
    const double kT = engine::kGasConstant * population_temperature(isomer, settings);
    for (const double energy : isomer.energies) {
      if (!std::isfinite(energy)) return {};
      logs.push_back(-energy / kT);
    }
  }
  if (logs.empty()) return {};
  const double largest = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (double& value : logs) sum += value = std::exp(value - largest);
  for (double& value : logs) value /= sum;
  return logs;
}

std::string method_text(const IsomerConformers& isomer) {
  const EnsembleFacts& facts = isomer.facts;
  return (facts.method.empty() ? "ETKDGv3" : facts.method) + (facts.biased ? " (biased)" : "");
}

}  // namespace saltus::tools
