#include "engine/conformers/torsion_statistics.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/diagnostics/autocorrelation.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

namespace {

using AnglesOf = void (*)(const TorsionGraph&, Span<const double>, Span<double>);

std::vector<double> angles_of_frames(AnglesOf angles, const TorsionGraph& graph,
                                     ConstCoordinates frames) {
  const std::size_t r = graph.torsions.size();
  std::vector<double> result(frames.n_chains * r);
  for (std::size_t f = 0; f < frames.n_chains; ++f)
    angles(graph, frames.chain(f), {result.data() + f * r, r});
  return result;
}

}  // namespace

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
  constexpr std::size_t kFewestSteps = 4;
  const std::size_t n_steps = series.size() / n_ladders;
  if (n_steps < kFewestSteps) return 0.0;
  const double n = autocorrelation_time({series, n_ladders, n_steps}).effective_samples;
  return std::isfinite(n) ? n : 0.0;
}

std::vector<double> torsions_of_frames(const TorsionGraph& graph, ConstCoordinates frames) {
  return angles_of_frames(torsion_angles, graph, frames);
}

std::vector<double> quartets_of_frames(const TorsionGraph& graph, ConstCoordinates frames) {
  return angles_of_frames(quartet_angles, graph, frames);
}

std::vector<double> effective_torsion_samples(const TorsionGraph& graph,
                                              const std::vector<double>& torsions,
                                              const std::vector<std::size_t>& ladders) {
  const std::size_t r = graph.torsions.size();
  if (torsions.size() != ladders.size() * r)
    throw InternalError("effective_torsion_samples: sizes of torsions and ladders");
  if (ladders.empty()) return std::vector<double>(r, 0.0);
  const auto frames = frames_of_ladders(ladders);
  std::vector<double> result, cosines, sines;
  for (std::size_t t = 0; t < r; ++t) {
    cosines.clear();
    sines.clear();
    for (const auto& ladder : frames)
      for (const std::size_t f : ladder) {
        const double angle = graph.torsions[t].symmetry * torsions[f * r + t];
        cosines.push_back(std::cos(angle));
        sines.push_back(std::sin(angle));
      }
    result.push_back(std::min(effective_samples(cosines, frames.size()),
                              effective_samples(sines, frames.size())));
  }
  return result;
}

}  // namespace saltus::engine
