// Oracle: derivatives by finite differences; the maps of engine/rigid.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/rigid/sphere_maps.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "tests/mlsamplers/held_bodies.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;
using mlsamplers::apply_flow;
using mlsamplers::FlowConditioner;
using mlsamplers::FlowDirection;
using mlsamplers::OrientationMap;
using mlsamplers::PoseBatch;
using mlsamplers::poses_of;
using mlsamplers::RigidFlowModel;

const HeldBodies& held() {
  static const HeldBodies instance;
  return instance;
}

/// Weights that change poses by about as much as they move.
constexpr double kScale = 5.0;
/// Such that terms of convex functions are as strong as they may be, or next to nothing.
constexpr double kTermScale = 20.0;

RigidFlowModel liquid_flow(OrientationMap map) {
  return held().random_flow(kScale, map, FlowConditioner::kAttention);
}

PoseBatch base_poses(std::size_t n_chains, std::uint64_t seed) {
  return poses_of(*held().bodies(),
                  held().draw(n_chains, HeldBodies::kHot_K, test_seed(seed)).positions.view());
}

Quaternion orientation(const PoseBatch& poses, std::size_t row) {
  const double* q = poses.orientations.data() + 4 * row;
  return {q[0], q[1], q[2], q[3]};
}

double position(const PoseBatch& poses, std::size_t row, std::size_t axis) {
  return poses.positions[3 * row + axis];
}

TEST(RigidFlow, BeginsAsTheHarmonicMap) {
  const RigidFlowModel model = held().flow();
  const PoseBatch poses = base_poses(5, 1);
  const auto image = apply_flow(model, poses, FlowDirection::kToTarget);
  const double c = std::sqrt(HeldBodies::kCold_K / HeldBodies::kHot_K);
  const MoebiusMap<2> circle({(c - 1.0) / (c + 1.0), 0.0});
  const LinearSphereMap<4> shrink({1.0, 0.0, c, 0.0, 0.0, c, 0.0, 0.0, 0.0, c});
  for (std::size_t chain = 0; chain < 5; ++chain) {
    double log_det = 0.0;
    for (std::size_t body = 0; body < 3; ++body) {
      const std::size_t row = 3 * chain + body;
      const RigidPose& site = model.sites[body];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double edge = HeldBodies::kEdges_nm[axis];
        const double at =
            std::array<double, 3>{site.position.x, site.position.y, site.position.z}[axis];
        const double d = position(poses, row, axis) - position(poses, 3 * chain, axis) - at;
        const auto to = circle.forward({std::cos(kTwoPi * d / edge), std::sin(kTwoPi * d / edge)});
        const double expected = body == 0
                                    ? position(poses, row, axis)
                                    : position(poses, 3 * chain, axis) + at +
                                          edge / kTwoPi * std::atan2(to.point[1], to.point[0]);
        // Images of one place are the same.
        EXPECT_NEAR(std::remainder(position(image.poses, row, axis) - expected, edge), 0.0, 1e-12);
        if (body > 0) log_det += to.log_det;
      }
      const auto to =
          shrink.forward(point_of(conjugate(site.orientation) * orientation(poses, row)));
      const Quaternion expected = site.orientation * quaternion_at(to.point);
      const Quaternion got = orientation(image.poses, row);
      EXPECT_NEAR(got.w * expected.w + got.x * expected.x + got.y * expected.y + got.z * expected.z,
                  1.0, 1e-12);
      log_det += to.log_det;
    }
    EXPECT_NEAR(image.log_dets[chain], log_det, 1e-11);
  }
}

TEST(RigidFlow, IsTheIdentityBetweenEqualTemperatures) {
  const PoseBatch poses = base_poses(4, 2);
  const auto image = apply_flow(held().flow(HeldBodies::kHot_K), poses, FlowDirection::kToTarget);
  for (std::size_t i = 0; i < poses.positions.size(); ++i)
    EXPECT_NEAR(image.poses.positions[i], poses.positions[i], 1e-13);
  for (std::size_t i = 0; i < poses.orientations.size(); ++i)
    EXPECT_NEAR(image.poses.orientations[i], poses.orientations[i], 1e-13);
  for (const double log_det : image.log_dets) EXPECT_NEAR(log_det, 0.0, 1e-13);
}

