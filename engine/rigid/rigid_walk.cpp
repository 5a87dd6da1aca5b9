#include "engine/rigid/rigid_walk.h"

#include <cmath>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

Vec3 normal_vector(double width, RandomStream& stream) {
  const double x = stream.normal(), y = stream.normal(), z = stream.normal();
  return {width * x, width * y, width * z};
}

void turn_rows(Quaternion turn, const std::vector<std::size_t>& rows, Span<double> v) {
  for (const std::size_t row : rows) {
    const Vec3 turned = rotate(turn, load_atom(v.data(), row));
    v[3 * row] = turned.x;
    v[3 * row + 1] = turned.y;
    v[3 * row + 2] = turned.z;
  }
}

}  // namespace

RigidWalk::RigidWalk(const RigidWalkOptions& options, std::shared_ptr<const RigidBodies> bodies)
    : options_(options), bodies_(std::move(bodies)) {
  if (!bodies_) throw InternalError("rigid_walk without bodies");
  const auto require = [](double value, const char* what) {
    if (!(value > 0.0) || !std::isfinite(value))
      throw InputError(std::string("rigid_walk: ") + what + " must be positive and finite");
  };
  require(options.translation_nm, "translation");
  require(options.rotation_rad, "rotation");
  require(options.scale, "scale");
}

MoveRequirements RigidWalk::requirements() const {
  MoveRequirements result;
  result.rigid_molecules = true;
  return result;
}

ProposalBatch RigidWalk::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  if (x.n_atoms != bodies_->n_atoms())
    throw InternalError("rigid_walk: bodies and chains have different atom counts");
  ProposalBatch result(x);
  result.velocities = CoordinateBatch::repeated(current.velocities, 1);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const auto body = static_cast<std::size_t>(stream.below(bodies_->size()));
    RigidPose pose = bodies_->pose(body, x, c);
    pose.position = pose.position + normal_vector(options_.scale * options_.translation_nm, stream);
    if (!bodies_->shape(body).is_atom()) {
      const Quaternion turn =
          from_rotation_vector(normal_vector(options_.scale * options_.rotation_rad, stream));
      pose.orientation = normalised(turn * pose.orientation);
      if (result.velocities.n_chains() > 0)
        turn_rows(turn, bodies_->atoms(body), result.velocities.chain(c));
    }
    bodies_->place(body, pose, result.positions.chain(c));
  }
  return result;
}

}  // namespace saltus::engine
