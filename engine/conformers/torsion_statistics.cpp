#include "engine/conformers/torsion_statistics.h"

#include <algorithm>
#include <cmath>

#include "engine/diagnostics/autocorrelation.h"

namespace saltus::engine {

std::vector<std::vector<std::size_t>> frames_of_ladders(const std::vector<std::size_t>& ladders) {
  std::vector<std::vector<std::size_t>> frames;
  for (std::size_t f = 0; f < ladders.size(); ++f) {
    if (ladders[f] >= frames.size()) frames.resize(ladders[f] + 1);
    frames[ladders[f]].push_back(f);
  }
  std::size_t shortest = ladders.size();
  for (const auto& ladder : frames) shortest = std::min(shortest, ladder.size());
  for (auto& ladder : frames) ladder.resize(shortest);
  return frames;
}

double effective_samples(const std::vector<double>& series, std::size_t n_ladders) {
  constexpr std::size_t kMinSteps = 4;
  const std::size_t n_steps = series.size() / n_ladders;
  if (n_steps < kMinSteps) return 0.0;
  const double n = autocorrelation_time({series, n_ladders, n_steps}).effective_samples;
  return std::isfinite(n) ? n : 0.0;
}

}  // namespace saltus::engine