/// @param tolerance  of poses
void expect_leads_back(const RigidFlowModel& model, double tolerance) {
  const PoseBatch poses = base_poses(50, 3);
  const auto image = apply_flow(model, poses, FlowDirection::kToTarget);
  const auto back = apply_flow(model, image.poses, FlowDirection::kToBase);
  double farthest = 0.0;
  for (std::size_t i = 0; i < poses.positions.size(); ++i) {
    EXPECT_NEAR(back.poses.positions[i], poses.positions[i], tolerance);
    farthest = std::max(farthest, std::abs(image.poses.positions[i] - poses.positions[i]));
  }
  EXPECT_GT(farthest, 0.01) << "it must move something";
  for (std::size_t i = 0; i < poses.orientations.size(); ++i)
    EXPECT_NEAR(back.poses.orientations[i], poses.orientations[i], tolerance);
  for (std::size_t c = 0; c < poses.n_chains; ++c)
    EXPECT_NEAR(back.log_dets[c], -image.log_dets[c], 10.0 * tolerance);
}

TEST(RigidFlow, LeadsBack) {
  expect_leads_back(held().random_flow(kScale), 1e-11);
  // Newton's method ends within 1e-9 at the latest.
  expect_leads_back(held().random_flow(kTermScale, OrientationMap::kConvexGradient), 1e-9);
  expect_leads_back(liquid_flow(OrientationMap::kLinear), 1e-9);
  expect_leads_back(liquid_flow(OrientationMap::kConvexGradient), 1e-9);
}

/// log |det| of a square matrix, row-major, by elimination with pivots.
double log_abs_det(std::vector<double> a, std::size_t n) {
  double sum = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(a[n * i + k]) > std::abs(a[n * pivot + k])) pivot = i;
    for (std::size_t j = 0; j < n; ++j) std::swap(a[n * k + j], a[n * pivot + j]);
    sum += std::log(std::abs(a[n * k + k]));
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[n * i + k] / a[n * k + k];
      for (std::size_t j = k; j < n; ++j) a[n * i + j] -= factor * a[n * k + j];
    }
  }
  return sum;
}

/// Poses moved by h along each of 18 coordinates: positions, and turns by small rotation vectors:
/// the measure d^3 p dS(q) but for a constant that is the same at both ends.
constexpr std::size_t kSize = 18;
PoseBatch moved_along_all(const PoseBatch& one, double h) {
  PoseBatch many{kSize, 3, {}, {}};
  for (std::size_t k = 0; k < kSize; ++k) {
    PoseBatch moved = one;
    if (k < 9) {
      moved.positions[k] += h;
    } else {
      const std::size_t body = (k - 9) / 3;
      Vec3 v;
      (k % 3 == 0 ? v.x : k % 3 == 1 ? v.y : v.z) = h;
      moved.set(body,
                {one.pose(body).position, from_rotation_vector(v) * one.pose(body).orientation});
    }
    many.positions.insert(many.positions.end(), moved.positions.begin(), moved.positions.end());
    many.orientations.insert(many.orientations.end(), moved.orientations.begin(),
                             moved.orientations.end());
  }
  return many;
}

/// Central differences, [18, 18].
std::vector<double> derivative_of(const RigidFlowModel& model, const PoseBatch& one, double h) {
  const auto plus = apply_flow(model, moved_along_all(one, h), FlowDirection::kToTarget).poses,
             minus = apply_flow(model, moved_along_all(one, -h), FlowDirection::kToTarget).poses;
  std::vector<double> derivative(kSize * kSize);
  for (std::size_t k = 0; k < kSize; ++k)
    for (std::size_t body = 0; body < 3; ++body) {
      const RigidPose a = plus.pose(3 * k + body), b = minus.pose(3 * k + body);
      const Vec3 shift = (1.0 / (2.0 * h)) * (a.position - b.position);
      const Vec3 turn =
          (1.0 / (2.0 * h)) * rotation_vector(normalised(a.orientation * conjugate(b.orientation)));
      const double values[6] = {shift.x, shift.y, shift.z, turn.x, turn.y, turn.z};
      for (std::size_t i = 0; i < 3; ++i) {
        derivative[kSize * (3 * body + i) + k] = values[i];
        derivative[kSize * (9 + 3 * body + i) + k] = values[3 + i];
      }
    }
  return derivative;
}

