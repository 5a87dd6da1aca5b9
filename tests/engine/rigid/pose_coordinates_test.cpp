// Oracle: numerical derivatives by Ridders' method - of orientations in S^3 and of directions of
// lines on S^2 against the areas, of an energy against its gradient - and what shifts, lattice
// vectors and signs of quaternions must not change.
#include "engine/rigid/pose_coordinates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/error.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Differences of coordinates of the size of 1 lose this much.
constexpr double kRounding = 1e-12;
/// Ridders' error.
constexpr double kDerivative = 1e-7;

Box skew_box() {
  Box box({3.0, 2.5, 2.0});
  box.bx = 0.9;
  box.cx = -1.1;
  box.cy = 0.7;
  return box;
}

/// Bodies of RigidDipoles, a molecule, a pyramid, a line and an ion, about places of their own.
class PoseCoordinatesTest : public testing::Test {
 protected:
  std::vector<RigidPose> random_poses(RandomStream& stream, double width) const {
    std::vector<RigidPose> poses;
    for (std::size_t body = 0; body < dipoles_.bodies()->size(); ++body) {
      const double x = stream.normal(), y = stream.normal(), z = stream.normal();
      poses.push_back({{width * x, width * y, width * z}, uniform_orientation(stream)});
    }
    return poses;
  }
  PoseCoordinates chart(std::optional<Box> box) const {
    RandomStream stream = test_stream(71);
    return {dipoles_.bodies(), random_poses(stream, 0.8), box};
  }
  std::vector<double> random_coordinates(const PoseCoordinates& chart, RandomStream& stream) const {
    std::vector<double> result(chart.size());
    for (std::size_t body = 0; body < chart.sites().size(); ++body)
      for (std::size_t k = 0; k < chart.count(body); ++k)
        result[chart.first(body) + k] = (k < 3 ? 0.1 : 0.7) * stream.normal();
    return result;
  }
  /// Poses of coordinates, body 0 on its site.
  std::vector<RigidPose> poses_of(const PoseCoordinates& chart, std::vector<double> at) const {
    const std::vector<double> zero(chart.size());
    at[0] = at[1] = at[2] = 0.0;
    std::vector<RigidPose> poses;
    for (std::size_t body = 0; body < chart.sites().size(); ++body)
      poses.push_back(chart.moved(body, chart.sites()[body], zero, at));
    return poses;
  }

  RigidDipoles dipoles_;
};

void expect_all_near(const std::vector<double>& expected, const std::vector<double>& actual,
                     double tolerance) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(expected[i], actual[i], tolerance_scale() * tolerance) << i;
}

TEST_F(PoseCoordinatesTest, HaveSixNumbersForEachMoleculeFiveForALineThreeForAnIon) {
  const PoseCoordinates coordinates = chart({});
  EXPECT_EQ(coordinates.size(), 20u);
  for (const auto& [body, count] : {std::pair{0u, 6u}, {1u, 6u}, {2u, 5u}, {3u, 3u}})
    EXPECT_EQ(coordinates.count(body), count);
}

TEST_F(PoseCoordinatesTest, ComeBackFromPoses) {
  const PoseCoordinates coordinates = chart(skew_box());
  RandomStream stream = test_stream(72);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<double> at = random_coordinates(coordinates, stream);
    at[0] = at[1] = at[2] = 0.0;
    expect_all_near(at, coordinates.of(poses_of(coordinates, at), 0), kRounding);
  }
}

TEST_F(PoseCoordinatesTest, DoNotSeeSignsShiftsLatticeVectorsAndTurnsOfLines) {
  const PoseCoordinates coordinates = chart(skew_box());
  RandomStream stream = test_stream(73);
  const std::vector<RigidPose> poses =
      poses_of(coordinates, random_coordinates(coordinates, stream));
  for (std::size_t reference : {0u, 2u}) {
    const std::vector<double> expected = coordinates.of(poses, reference);
    std::vector<RigidPose> moved = poses;
    for (RigidPose& pose : moved) {
      const Quaternion q = pose.orientation;
      pose.orientation = {-q.w, -q.x, -q.y, -q.z};
    }
    EXPECT_EQ(coordinates.of(moved, reference), expected) << "bit for bit";
    const Box box = skew_box();
    for (RigidPose& pose : moved) pose.position = pose.position + Vec3{0.3, -5.2, 1.7};
    moved[0].position = moved[0].position + Vec3{box.cx, box.cy, box.cz};
    moved[1].position = moved[1].position - 2.0 * Vec3{box.bx, box.by, 0.0};
    moved[3].position = moved[3].position + 3.0 * Vec3{box.ax, 0.0, 0.0};
    moved[2].orientation = moved[2].orientation * from_rotation_vector({1.3, 0.0, 0.0});
    expect_all_near(expected, coordinates.of(moved, reference), kRounding);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(expected[coordinates.first(reference) + k], 0.0);
  }
}

