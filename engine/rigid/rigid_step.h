#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/rigid/rigid_bodies.h"

namespace saltus::engine {

/// Widths of random steps of rigid bodies.
struct RigidWalkOptions {
  double translation_nm = 0.02;  ///< standard deviation of each coordinate
  double rotation_rad = 0.2;     ///< standard deviation of each component of the rotation vector
  double scale = 1.0;            ///< factor on both: what is tuned

  /// @throws InputError  naming the move and what is not positive and finite
  void validate(const std::string& move) const;
};

/// A displacement of a body: p' = p + shift of the centre of mass, q' = turn q.
struct RigidStep {
  Vec3 shift;       ///< nm
  Quaternion turn;  ///< of length 1
};

/// Normal vectors d and e of the given widths: shift d and turn exp(e / 2); single atoms do not
/// turn. A symmetric step with respect to d^3 p dS(q): (d, e) and (-d, -e) are equally likely, the
/// second leads back, and turning all orientations by one rotation preserves that measure.
RigidStep draw_rigid_step(const RigidWalkOptions& options, const RigidShape& shape,
                          RandomStream& stream);

/// Where a step leads to.
RigidPose displaced(const RigidPose& pose, const RigidStep& step);

}  // namespace saltus::engine
