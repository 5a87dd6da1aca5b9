#include "engine/rigid/rigid_draw.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/rigid/pose_draw.h"

namespace saltus::engine {

RigidDraw::RigidDraw(std::shared_ptr<const HarmonicCrystal> crystal)
    : crystal_(std::move(crystal)) {
  if (!crystal_) throw InternalError("rigid_draw without a harmonic crystal");
  all_.resize(crystal_->bodies().size());
  std::iota(all_.begin(), all_.end(), std::size_t{0});
}

MoveRequirements RigidDraw::requirements() const {
  MoveRequirements result;
  result.rigid_molecules = true;
  return result;
}

ProposalBatch RigidDraw::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  const PoseCoordinates& chart = crystal_->coordinates();
  crystal_->require_boxes(x, name());
  ProposalBatch result(x);
  result.velocities = CoordinateBatch::repeated(current.velocities, 1);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const double beta = current.states[c].beta();
    PoseDraw draw = {crystal_->bodies().poses(x, c), {}, crystal_->sample(beta, stream)};
    draw.from = chart.of(draw.poses, 0);
    result.log_forward[c] = crystal_->log_density(draw.to, beta);
    result.log_reverse[c] = crystal_->log_density(draw.from, beta);
    place_draw(chart, all_, draw, c, result);
  }
  return result;
}

void RigidDraw::log_density(ConstCoordinates to, const ChainView& from,
                            Span<double> log_density) const {
  crystal_->require_boxes(to, name());
  const PoseCoordinates& chart = crystal_->coordinates();
  for (std::size_t c = 0; c < to.n_chains; ++c) {
    const std::vector<RigidPose> poses = crystal_->bodies().poses(to, c),
                                 before = crystal_->bodies().poses(from.positions, c);
    const bool keeps_numbering = std::all_of(all_.begin(), all_.end(), [&](std::size_t body) {
      return chart.numbering(body, poses[body]) == chart.numbering(body, before[body]);
    });
    const bool reachable = keeps_numbering && norm(poses[0].position - before[0].position) <=
                                                  RigidBodies::kFarthest_nm;
    log_density[c] = reachable ? crystal_->log_density(chart.of(poses, 0), from.states[c].beta())
                               : -std::numeric_limits<double>::infinity();
  }
}

}  // namespace saltus::engine
