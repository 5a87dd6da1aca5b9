// Oracle: hand values for rotations and frames, the placing of virtual sites, numerical Jacobians
// for the measure, exact messages for what is refused.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/rigid/rigid_groups.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Rounding of positions of some nm.
constexpr double kRoundTrip_nm = 1e-12;
/// Of sums of masses times lengths, which are some dalton nm.
constexpr double kRounding = 1e-14;

void expect_near(Vec3 a, Vec3 b, double allowed) {
  EXPECT_NEAR(a.x, b.x, tolerance_scale() * allowed);
  EXPECT_NEAR(a.y, b.y, tolerance_scale() * allowed);
  EXPECT_NEAR(a.z, b.z, tolerance_scale() * allowed);
}

TEST(Quaternion, RotatesColumnVectorsActively) {
  const Quaternion quarter = from_rotation_vector({0.0, 0.0, 0.5 * kPi});
  expect_near(rotate(quarter, {1.0, 0.0, 0.0}), {0.0, 1.0, 0.0}, 1e-15);
  expect_near(rotate(quarter, {0.0, 1.0, 2.0}), {-1.0, 0.0, 2.0}, 1e-15);
  // Row-major: the columns are where the axes go.
  const std::array<double, 9> expected = {0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0};
  const auto matrix = rotation_matrix(quarter);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(matrix[i], expected[i], 1e-15);
}

TEST(Quaternion, ProductsAreRotationsOneAfterTheOther) {
  RandomStream stream = test_stream(1);
  for (int n = 0; n < 20; ++n) {
    const Quaternion a = uniform_orientation(stream), b = uniform_orientation(stream);
    const Vec3 v = {stream.normal(), stream.normal(), stream.normal()};
    expect_near(rotate(a * b, v), rotate(a, rotate(b, v)), 1e-14);
    expect_near(rotate(conjugate(a), rotate(a, v)), v, 1e-14);
    // Two quaternions, one rotation: equal bits.
    const Vec3 one = rotate(a, v), other = rotate({-a.w, -a.x, -a.y, -a.z}, v);
    EXPECT_TRUE(one.x == other.x && one.y == other.y && one.z == other.z);
  }
}

TEST(Quaternion, ComesBackFromMatricesAndRotationVectors) {
  // Half turns about each axis and near them: every branch is the largest somewhere.
  RandomStream stream = test_stream(2);
  std::vector<Vec3> vectors = {{},           {kPi, 0.0, 0.0}, {0.0, kPi, 0.0},  {0.0, 0.0, kPi},
                               {1e-9, 0, 0}, {0.0, 3.1, 0.2}, {1e-5, 2e-5, 0.0}};
  for (int n = 0; n < 50; ++n) vectors.push_back(rotation_vector(uniform_orientation(stream)));
  for (const Vec3 v : vectors) {
    const Quaternion q = from_rotation_vector(v), back = quaternion_of(rotation_matrix(q));
    const double same = q.w * back.w + q.x * back.x + q.y * back.y + q.z * back.z;
    EXPECT_NEAR(std::abs(same), 1.0, 1e-15);
    const Vec3 again = rotation_vector(q);
    expect_near(rotate(from_rotation_vector(again), {0.3, 0.4, 0.5}), rotate(q, {0.3, 0.4, 0.5}),
                1e-14);
    EXPECT_NEAR(norm(again), norm(v), 1e-13);
  }
}

/// Four-site water: three atoms by constraints, the charge by its parents.
struct FourSiteWater {
  System system;
  std::vector<double> positions;

  explicit FourSiteWater(std::size_t n_molecules) {
    const double half = 0.5 * 104.52 * kRadianPerDegree, length = 0.09572;
    for (std::size_t n = 0; n < n_molecules; ++n) {
      const double at = 0.4 * static_cast<double>(n);
      const std::size_t o = system.n_atoms();
      add_rigid_molecule(system, positions, {15.99943, 1.007947, 1.007947},
                         {{at, 0.0, 0.0},
                          {at - length * std::sin(half), 0.0, length * std::cos(half)},
                          {at + length * std::sin(half), 0.0, length * std::cos(half)}});
      system.masses.push_back(0.0);
      positions.insert(positions.end(), {9.0, 9.0, 9.0});  // not yet in its place
      VirtualSite site;
      site.site = o + 3;
      site.parents = {o, o + 1, o + 2};
      site.weights = {0.786646558, 0.106676721, 0.106676721};
      system.virtual_sites.push_back(site);
    }
  }
};

