#include "engine/rigid/pose_draw.h"

#include <limits>

namespace saltus::engine {

void place_draw(const PoseCoordinates& chart, const std::vector<std::size_t>& bodies,
                const PoseDraw& draw, std::size_t c, ProposalBatch& result) {
  const Span<double> velocities =
      result.velocities.n_chains() > 0 ? result.velocities.chain(c) : Span<double>{};
  for (const std::size_t body : bodies) {
    chart.move(body, draw.poses[body], draw.from, draw.to, result.positions.chain(c), velocities);
    if (!chart.is_own_image(body, draw.to))
      result.log_forward[c] = -std::numeric_limits<double>::infinity();
  }
}

}  // namespace saltus::engine
