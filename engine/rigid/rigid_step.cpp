#include "engine/rigid/rigid_step.h"

#include <cmath>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

Vec3 normal_vector(double width, RandomStream& stream) {
  const double x = stream.normal(), y = stream.normal(), z = stream.normal();
  return {width * x, width * y, width * z};
}

}  // namespace

void RigidWalkOptions::validate(const std::string& move) const {
  const auto require = [&](double value, const char* what) {
    if (!(value > 0.0) || !std::isfinite(value))
      throw InputError(move + ": " + what + " must be positive and finite");
  };
  require(translation_nm, "translation");
  require(rotation_rad, "rotation");
  require(scale, "scale");
}

RigidStep draw_rigid_step(const RigidWalkOptions& options, const RigidShape& shape,
                          RandomStream& stream) {
  RigidStep step;
  step.shift = normal_vector(options.scale * options.translation_nm, stream);
  if (!shape.is_atom())
    step.turn = from_rotation_vector(normal_vector(options.scale * options.rotation_rad, stream));
  return step;
}

RigidPose displaced(const RigidPose& pose, const RigidStep& step) {
  return {pose.position + step.shift, normalised(step.turn * pose.orientation)};
}

}  // namespace saltus::engine