void expect_volumes_of_the_derivative(const RigidFlowModel& model) {
  // Differences with two steps, extrapolated: errors of h^4 and of rounding, 1e-16 / h.
  constexpr double kStep = 1e-4, kTolerance = 1e-7;
  const PoseBatch poses = base_poses(3, 4);
  for (std::size_t chain = 0; chain < poses.n_chains; ++chain) {
    PoseBatch one{1, 3, std::vector<double>(9), std::vector<double>(12)};
    for (std::size_t body = 0; body < 3; ++body) one.set(body, poses.pose(3 * chain + body));
    std::vector<double> derivative = derivative_of(model, one, kStep);
    const std::vector<double> coarse = derivative_of(model, one, 2.0 * kStep);
    for (std::size_t i = 0; i < derivative.size(); ++i)
      derivative[i] += (derivative[i] - coarse[i]) / 3.0;
    EXPECT_NEAR(apply_flow(model, one, FlowDirection::kToTarget).log_dets[0],
                log_abs_det(derivative, kSize), kTolerance);
  }
}

TEST(RigidFlow, VolumesAreThoseOfTheDerivative) {
  expect_volumes_of_the_derivative(held().random_flow(kScale));
  expect_volumes_of_the_derivative(held().random_flow(kScale, OrientationMap::kConvexGradient));
  expect_volumes_of_the_derivative(liquid_flow(OrientationMap::kLinear));
  expect_volumes_of_the_derivative(liquid_flow(OrientationMap::kConvexGradient));
}

void expect_signs_and_shifts_change_nothing(const RigidFlowModel& model) {
  const PoseBatch poses = base_poses(4, 5);
  const auto image = apply_flow(model, poses, FlowDirection::kToTarget);
  PoseBatch flipped = poses;
  for (std::size_t row = 0; row < 12; row += 2)
    for (std::size_t k = 0; k < 4; ++k) flipped.orientations[4 * row + k] *= -1.0;
  const auto of_flipped = apply_flow(model, flipped, FlowDirection::kToTarget);
  EXPECT_EQ(of_flipped.poses.positions, image.poses.positions);
  EXPECT_EQ(of_flipped.log_dets, image.log_dets);
  for (std::size_t row = 0; row < 12; ++row)
    for (std::size_t k = 4 * row; k < 4 * row + 4; ++k)
      EXPECT_EQ(of_flipped.poses.orientations[k],
                (row % 2 == 0 ? -1.0 : 1.0) * image.poses.orientations[k]);

  PoseBatch shifted = poses;
  for (std::size_t i = 0; i < shifted.positions.size(); ++i) shifted.positions[i] += 0.3;
  shifted.positions[3] += HeldBodies::kEdges_nm[0];  // body 1 of the first chain: another image
  const auto of_shifted = apply_flow(model, shifted, FlowDirection::kToTarget);
  for (std::size_t i = 0; i < shifted.positions.size(); ++i)
    EXPECT_NEAR(of_shifted.poses.positions[i] - shifted.positions[i],
                image.poses.positions[i] - poses.positions[i], 1e-12);
  for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(of_shifted.log_dets[c], image.log_dets[c], 1e-11);
}

TEST(RigidFlow, SignsOfQuaternionsAndShiftsChangeNothing) {
  expect_signs_and_shifts_change_nothing(held().random_flow(kScale));
  expect_signs_and_shifts_change_nothing(
      held().random_flow(kTermScale, OrientationMap::kConvexGradient));
  expect_signs_and_shifts_change_nothing(liquid_flow(OrientationMap::kLinear));
}

/// Largest difference between the image of permuted bodies and the permuted image, nm or of
/// quaternions, and of log |det|.
double permutation_error(const RigidFlowModel& model, FlowDirection direction) {
  constexpr std::size_t kOrder[3] = {2, 0, 1};
  const PoseBatch poses = base_poses(20, 9);
  PoseBatch permuted = poses;
  for (std::size_t row = 0; row < 60; ++row)
    permuted.set(row, poses.pose(row - row % 3 + kOrder[row % 3]));
  const auto image = apply_flow(model, poses, direction),
             of_permuted = apply_flow(model, permuted, direction);
  double largest = 0.0;
  for (std::size_t row = 0; row < 60; ++row) {
    const std::size_t from = row - row % 3 + kOrder[row % 3];
    for (std::size_t k = 0; k < 3; ++k)
      largest = std::max(largest, std::abs(of_permuted.poses.positions[3 * row + k] -
                                           image.poses.positions[3 * from + k]));
    for (std::size_t k = 0; k < 4; ++k)
      largest = std::max(largest, std::abs(of_permuted.poses.orientations[4 * row + k] -
                                           image.poses.orientations[4 * from + k]));
  }
  for (std::size_t c = 0; c < 20; ++c)
    largest = std::max(largest, std::abs(of_permuted.log_dets[c] - image.log_dets[c]));
  return largest;
}

