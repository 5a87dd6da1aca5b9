#include "tools/saltus/run/radial_record.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/system/coordinates.h"

namespace saltus::tools {

namespace {

constexpr double kBin_nm = 0.005;
/// Of the jackknife, at least, where there are as many frames: chains, or parts of them.
constexpr std::size_t kFewestBlocks = 8;

/// Frames at equal intervals.
std::vector<std::uint64_t> frames_within(std::uint64_t n_frames, double distances_of_frame) {
  const double share = kMostRadialDistances / (distances_of_frame * static_cast<double>(n_frames));
  const auto stride = static_cast<std::uint64_t>(std::ceil(std::max(1.0, 1.0 / share)));
  std::vector<std::uint64_t> frames;
  for (std::uint64_t frame = 0; frame < n_frames; frame += stride) frames.push_back(frame);
  return frames;
}

double shortest_width(const io::TrajectoryReader& reader, const std::vector<std::size_t>& chains,
                      const std::vector<std::uint64_t>& frames) {
  double shortest = std::numeric_limits<double>::infinity();
  for (const std::uint64_t frame : frames) {
    const std::vector<engine::Box> boxes = reader.boxes(frame);
    for (const std::size_t chain : chains)
      shortest = std::min(shortest, boxes[chain].shortest_width());
  }
  return shortest;
}

}  // namespace

std::vector<engine::RadialCurve> water_distributions(const io::TrajectoryReader& reader,
                                                     const std::vector<std::size_t>& chains,
                                                     std::uint64_t n_frames,
                                                     const std::vector<double>& log_weights) {
  if (!reader.has_box()) return {};
  const std::vector<engine::RadialPair> pairs = engine::water_pairs(reader.topology());
  if (pairs.empty()) return {};
  double distances = 0.0;
  for (const engine::RadialPair& pair : pairs)
    distances += static_cast<double>(pair.first.size()) * static_cast<double>(pair.second.size());
  const std::vector<std::uint64_t> frames =
      frames_within(n_frames, distances * static_cast<double>(chains.size()));
  const std::size_t per_chain =
      std::min((kFewestBlocks + chains.size() - 1) / chains.size(), frames.size());
  const double half = 0.5 * shortest_width(reader, chains, frames);
  const engine::RadialBins bins = {kBin_nm, static_cast<std::size_t>(half / kBin_nm),
                                   chains.size() * per_chain};
  if (bins.n_bins == 0) return {};
  std::vector<engine::RadialDistribution> distributions;
  for (const engine::RadialPair& pair : pairs)
    distributions.emplace_back(pair, reader.topology(), bins);
  const double largest =
      log_weights.empty() ? 0.0 : *std::max_element(log_weights.begin(), log_weights.end());
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const engine::CoordinateBatch x = reader.positions(frames[f]);
    for (std::size_t c = 0; c < chains.size(); ++c) {
      const auto at = c * static_cast<std::size_t>(n_frames) + static_cast<std::size_t>(frames[f]);
      const double weight = log_weights.empty() ? 1.0 : std::exp(log_weights[at] - largest);
      const engine::Span<const double> positions = x.chain(chains[c]);
      for (engine::RadialDistribution& distribution : distributions)
        distribution.add(positions, x.boxes()[chains[c]], weight,
                         c * per_chain + f * per_chain / frames.size());
    }
  }
  std::vector<engine::RadialCurve> curves;
  for (const engine::RadialDistribution& distribution : distributions)
    curves.push_back(distribution.curve());
  return curves;
}

}  // namespace saltus::tools