TEST(RigidBodies, HaveFramesOfTheirInertia) {
  const RigidDipoles dipoles;
  const RigidBodies& bodies = *dipoles.bodies();
  ASSERT_EQ(bodies.size(), 4u);
  for (std::size_t body = 0; body < 3; ++body) {
    const RigidShape& shape = bodies.shape(body);
    EXPECT_LE(shape.moments.x, shape.moments.y);
    EXPECT_LE(shape.moments.y, shape.moments.z);
    Vec3 first;
    std::array<double, 3> products{}, moments{};
    for (std::size_t i = 0; i < shape.places.size(); ++i) {
      const Vec3 b = shape.places[i];
      const double m = shape.masses[i];
      first = first + m * b;
      products[0] += m * b.y * b.z, products[1] += m * b.z * b.x, products[2] += m * b.x * b.y;
      moments[0] += m * (b.y * b.y + b.z * b.z), moments[1] += m * (b.z * b.z + b.x * b.x),
          moments[2] += m * (b.x * b.x + b.y * b.y);
    }
    expect_near(first, {}, kRounding);
    for (const double product : products) EXPECT_NEAR(product, 0.0, 1e-15);
    expect_near(shape.moments, {moments[0], moments[1], moments[2]}, 1e-16);
  }
  EXPECT_FALSE(bodies.shape(0).is_line() || bodies.shape(0).is_atom());
  EXPECT_TRUE(bodies.shape(2).is_line());
  EXPECT_TRUE(bodies.shape(3).is_atom());
  // The first atom is on the positive side, and the frame is right-handed: x = p + R b is a
  // rotation of what was given, not a reflection.
  EXPECT_GT(bodies.shape(1).places[0].x, 0.0);
  EXPECT_GT(bodies.shape(1).places[0].y, 0.0);
}

TEST(RigidBodies, GoFromAtomsToPosesAndBack) {
  const RigidDipoles dipoles;
  const RigidBodies& bodies = *dipoles.bodies();
  RandomStream stream = test_stream(3);
  CoordinateBatch x(1, bodies.n_atoms());
  for (int n = 0; n < 50; ++n)
    for (std::size_t body = 0; body < bodies.size(); ++body) {
      const RigidPose pose = {{5.0 * stream.normal(), 5.0 * stream.normal(), stream.normal()},
                              uniform_orientation(stream)};
      bodies.place(body, pose, x.chain(0));
      // By the matrix, written out.
      const auto r = rotation_matrix(pose.orientation);
      for (std::size_t i = 0; i < bodies.atoms(body).size(); ++i) {
        const Vec3 b = bodies.shape(body).places[i];
        expect_near(load_atom(x.chain(0).data(), bodies.atoms(body)[i]),
                    pose.position + Vec3{r[0] * b.x + r[1] * b.y + r[2] * b.z,
                                         r[3] * b.x + r[4] * b.y + r[5] * b.z,
                                         r[6] * b.x + r[7] * b.y + r[8] * b.z},
                    kRoundTrip_nm);
      }
      const RigidPose back = bodies.pose(body, x.view(), 0);
      expect_near(back.position, pose.position, kRoundTrip_nm);
      const CoordinateBatch before = x;
      bodies.place(body, back, x.chain(0));
      for (std::size_t i = 0; i < x.values().size(); ++i)
        EXPECT_NEAR(x.values()[i], before.values()[i], tolerance_scale() * kRoundTrip_nm);
      if (bodies.shape(body).is_line() || bodies.shape(body).is_atom()) continue;
      const Quaternion difference = conjugate(pose.orientation) * back.orientation;
      EXPECT_NEAR(std::abs(difference.w), 1.0, 1e-14);
      // The other quaternion of the same rotation puts atoms at the same bits.
      const Quaternion q = back.orientation;
      CoordinateBatch other = x;
      bodies.place(body, {back.position, {-q.w, -q.x, -q.y, -q.z}}, other.chain(0));
      EXPECT_EQ(other.values(), x.values());
    }
}