TEST(RigidFlow, OfLiquidsCommutesWithPermutations) {
  // Rounding of sums in another order, and Newton's method, which ends within 1e-9.
  for (const FlowDirection direction : {FlowDirection::kToTarget, FlowDirection::kToBase}) {
    EXPECT_LT(permutation_error(liquid_flow(OrientationMap::kLinear), direction), 1e-8);
    EXPECT_LT(permutation_error(liquid_flow(OrientationMap::kConvexGradient), direction), 1e-8);
    // Weights of its own for each body do not, which is seen.
    EXPECT_GT(permutation_error(held().random_flow(kScale), direction), 1e-2);
  }
}

TEST(RigidFlow, OfLiquidsBeginsAsTheIdentity) {
  const RigidFlowModel model =
      held().flow(HeldBodies::kCold_K, OrientationMap::kLinear, FlowConditioner::kAttention);
  const PoseBatch poses = base_poses(5, 10);
  const auto image = apply_flow(model, poses, FlowDirection::kToTarget);
  for (std::size_t i = 0; i < poses.positions.size(); ++i)
    EXPECT_NEAR(image.poses.positions[i], poses.positions[i], 1e-5);
  for (std::size_t i = 0; i < poses.orientations.size(); ++i)
    EXPECT_NEAR(image.poses.orientations[i], poses.orientations[i], 1e-12);
  for (const double log_det : image.log_dets) EXPECT_NEAR(log_det, 0.0, 1e-12);
  EXPECT_TRUE(model.sites.empty());
}

TEST(RigidFlow, OfLiquidsNeedsEqualMolecules) {
  RigidFlowModel model =
      held().flow(HeldBodies::kCold_K, OrientationMap::kLinear, FlowConditioner::kAttention);
  EXPECT_NO_THROW(require_fit(model, *held().bodies()));
  System system;
  std::vector<double> positions;
  const auto add = [&](double length) {
    add_rigid_molecule(system, positions, {14.0, 2.0, 5.0, 9.0},
                       {{length, 0.0, 0.0}, {0.0, length, 0.0}, {0.0, 0.0, 0.1}, {0.0, 0.0, 0.0}});
  };
  add(0.1), add(0.1), add(0.11);
  const RigidBodies others(system, positions, nullptr);
  EXPECT_EQ(message_of<InputError>([&] { require_fit(model, others); }),
            "rigid-body flow: body 2 is another molecule than body 0; with attention all have the "
            "same weights and must be alike. Use the conditioner of sites");
  mlsamplers::RigidFlowShape one;
  one.n_bodies = 1;
  one.conditioner = FlowConditioner::kAttention;
  EXPECT_EQ(message_of<InputError>([&] { one.validate(); }),
            "rigid-body flow: attention needs two bodies at least, there is one; use the "
            "conditioner of sites");
}

TEST(RigidFlow, OfOneBodyNeedsNoBox) {
  mlsamplers::RigidFlowEnds ends = {300.0, 200.0, {}};
  EXPECT_NO_THROW(ends.validate(1));
  EXPECT_EQ(message_of<InputError>([&] { ends.validate(2); }),
            "rigid-body flow: edges of the box must be positive, got 0.000000 nm");
  mlsamplers::RigidFlowShape shape;
  shape.hidden = 4;
  shape.orientation_map = OrientationMap::kConvexGradient;
  PoseBatch poses{3, 1, {0.1, 0.2, 0.3, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0}, {}};
  const PoseBatch some = base_poses(1, 11);
  poses.orientations.assign(some.orientations.begin(), some.orientations.end());
  RigidFlowModel model = mlsamplers::rigid_flow_for(poses, ends, shape, {}, {1, 0});
  mlsamplers::randomise(model, {2, 0}, kScale);
  const auto image = apply_flow(model, poses, FlowDirection::kToTarget);
  EXPECT_EQ(image.poses.positions, poses.positions) << "its place is not mapped";
  EXPECT_NE(image.poses.orientations, poses.orientations);
  const auto back = apply_flow(model, image.poses, FlowDirection::kToBase);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_NEAR(back.poses.orientations[i], poses.orientations[i], 1e-9);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(back.log_dets[c], -image.log_dets[c], 1e-8);
}

}  // namespace
}  // namespace saltus::tests
