#include "engine/torsions/torsion_model.h"

#include <array>
#include <vector>

#include "engine/torsions/mixture_lanes.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

namespace {

/// One lane of rows.
template <class T>
void copy_lane(Span<const T> rows, std::size_t lane, std::vector<T>& out) {
  out.resize(rows.size() / kLaneWidth);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rows[i * kLaneWidth + lane];
}

}  // namespace

void TorsionModel::block_density(const TorsionBlockContext& context, MixtureBlock& out) const {
  std::array<VonMisesMixture, kLaneWidth> mixtures;
  std::vector<double> torsions;
  std::vector<std::uint8_t> known;
  std::vector<int> signs;
  for (std::size_t lane = 0; lane < context.n_lanes; ++lane) {
    if (context.asked[lane] == kNowhere) continue;
    copy_lane(context.torsions, lane, torsions);
    copy_lane(context.known, lane, known);
    copy_lane(context.inversions, lane, signs);
    density(context.asked[lane], {torsions, known, signs}, mixtures[lane]);
  }
  out.set(mixtures);
}

}  // namespace saltus::engine