TEST(RigidBodies, TakeVirtualSitesAlong) {
  const FourSiteWater water(2);
  const RigidBodies bodies(water.system, water.positions, nullptr);
  EXPECT_EQ(bodies.size(), 2u);
  EXPECT_EQ(bodies.shapes().size(), 1u) << "two equal molecules";
  EXPECT_EQ(bodies.atoms(1), (std::vector<std::size_t>{4, 5, 6, 7}));
  RandomStream stream = test_stream(4);
  CoordinateBatch x(1, 8);
  for (std::size_t body = 0; body < 2; ++body)
    bodies.place(body, {{stream.normal(), stream.normal(), 0.0}, uniform_orientation(stream)},
                 x.chain(0));
  std::vector<double> expected = x.values();
  place_virtual_sites(water.system.virtual_sites, expected);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(x.values()[i], expected[i], tolerance_scale() * kRoundTrip_nm);
}

TEST(RigidBodies, MirrorImagesAreOfAnotherShape) {
  System system;
  std::vector<double> positions;
  const std::vector<double> masses = {12.0, 7.0, 4.0, 2.0};
  std::vector<Vec3> points = {
      {0.0, 0.0, 0.0}, {0.12, 0.0, 0.03}, {-0.04, 0.11, 0.0}, {-0.01, -0.06, 0.09}};
  add_rigid_molecule(system, positions, masses, points);
  for (Vec3& point : points) point = {point.x + 2.0, point.y, -point.z};
  add_rigid_molecule(system, positions, masses, points);
  const RigidBodies bodies(system, positions, nullptr);
  EXPECT_EQ(bodies.shapes().size(), 2u);
  // A chain with the first molecule's mirror image satisfies all constraints and is refused.
  CoordinateBatch x(1, 8);
  x.values() = positions;
  for (std::size_t atom = 0; atom < 4; ++atom) x.values()[3 * atom + 2] *= -1.0;
  EXPECT_NE(message_of<NumericalError>([&] {
              bodies.pose(0, x.view(), 0);
            }).find("in chain 0 an atom of the body that begins with atom 0 is "),
            std::string::npos);
  EXPECT_NO_THROW(bodies.pose(1, x.view(), 0));
}

TEST(RigidBodies, MeasureIsPositionsAndTheAreaOfTheSphere) {
  // d^9 x = 8 r_0^2 r_1^2 sin(a) dr_0 dr_1 da d^3 p dS(q) for three atoms, the first at p.
  RandomStream stream = test_stream(5);
  for (int n = 0; n < 5; ++n) {
    const Quaternion q = uniform_orientation(stream);
    const double r0 = 0.09 + 0.02 * stream.uniform(), r1 = 0.1 + 0.02 * stream.uniform(),
                 a = 1.0 + stream.uniform();
    const auto atoms = [&](const std::vector<double>& y) {
      // Three directions across q on the sphere, of length 1: q i, q j, q k.
      const Quaternion step = normalised({1.0, y[3], y[4], y[5]});
      const Quaternion at = q * step;
      std::vector<double> x = {y[0], y[1], y[2]};
      const Vec3 b0 = {y[6], 0.0, 0.0}, b1 = {y[7] * std::cos(y[8]), y[7] * std::sin(y[8]), 0.0};
      for (const Vec3 b : {b0, b1}) {
        const Vec3 point = Vec3{y[0], y[1], y[2]} + rotate(at, b);
        x.insert(x.end(), {point.x, point.y, point.z});
      }
      return x;
    };
    const double numerical = log_abs_determinant(
        numerical_jacobian(atoms, {0.1, 0.2, 0.3, 0.0, 0.0, 0.0, r0, r1, a}, 0.01), 9);
    EXPECT_NEAR(numerical, std::log(8.0 * r0 * r0 * r1 * r1 * std::sin(a)),
                tolerance_scale() * 1e-7);
  }
}

