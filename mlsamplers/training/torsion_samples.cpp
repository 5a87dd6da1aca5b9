#include "mlsamplers/training/torsion_samples.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "mlsamplers/torsions/graph_features.h"
#include "mlsamplers/torsions/network_torsion_model.h"

namespace saltus::mlsamplers {

namespace {

/// Places of torsions in the order in which they become known.
std::vector<std::size_t> places_of(TorsionMask mask, std::size_t n, engine::RandomStream& stream) {
  std::vector<std::size_t> place(n, 0);
  if (mask != TorsionMask::kOrder) return place;
  std::iota(place.begin(), place.end(), std::size_t{0});
  engine::shuffle(engine::Span<std::size_t>(place), stream);
  return place;
}

}  // namespace

void validate(const TorsionSamples& samples) {
  const std::size_t n = samples.n_samples, r = samples.graph.torsions.size();
  const auto require = [&samples](bool ok, const std::string& what) {
    if (!ok) throw engine::InputError("torsion training: molecule '" + samples.name + "': " + what);
  };
  require(r > 0, "it has no torsion");
  require(n > 0, "it has no samples");
  require(samples.torsions.size() == n * r, "expected " + std::to_string(n * r) +
                                                " torsion angles (samples x torsions), found " +
                                                std::to_string(samples.torsions.size()));
  const std::size_t n_signs = n * samples.graph.inversions.size();
  require(samples.inversions.size() == n_signs,
          "expected " + std::to_string(n_signs) + " signs (samples x invertible centres), found " +
              std::to_string(samples.inversions.size()));
  for (float angle : samples.torsions) require(std::isfinite(angle), "an angle is not finite");
  for (std::int8_t sign : samples.inversions)
    require(sign == 1 || sign == -1, "a sign of an invertible centre is neither +1 nor -1");
}

TorsionSamples mirror_image(const TorsionSamples& samples) {
  TorsionSamples image = samples;
  image.graph = mirror_image(samples.graph);
  for (float& angle : image.torsions) angle = -angle;
  for (std::int8_t& sign : image.inversions) sign = static_cast<std::int8_t>(-sign);
  return image;
}

void add_sample(const TorsionSamples& samples, std::size_t sample, const RowsInBatch& rows,
                const DrawnMask& drawn, MaskedRows& out) {
  const TorsionMask mask = drawn.mask;
  const auto& torsions = samples.graph.torsions;
  const std::size_t r = torsions.size(), n_signs = samples.graph.inversions.size();
  const float* angles = samples.torsions.data() + sample * r;
  const engine::Span<const std::int8_t> signs(samples.inversions.data() + sample * n_signs,
                                              n_signs);
  const std::vector<std::size_t> place = places_of(mask, r, drawn.stream);
  std::vector<std::array<float, 2 * kTorsionHarmonics>> harmonics(r);
  for (std::size_t b = 0; b < r; ++b)
    harmonics[b] = torsion_harmonics(torsions[b].symmetry * static_cast<double>(angles[b]));
  for (std::size_t b = 0; b < r; ++b) {
    out.bases.push_back(rows.first_base + rows.layout.bases_of[b].row(signs));
    const float folded = static_cast<float>(torsions[b].fold) * angles[b];
    out.cosines.push_back(std::cos(folded));
    out.sines.push_back(std::sin(folded));
    std::size_t n_messages = 0;
    for (std::size_t i = 0; i < torsions[b].neighbours.size(); ++i) {
      const std::size_t c = torsions[b].neighbours[i];
      if (mask == TorsionMask::kNothing || (mask == TorsionMask::kOrder && place[c] > place[b]))
        continue;
      out.pairs.push_back(rows.first_pair + rows.layout.pairs_of[b][i].row(signs));
      out.harmonics.insert(out.harmonics.end(), harmonics[c].begin(), harmonics[c].end());
      ++n_messages;
    }
    out.n_messages.push_back(n_messages);
  }
}

}  // namespace saltus::mlsamplers
