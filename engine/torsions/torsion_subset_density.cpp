#include "engine/torsions/torsion_subset_density.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

std::vector<std::size_t> draw_torsion_subset(const TorsionGraph& graph, std::size_t n,
                                             RandomStream& random) {
  const std::size_t first = random.below(graph.torsions.size());
  std::vector<std::size_t> near = graph.torsions[first].neighbours;
  const std::size_t n_near = std::min(n - 1, near.size());
  // Fisher and Yates' shuffle, as far as needed.
  for (std::size_t k = 0; k < n_near; ++k)
    std::swap(near[k], near[k + random.below(near.size() - k)]);
  near.resize(n_near);
  near.push_back(first);
  std::sort(near.begin(), near.end());
  return near;
}

TorsionSubsetDensity::TorsionSubsetDensity(const TorsionModel& model,
                                           const TorsionResetOptions& options, double temperature_K,
                                           std::vector<std::size_t> subset,
                                           Span<const double> torsions, std::vector<int> signs)
    : model_(model),
      options_(options),
      temperature_K_(temperature_K),
      subset_(std::move(subset)),
      shown_(torsions.begin(), torsions.end()),
      known_(torsions.size(), 1),
      signs_(std::move(signs)) {
  hide_subset();
  load_density(subset_.front(), first_);
}

void TorsionSubsetDensity::hide_subset() {
  for (std::size_t torsion : subset_) {
    shown_[torsion] = 0.0;
    known_[torsion] = 0;
  }
}

void TorsionSubsetDensity::load_density(std::size_t torsion, VonMisesMixture& out) const {
  model_.density(torsion, {shown_, known_, signs_}, out);
  if (temperature_K_ > options_.model_temperature_K)
    out = out.flattened(options_.model_temperature_K / temperature_K_);
  out.uniform = options_.uniform + (1.0 - options_.uniform) * out.uniform;
}

double TorsionSubsetDensity::follow(RandomStream* random, Span<double> tau) {
  double sum = 0.0;
  for (std::size_t k = 0; k < subset_.size(); ++k) {
    const std::size_t torsion = subset_[k];
    if (k > 0) load_density(torsion, next_);
    const VonMisesMixture& density = k == 0 ? first_ : next_;
    if (random != nullptr) tau[k] = density.sample(*random);
    sum += density.log_density(tau[k]);
    shown_[torsion] = tau[k];
    known_[torsion] = 1;
  }
  hide_subset();
  require_density(model_, sum);
  return sum;
}

double TorsionSubsetDensity::draw(RandomStream& random, Span<double> tau) {
  return follow(&random, tau);
}

double TorsionSubsetDensity::log_density(Span<const double> tau) {
  given_.assign(tau.begin(), tau.end());
  return follow(nullptr, given_);
}

void require_density(const TorsionModel& model, double log_density) {
  if (std::isnan(log_density))
    throw ModelError("torsion model " + model.name() +
                     ": the density of a torsion is not a number; expected weights >= 0 with a "
                     "positive sum, finite means and finite concentrations >= 0");
}

void set_torsions(const TorsionGraph& graph, Span<const std::size_t> subset, Span<const double> tau,
                  Span<double> x) {
  for (std::size_t k = 0; k < subset.size(); ++k) set_torsion(graph.torsions[subset[k]], tau[k], x);
}

void check_torsion_reset(const std::string& name, const TorsionResetParts& parts) {
  if (!parts.graph || !parts.model) throw InternalError(name + " without a graph or a model");
  const std::size_t n_torsions = parts.graph->torsions.size();
  const TorsionResetOptions& options = parts.options;
  if (n_torsions == 0) throw InputError(name + ": the molecule has no torsion that can be turned");
  if (parts.model->n_torsions() != n_torsions)
    throw InputError(name + ": the model " + parts.model->name() + " is for " +
                     std::to_string(parts.model->n_torsions()) + " torsions, the molecule has " +
                     std::to_string(n_torsions));
  if (options.n_torsions == 0 || options.n_torsions > n_torsions)
    throw InputError(name + ": n_torsions is " + std::to_string(options.n_torsions) +
                     ", expected 1 to the " + std::to_string(n_torsions) + " of the molecule");
  if (!(options.uniform > 0.0) || !(options.uniform <= 1.0))
    throw InputError(name + ": uniform must be above 0 and at most 1");
  if (!(options.model_temperature_K > 0.0) || !std::isfinite(options.model_temperature_K))
    throw InputError(name + ": model_temperature_K must be positive and finite");
}

}  // namespace saltus::engine
