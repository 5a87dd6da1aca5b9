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
    for (std::size_t c = 0; c < isomer.energies.size(); ++c) {
      if (!std::isfinite(isomer.energies[c])) return {};
      const double g = isomer.degeneracies.empty() ? 1.0 : isomer.degeneracies[c];
      logs.push_back(std::log(g) - isomer.energies[c] / kT);
    }
  }
  if (logs.empty()) return {};
  const double largest = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (double& value : logs) sum += value = std::exp(value - largest);
  for (double& value : logs) value /= sum;
  return logs;
}

std::string force_field_text(const IsomerConformers& isomer, const ConformerSettings& settings) {
  const std::string& other = isomer.facts.force_field;
  return other.empty() ? settings.force_field_text() : other;
}

std::string method_text(const IsomerConformers& isomer) {
  const EnsembleFacts& facts = isomer.facts;
  return (facts.method.empty() ? "ETKDGv3" : facts.method) +
         (facts.force_field.empty() ? "" : ", " + facts.force_field) +
         (facts.biased ? " (biased)" : "");
}

}  // namespace saltus::tools
