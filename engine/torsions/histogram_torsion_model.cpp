#include "engine/torsions/histogram_torsion_model.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

constexpr double kBinsPerRadian = HistogramTorsionModel::kBins / kTwoPi;
/// Kernels of standard deviation 0.8 bins: neighbours overlap.
constexpr double kConcentration = 1.5 * kBinsPerRadian * kBinsPerRadian;
/// For what a finite sample has not seen.
constexpr double kUniformShare = 0.02;

VonMisesMixture kernel_estimate(const TorsionGraph& graph, std::size_t torsion,
                                Span<const double> samples) {
  const std::size_t n_torsions = graph.torsions.size();
  const std::size_t n_samples = samples.size() / n_torsions;
  VonMisesMixture mixture;
  mixture.fold = graph.torsions[torsion].fold;
  mixture.uniform = kUniformShare;
  std::vector<std::size_t> counts(HistogramTorsionModel::kBins, 0);
  for (std::size_t n = 0; n < n_samples; ++n) {
    const double tau = samples[n * n_torsions + torsion];
    if (!std::isfinite(tau))
      throw InputError("torsion histogram: torsion " + std::to_string(torsion) + " of sample " +
                       std::to_string(n) + " is not a finite number");
    const auto bin =
        static_cast<std::size_t>((wrap_angle(mixture.fold * tau) + kPi) * kBinsPerRadian);
    ++counts[std::min(bin, HistogramTorsionModel::kBins - 1)];
  }
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    if (counts[bin] == 0) continue;
    mixture.weights.push_back(static_cast<double>(counts[bin]) / static_cast<double>(n_samples));
    mixture.means.push_back((static_cast<double>(bin) + 0.5) / kBinsPerRadian - kPi);
    mixture.concentrations.push_back(kConcentration);
  }
  return mixture;
}

}  // namespace

void UniformTorsionModel::density(std::size_t, const TorsionContext&, VonMisesMixture& out) const {
  out.fold = 1;
  out.uniform = 1.0;
  out.weights.clear();
  out.means.clear();
  out.concentrations.clear();
}

HistogramTorsionModel::HistogramTorsionModel(const TorsionGraph& graph,
                                             Span<const double> samples) {
  const std::size_t n_torsions = graph.torsions.size();
  if (n_torsions == 0) throw InputError("torsion histogram: the molecule has no torsion");
  if (samples.empty() || samples.size() % n_torsions != 0)
    throw InputError("torsion histogram: " + std::to_string(samples.size()) +
                     " angles, expected a positive multiple of the " + std::to_string(n_torsions) +
                     " torsions");
  for (std::size_t t = 0; t < n_torsions; ++t)
    mixtures_.push_back(kernel_estimate(graph, t, samples));
}

void HistogramTorsionModel::density(std::size_t torsion, const TorsionContext&,
                                    VonMisesMixture& out) const {
  out = mixtures_.at(torsion);
}

}  // namespace saltus::engine
