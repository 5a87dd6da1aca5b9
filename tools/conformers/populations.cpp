#include "tools/conformers/populations.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/units.h"

namespace saltus::tools {

double population_temperature(const IsomerConformers& isomer, const ConformerSettings& settings) {
  return isomer.ensemble.facts.temperature_K > 0.0 ? isomer.ensemble.facts.temperature_K
                                                   : settings.temperature_K;
}

std::vector<double> populations(const IsomerConformers& isomer, const ConformerSettings& settings) {
  std::vector<double> logs = isomer.ensemble.log_weights;
  if (logs.empty() && settings.mode == ConformerMode::kBoltzmann)
    logs.assign(isomer.ensemble.energies.size(), 0.0);
  if (logs.empty()) {
    const double kT = engine::kGasConstant * population_temperature(isomer, settings);
    for (std::size_t c = 0; c < isomer.ensemble.energies.size(); ++c) {
      if (!std::isfinite(isomer.ensemble.energies[c])) return {};
      const double g = isomer.ensemble.degeneracies.empty() ? 1.0 : isomer.ensemble.degeneracies[c];
      logs.push_back(std::log(g) - isomer.ensemble.energies[c] / kT);
    }
  }
  if (logs.empty()) return {};
  const double largest = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (double& value : logs) sum += value = std::exp(value - largest);
  for (double& value : logs) value /= sum;
  return logs;
}

double lowest_energy_of_siblings(const ConformerOutcome& outcome, std::size_t part) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const IsomerConformers& isomer : outcome.isomers)
    if (isomer.part == part)
      for (const double energy : isomer.ensemble.energies)
        if (energy < lowest) lowest = energy;
  return lowest;
}

std::vector<double> populations_among_siblings(const ConformerOutcome& outcome,
                                               const IsomerConformers& isomer,
                                               const ConformerSettings& settings) {
  if (settings.mode == ConformerMode::kBoltzmann) return {};
  const double lowest = lowest_energy_of_siblings(outcome, isomer.part);
  double own = 0.0, all = 0.0;
  std::size_t n_siblings = 0;
  for (const IsomerConformers& sibling : outcome.isomers) {
    if (sibling.part != isomer.part) continue;
    const std::vector<double> shares = populations(sibling, settings);
    if (shares.empty() || !sibling.ensemble.log_weights.empty()) return {};
    // The sum over the sibling's conformers, from any one of them and its share.
    const double kT = engine::kGasConstant * population_temperature(sibling, settings);
    const auto most =
        static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
    const double g =
        sibling.ensemble.degeneracies.empty() ? 1.0 : sibling.ensemble.degeneracies[most];
    const double sum =
        g * std::exp(-(sibling.ensemble.energies[most] - lowest) / kT) / shares[most];
    if (&sibling == &isomer) own = sum;
    all += sum;
    ++n_siblings;
  }
  if (n_siblings < 2) return {};
  std::vector<double> result = populations(isomer, settings);
  for (double& share : result) share *= own / all;
  return result;
}

std::string force_field_text(const IsomerConformers& isomer, const ConformerSettings& settings) {
  const std::string& other = isomer.force_field;
  return other.empty() ? settings.force_field_text() : other;
}

std::string method_text(const IsomerConformers& isomer) {
  const engine::EnsembleFacts& facts = isomer.ensemble.facts;
  return (facts.method.empty() ? "ETKDGv3" : facts.method) +
         (isomer.force_field.empty() ? "" : ", " + isomer.force_field) +
         (facts.biased ? " (biased)" : "");
}

std::string possible_isomers_text(const ConformerOutcome& outcome) {
  return (outcome.more_isomers_possible ? "more than " : "") +
         std::to_string(outcome.n_possible_isomers);
}

}  // namespace saltus::tools
