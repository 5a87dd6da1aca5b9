#include "engine/rigid/rigid_draw.h"

#include <limits>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

RigidDraw::RigidDraw(std::shared_ptr<const HarmonicCrystal> crystal)
    : crystal_(std::move(crystal)) {
  if (!crystal_) throw InternalError("rigid_draw without a harmonic crystal");
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
    const std::vector<RigidPose> poses = crystal_->bodies().poses(x, c);
    const std::vector<double> from = chart.of(poses, 0);
    const std::vector<double> to = crystal_->sample(beta, stream);
    result.log_forward[c] = crystal_->log_density(to, beta);
    result.log_reverse[c] = crystal_->log_density(from, beta);
    const Span<double> velocities =
        result.velocities.n_chains() > 0 ? result.velocities.chain(c) : Span<double>{};
    for (std::size_t body = 0; body < poses.size(); ++body) {
      chart.move(body, poses[body], from, to, result.positions.chain(c), velocities);
      if (!chart.is_image(body, to))
        result.log_forward[c] = -std::numeric_limits<double>::infinity();
    }
  }
  return result;
}

void RigidDraw::log_density(ConstCoordinates to, const ChainView& from,
                            Span<double> log_density) const {
  crystal_->require_boxes(to, name());
  const RigidBodies& bodies = crystal_->bodies();
  for (std::size_t c = 0; c < to.n_chains; ++c) {
    const std::vector<RigidPose> poses = bodies.poses(to, c);
    const Vec3 shift = poses[0].position - bodies.pose(0, from.positions, c).position;
    log_density[c] =
        norm(shift) > RigidBodies::kFarthest_nm
            ? -std::numeric_limits<double>::infinity()
            : crystal_->log_density(crystal_->coordinates().of(poses, 0), from.states[c].beta());
  }
}

}  // namespace saltus::engine
