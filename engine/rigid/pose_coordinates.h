#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/rigid/rigid_bodies.h"

namespace saltus::engine {

/// Coordinates of rigid bodies about sites, one pose s_i, r_i for each body, as one vector c with
/// the numbers of one body after those of the other. Those of body i are
///   d_i, nm: (p_i - p_f) - (s_i - s_f), the image of the smallest size along each edge of the box
///   (Box::nearest_image), f being a body of reference whose d is 0: shifting everything changes
///   nothing;
///   v_i: r_i* q_i = +-(1, v_i) / sqrt(1 + |v_i|^2), so that |v_i| is the tangent of half the angle
///   between orientation and site (gnomonic projection of half of S^3). q and -q have the same v,
///   bit for bit. Single atoms have none; lines of atoms have v_y and v_z, v_x being 0, whatever
///   their turn about the line. Where numbers of equal atoms of a body can be exchanged by turning
///   it (RigidBodies::images), v is that of the numbering which makes |v| least, with r_i* q_i s_i
///   in the place of r_i* q_i: a molecule of water that turned over has the coordinates of one that
///   did not.
/// With f = 0 the first three numbers are 0 and the rest is y of HarmonicCrystal.
///
/// Numbering. A move of coordinates, c -> c' with s_i kept, is one of poses: c and s_i together are
/// the poses, without overlap, as long as every v is that of its nearest numbering before and after
/// (is_own_image). What a density of c says holds in each numbering alike.
///
/// Measure. Each orientation counted once, d^3p dS is
///   d^3 d prod_k dv_k / (1 + |v|^2)^2;
/// for lines this is a quarter of the solid angle of the line, which the same formula gives
/// (stereographic projection of S^2).
class PoseCoordinates {
 public:
  /// @param sites  one for each body
  /// @param box    in which all poses live; none: no images
  /// @throws InputError  when there are other than one site for each body, or a site is not finite
  PoseCoordinates(std::shared_ptr<const RigidBodies> bodies, std::vector<RigidPose> sites,
                  std::optional<Box> box);

  /// v times this, twice an arm of 0.1 nm, is how far a turn moves the end of the arm: for lengths
  /// and steps in which displacements and turns count alike.
  static constexpr double kTurn_nm = 0.2;

  const std::shared_ptr<const RigidBodies>& bodies() const { return bodies_; }
  const std::vector<RigidPose>& sites() const { return sites_; }
  const std::optional<Box>& box() const { return box_; }

  /// Numbers in all: 6 for each body but 3 for an atom and 5 for a line.
  std::size_t size() const { return first_.back(); }
  /// Where those of a body begin: three displacements, then n_turns(body) numbers v.
  std::size_t first(std::size_t body) const { return first_[body]; }
  std::size_t count(std::size_t body) const { return first_[body + 1] - first_[body]; }
  std::size_t n_turns(std::size_t body) const { return count(body) - 3; }

  /// [size()]; v is infinite or NaN half a turn away from a site.
  std::vector<double> of(Span<const RigidPose> poses, std::size_t reference) const;
  /// r (1, v) / |(1, v)|, in the nearest numbering.
  Quaternion orientation(std::size_t body, Span<const double> coordinates) const;
  /// The pose of a body whose coordinates were `from` and become `to`, the body of reference being
  /// where it was. The body stays in the image of the box and in the numbering it was in.
  RigidPose moved(std::size_t body, const RigidPose& pose, Span<const double> from,
                  Span<const double> to) const;
  /// Puts the atoms of a body where `moved` says, and turns their velocities along.
  /// @param x, velocities  [N, 3], in and out; velocities may be empty
  void move(std::size_t body, const RigidPose& pose, Span<const double> from, Span<const double> to,
            Span<double> x, Span<double> velocities) const;
  /// Whether a displacement is its own image, at most half an edge long in each direction, and a
  /// turn that of its nearest numbering: others are never the coordinates of a pose.
  bool is_own_image(std::size_t body, Span<const double> coordinates) const;
  /// s of a pose, as a place in RigidBodies::images.
  std::size_t numbering(std::size_t body, const RigidPose& pose) const {
    return bodies_->nearest_image(body, sites_[body].orientation, pose.orientation);
  }
  /// log |dS / dv| = -2 log(1 + |v|^2); 0 for an atom.
  double log_area(std::size_t body, Span<const double> coordinates) const;
  /// Derivatives of U in the coordinates of one body: -F and -2 (T + v x T) / (1 + |v|^2).
  /// @param push  force and torque on the body there (RigidBodies::push)
  /// @param out   [count(body)]
  void gradient(std::size_t body, Span<const double> coordinates, const RigidPush& push,
                Span<double> out) const;

 private:
  Vec3 displacement(std::size_t body, Span<const double> coordinates) const;
  Vec3 turn(std::size_t body, Span<const double> coordinates) const;

  std::shared_ptr<const RigidBodies> bodies_;
  std::vector<RigidPose> sites_;
  std::optional<Box> box_;
  std::vector<std::size_t> first_;  ///< [M + 1]
};

}  // namespace saltus::engine
