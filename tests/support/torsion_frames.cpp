#include "tests/support/torsion_frames.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/conformers/torsion_statistics.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::tests {

namespace {

using AnglesOf = void (*)(const engine::TorsionGraph&, engine::Span<const double>,
                          engine::Span<double>);

std::vector<double> angles_of_frames(AnglesOf angles, const engine::TorsionGraph& graph,
                                     engine::ConstCoordinates frames) {
  const std::size_t r = graph.torsions.size();
  std::vector<double> result(frames.n_chains * r);
  for (std::size_t f = 0; f < frames.n_chains; ++f)
    angles(graph, frames.chain(f), {result.data() + f * r, r});
  return result;
}

}  // namespace

std::vector<double> torsions_of_frames(const engine::TorsionGraph& graph,
                                       engine::ConstCoordinates frames) {
  return angles_of_frames(engine::torsion_angles, graph, frames);
}

std::vector<double> quartets_of_frames(const engine::TorsionGraph& graph,
                                       engine::ConstCoordinates frames) {
  return angles_of_frames(engine::quartet_angles, graph, frames);
}

std::vector<double> effective_torsion_samples(const engine::TorsionGraph& graph,
                                              const std::vector<double>& torsions,
                                              const std::vector<std::size_t>& ladders) {
  const std::size_t r = graph.torsions.size();
  if (torsions.size() != ladders.size() * r)
    throw std::invalid_argument("effective_torsion_samples: sizes of torsions and ladders");
  if (ladders.empty()) return std::vector<double>(r, 0.0);
  const auto frames = engine::frames_of_ladders(ladders);
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
    result.push_back(std::min(engine::effective_samples(cosines, frames.size()),
                              engine::effective_samples(sines, frames.size())));
  }
  return result;
}

}  // namespace saltus::tests