TEST_F(PoseCoordinatesTest, MovedBodiesStayInTheirImageAndTurnTheirVelocities) {
  const PoseCoordinates coordinates = chart(skew_box());
  RandomStream stream = test_stream(74);
  std::vector<RigidPose> poses = poses_of(coordinates, random_coordinates(coordinates, stream));
  for (RigidPose& pose : poses) pose.position = pose.position + Vec3{9.0, 0.0, -8.0};
  const std::vector<double> from = coordinates.of(poses, 0);
  std::vector<double> to = random_coordinates(coordinates, stream);
  to[0] = to[1] = to[2] = 0.0;
  const RigidBodies& bodies = *dipoles_.bodies();
  CoordinateBatch x(1, bodies.n_atoms()), v(1, bodies.n_atoms());
  for (std::size_t body = 0; body < poses.size(); ++body) {
    bodies.place(body, poses[body], x.chain(0));
    // As a turn about an axis in space that turns with the body.
    for (const std::size_t atom : bodies.atoms(body))
      add_to_atom(v.values().data(), atom,
                  load_atom(x.values().data(), atom) - poses[body].position);
    coordinates.move(body, poses[body], from, to, x.chain(0), v.chain(0));
    const RigidPose now = bodies.pose(body, x.view(), 0);
    EXPECT_LT(norm(now.position - poses[body].position), 1.0);
    for (const std::size_t atom : bodies.atoms(body))
      EXPECT_LT(norm(load_atom(v.values().data(), atom) + now.position -
                     load_atom(x.values().data(), atom)),
                kRounding);
  }
  expect_all_near(to, coordinates.of(bodies.poses(x.view(), 0), 0), 1e-11);
}

TEST_F(PoseCoordinatesTest, AreasAreThoseOfTheSpheres) {
  const PoseCoordinates coordinates = chart({});
  RandomStream stream = test_stream(75);
  const auto gram = [](const std::vector<double>& jacobian, std::size_t n) {
    std::vector<double> result(n * n);
    for (std::size_t row = 0; row < jacobian.size() / n; ++row)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          result[i * n + j] += jacobian[row * n + i] * jacobian[row * n + j];
    return 0.5 * log_abs_determinant(result, n);
  };
  for (int repeat = 0; repeat < 5; ++repeat) {
    const std::vector<double> at = random_coordinates(coordinates, stream);
    for (const std::size_t body : {0u, 1u, 2u}) {
      const std::size_t n = coordinates.n_turns(body), first = coordinates.first(body) + 3;
      const bool line = n == 2;
      const auto point = [&](const std::vector<double>& v) {
        std::vector<double> moved = at;
        std::copy(v.begin(), v.end(), moved.begin() + static_cast<std::ptrdiff_t>(first));
        const Quaternion q = coordinates.orientation(body, moved);
        if (!line) return std::vector<double>{q.w, q.x, q.y, q.z};
        const Vec3 direction = rotate(q, {1.0, 0.0, 0.0});
        return std::vector<double>{direction.x, direction.y, direction.z};
      };
      const std::vector<double> v(at.begin() + static_cast<std::ptrdiff_t>(first),
                                  at.begin() + static_cast<std::ptrdiff_t>(first + n));
      EXPECT_NEAR(gram(numerical_jacobian(point, v, 0.05), n) - (line ? std::log(4.0) : 0.0),
                  coordinates.log_area(body, at), tolerance_scale() * kDerivative);
    }
    EXPECT_EQ(coordinates.log_area(3, at), 0.0);
  }
}

TEST_F(PoseCoordinatesTest, GradientsAreThoseOfTheEnergy) {
  const PoseCoordinates coordinates = chart({});
  const RigidBodies& bodies = *dipoles_.bodies();
  const EnergyFunction& energy = *dipoles_.target().shared_energy();
  RandomStream stream = test_stream(76);
  std::vector<double> at = random_coordinates(coordinates, stream);
  at[0] = at[1] = at[2] = 0.0;
  std::vector<double> forces(3 * bodies.n_atoms());
  CoordinateBatch x(1, bodies.n_atoms());
  const auto energy_at = [&](const std::vector<double>& c) {
    const std::vector<RigidPose> poses = poses_of(coordinates, c);
    for (std::size_t body = 0; body < poses.size(); ++body)
      bodies.place(body, poses[body], x.chain(0));
    double value = 0.0;
    energy.evaluate(x.view(), {&value, 1}, forces);
    return value;
  };
  std::vector<double> slope(coordinates.size());
  energy_at(at);
  const std::vector<RigidPose> poses = poses_of(coordinates, at);
  for (std::size_t body = 0; body < poses.size(); ++body)
    coordinates.gradient(
        body, at, bodies.push(body, poses[body], x.chain(0), forces),
        Span<double>(slope).subspan(coordinates.first(body), coordinates.count(body)));
  double largest = 0.0;
  for (const double value : slope) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 3; i < at.size(); ++i) {
    std::vector<double> moved = at;
    const auto along = [&](double value) {
      moved[i] = value;
      return energy_at(moved);
    };
    EXPECT_NEAR(ridders_derivative(along, at[i], 0.02).value, slope[i],
                tolerance_scale() * kDerivative * largest)
        << i;
  }
}

TEST_F(PoseCoordinatesTest, KnowWhichDisplacementsAreImages) {
  const PoseCoordinates coordinates = chart(Box({3.0, 2.0, 2.0}));
  std::vector<double> at(coordinates.size());
  at[coordinates.first(1)] = 1.49;
  EXPECT_TRUE(coordinates.is_own_image(1, at));
  at[coordinates.first(1)] = 1.51;
  EXPECT_FALSE(coordinates.is_own_image(1, at));
  EXPECT_TRUE(coordinates.is_own_image(2, at)) << "of another body";
  EXPECT_TRUE(chart({}).is_own_image(1, at)) << "without a box";
}

TEST_F(PoseCoordinatesTest, RefuseSitesThatDoNotFit) {
  std::vector<RigidPose> sites(3);
  EXPECT_EQ(message_of<InputError>([&] { PoseCoordinates(dipoles_.bodies(), sites, {}); }),
            "sites of rigid bodies: there are 3 for 4 bodies, expected one for each");
  sites.resize(4);
  sites[2].position.y = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of<InputError>([&] { PoseCoordinates(dipoles_.bodies(), sites, {}); }),
            "sites of rigid bodies: that of body 2 is not finite");
}

}  // namespace
}  // namespace saltus::tests