TEST(RigidBodies, TheMetricOfTheMassesIsConstant) {
  // det J^T M J with respect to (p, q) is m^3 I_1 I_2 I_3 8^2, whatever p and q.
  const RigidDipoles dipoles;
  const RigidShape& shape = dipoles.bodies()->shape(1);
  RandomStream stream = test_stream(6);
  for (int n = 0; n < 5; ++n) {
    const Quaternion q = uniform_orientation(stream);
    const auto weighted = [&](const std::vector<double>& y) {
      const Quaternion at = q * normalised({1.0, y[3], y[4], y[5]});
      std::vector<double> x;
      for (std::size_t i = 0; i < 4; ++i) {
        const Vec3 point = Vec3{y[0], y[1], y[2]} + rotate(at, shape.places[i]);
        const double root = std::sqrt(shape.masses[i]);
        x.insert(x.end(), {root * point.x, root * point.y, root * point.z});
      }
      return x;
    };
    const auto jacobian = numerical_jacobian(weighted, {1.0, 2.0, 3.0, 0.0, 0.0, 0.0}, 0.01);
    std::vector<double> metric(36, 0.0);
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t j = 0; j < 6; ++j)
        for (std::size_t row = 0; row < 12; ++row)
          metric[6 * i + j] += jacobian[6 * row + i] * jacobian[6 * row + j];
    const Vec3 moments = shape.moments;
    EXPECT_NEAR(log_abs_determinant(metric, 6),
                std::log(std::pow(shape.mass, 3.0) * moments.x * moments.y * moments.z * 64.0),
                tolerance_scale() * 1e-7);
  }
}

TEST(RigidBodies, MeasuresAgreeWhereTheyAreTheSame) {
  const RigidDipoles dipoles;
  EXPECT_EQ(dipoles.bodies()->measure(), ReferenceMeasure::kConstraintSurface);
  EXPECT_EQ(measure_of(dipoles.system()), ReferenceMeasure::kConstraintSurface);
  System atoms;
  atoms.masses = {40.0, 40.0};
  const RigidBodies argon(atoms, std::vector<double>{0.0, 0.0, 0.0, 1.0, 0.0, 0.0}, nullptr);
  EXPECT_EQ(argon.measure(), ReferenceMeasure::kCartesian);
  EXPECT_TRUE(measures_agree(measure_of(atoms), argon.measure()));

  using Measure = ReferenceMeasure;
  EXPECT_TRUE(measures_agree(Measure::kConstraintSurfaceAndVolume, Measure::kConstraintSurface));
  EXPECT_FALSE(measures_agree(Measure::kConstraintSurface, Measure::kCartesian));
  EXPECT_FALSE(measures_agree(Measure::kCartesian, Measure::kConstraintSurface));
  EXPECT_FALSE(measures_agree(Measure::kCartesianAndVolume, Measure::kConstraintSurface));
  EXPECT_FALSE(measures_agree(Measure::kConstraintSurfaceAndVolume, Measure::kCartesian));
  EXPECT_FALSE(measures_agree(Measure::kCartesianUpToRigidMotion, Measure::kConstraintSurface));
  EXPECT_EQ(with_volume(Measure::kConstraintSurface), Measure::kConstraintSurfaceAndVolume);
  EXPECT_EQ(with_volume(Measure::kCartesianUpToRigidMotion), Measure::kCartesianAndVolume);
}

/// Whatever is refused, and how the message begins.
std::string refusal(const System& system, const std::vector<double>& positions,
                    const Topology* topology = nullptr) {
  const std::string message =
      message_of<InputError>([&] { rigid_groups(system, positions, topology); });
  return message.substr(0, message.find(". "));
}

TEST(RigidBodies, RefuseFlexibleMolecules) {
  System system;
  std::vector<double> positions;
  add_rigid_molecule(system, positions, {16.0, 1.0, 1.0},
                     {{0.0, 0.0, 0.0}, {0.1, 0.0, 0.0}, {0.0, 0.1, 0.0}});
  system.masses.push_back(12.0);
  positions.insert(positions.end(), {-0.1, 0.0, 0.0});
  system.bonds = {{0, 3, 0.1, 1000.0}};
  EXPECT_EQ(
      refusal(system, positions),
      "rigid bodies: atom 0 and atom 3 are bonded, but no constraints hold them: the molecule "
      "is flexible");
  system.bonds.clear();
  Topology topology;
  topology.residues = {{"MOL", "", 7, "", 0}};
  for (const char* name : {"O", "H1", "H2", "C"}) topology.atoms.push_back({name, 0, 0});
  topology.bonds = {{3, 0}};
  EXPECT_EQ(refusal(system, positions, &topology),
            "rigid bodies: atom C of residue MOL 7 and atom O of residue MOL 7 are bonded, but no "
            "constraints hold them: the molecule is flexible");
}

TEST(RigidBodies, RefuseWhatTheirConstraintsDoNotHold) {
  const std::vector<Vec3> points = {{0.0, 0.0, 0.0}, {0.1, 0.0, 0.0}, {0.0, 0.1, 0.0}};
  System open;
  std::vector<double> positions;
  add_rigid_molecule(open, positions, {16.0, 1.0, 1.0}, points);
  open.constraints.pop_back();
  EXPECT_EQ(
      refusal(open, positions),
      "rigid bodies: the 3 atoms from atom 0 to atom 2 are held by 2 constraints that leave 1 "
      "internal motions, expected none");

  // Two triangles with an atom in common: a joint.
  System joint;
  positions.clear();
  add_rigid_molecule(joint, positions, {16.0, 1.0, 1.0}, points);
  joint.masses.insert(joint.masses.end(), {1.0, 1.0});
  positions.insert(positions.end(), {-0.1, 0.0, 0.0, 0.0, 0.0, 0.1});
  joint.constraints.insert(joint.constraints.end(),
                           {{0, 3, 0.1}, {0, 4, 0.1}, {3, 4, 0.1 * std::sqrt(2.0)}});
  EXPECT_EQ(
      refusal(joint, positions),
      "rigid bodies: the 5 atoms from atom 0 to atom 4 are held by 6 constraints that leave 3 "
      "internal motions, expected none");

  // Five atoms by all their distances: one more than needed is no harm. In a plane it is.
  System five;
  positions.clear();
  std::vector<Vec3> corners = {
      {0.0, 0.0, 0.0}, {0.1, 0.0, 0.0}, {0.0, 0.1, 0.0}, {0.0, 0.0, 0.1}, {0.1, 0.1, 0.1}};
  add_rigid_molecule(five, positions, {1.0, 1.0, 1.0, 1.0, 1.0}, corners);
  EXPECT_EQ(rigid_groups(five, positions, nullptr).size(), 1u);
  for (std::size_t i = 0; i < 15; i += 3) positions[i + 2] = 0.0;
  positions[9] = 0.15;
  EXPECT_EQ(refusal(five, positions),
            "rigid bodies: the 5 atoms from atom 0 to atom 4 are held by 10 constraints that leave "
            "2 internal motions, expected none");

  // Three atoms on a line.
  System line;
  positions.clear();
  add_rigid_molecule(line, positions, {1.0, 1.0, 1.0},
                     {{0.0, 0.0, 0.0}, {0.1, 0.0, 0.0}, {0.2, 0.0, 0.0}});
  EXPECT_EQ(
      refusal(line, positions),
      "rigid bodies: the 3 atoms from atom 0 to atom 2 are held by 3 constraints that leave 1 "
      "internal motions, expected none");
}

TEST(RigidBodies, RefuseAtomsThatNeverMoveAndSitesBetweenBodies) {
  System frozen;
  frozen.masses = {12.0, 0.0};
  const std::vector<double> two = {0.0, 0.0, 0.0, 1.0, 0.0, 0.0};
  EXPECT_EQ(refusal(frozen, two),
            "rigid bodies: atom 1 has mass 0 and is no virtual site: it never moves");

  FourSiteWater water(2);
  water.system.virtual_sites[1].parents[2] = 1;
  EXPECT_EQ(
      refusal(water.system, water.positions),
      "rigid bodies: atom 7 is a virtual site whose parents constraints do not hold together: "
      "it moves inside its molecule");
}

}  // namespace
}  // namespace saltus::tests
