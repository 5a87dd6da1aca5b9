// Oracle: round trips, the numerical determinant of the complete 3N-dimensional map with rigid
// motions, and hand-placed atoms for signs.
#include "engine/system/internal_coordinates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Internal coordinates are of order 0.1 to 3 and lose a few digits to near-collinear references.
constexpr double kRoundTrip = 1e-10;

struct NamedTopology {
  const char* name;
  Topology topology;
};

std::vector<NamedTopology> all_molecules() {
  const std::vector<std::size_t> order = {8, 3, 0, 7, 1, 5, 2, 4, 6};
  return {{"ammonia", ammonia()},
          {"methane", methane()},
          {"ethanol", ethanol()},
          {"permuted ethanol", permuted(ethanol(), order)},
          {"methylcyclopropane", methylcyclopropane()},
          {"fused rings", fused_rings()}};
}

/// Atoms strewn at random: no chemistry is needed for the map to hold.
CoordinateBatch random_positions(std::size_t n_chains, std::size_t n_atoms, std::uint64_t seed) {
  CoordinateBatch x(n_chains, n_atoms);
  auto stream = test_stream(seed);
  for (double& value : x.values()) value = 0.2 * stream.normal();
  return x;
}

struct Internal {
  std::vector<double> q, log_jac;
};

Internal measure(const ZMatrix& z, ConstCoordinates x) {
  Internal result{std::vector<double>(x.n_chains * z.n_internal()),
                  std::vector<double>(x.n_chains)};
  cartesian_to_internal(z, x, result.q, result.log_jac);
  return result;
}

struct Placed {
  std::vector<double> x, log_jac;
};

Placed place(const ZMatrix& z, const std::vector<double>& q) {
  const std::size_t n = q.size() / z.n_internal();
  Placed result{std::vector<double>(n * 3 * z.n_atoms()), std::vector<double>(n)};
  internal_to_cartesian(z, q, result.x, result.log_jac);
  return result;
}

void expect_same_internal(const ZMatrix& z, const Internal& a, const Internal& b) {
  ASSERT_EQ(a.q.size(), b.q.size());
  for (std::size_t i = 0; i < a.q.size(); ++i) {
    const bool is_torsion = i % z.n_internal() >= 2 * z.n_atoms() - 3;
    const double gap = a.q[i] - b.q[i];
    EXPECT_NEAR(is_torsion ? wrap_angle(gap) : gap, 0.0, tolerance_scale() * kRoundTrip)
        << "coordinate " << i;
  }
  for (std::size_t c = 0; c < a.log_jac.size(); ++c)
    EXPECT_NEAR(a.log_jac[c], b.log_jac[c], tolerance_scale() * kRoundTrip) << "log-Jacobian";
}

TEST(ZMatrix, PlacesEveryAtomOnceAfterItsReferences) {
  for (const NamedTopology& molecule : all_molecules()) {
    SCOPED_TRACE(molecule.name);
    const ZMatrix z = build_z_matrix(molecule.topology);
    ASSERT_EQ(z.n_atoms(), molecule.topology.n_atoms());
    const auto neighbours = molecule.topology.neighbours();
    const auto bonded = [&](std::size_t a, std::size_t b) {
      return std::find(neighbours[a].begin(), neighbours[a].end(), b) != neighbours[a].end();
    };
    std::set<std::size_t> placed = {z.rows[0].atom};
    for (std::size_t n = 1; n < z.rows.size(); ++n) {
      const ZMatrixRow& row = z.rows[n];
      EXPECT_TRUE(bonded(row.atom, row.bond_to));
      EXPECT_TRUE(placed.count(row.bond_to));
      if (n >= 2) {
        EXPECT_TRUE(placed.count(row.angle_to) && row.angle_to != row.bond_to);
        EXPECT_TRUE(bonded(row.bond_to, row.angle_to));
      }
      if (n >= 3) {
        EXPECT_TRUE(placed.count(row.torsion_to));
        EXPECT_EQ(
            (std::set<std::size_t>{row.atom, row.bond_to, row.angle_to, row.torsion_to}.size()),
            4u);
        EXPECT_TRUE(bonded(row.is_offset ? row.bond_to : row.angle_to, row.torsion_to));
      }
      EXPECT_TRUE(placed.insert(row.atom).second) << "atom placed twice";
    }
  }
}

TEST(ZMatrix, StartsInTheMiddleWithHeavyAtoms) {
  const ZMatrix z = build_z_matrix(ethanol());
  EXPECT_EQ(z.rows[0].atom, 1u);  // the carbon between carbon and oxygen
  EXPECT_EQ((std::set<std::size_t>{z.rows[1].atom, z.rows[2].atom}), (std::set<std::size_t>{0, 2}));
  // Three hydrogens of the methyl group: one carries the torsion, the others are offsets to it.
  int n_leaders = 0, n_offsets = 0;
  for (const ZMatrixRow& row : z.rows)
    if (row.bond_to == 0 && row.atom >= 3 && row.atom <= 5)
      ++(row.is_offset ? n_offsets : n_leaders);
  EXPECT_EQ(n_leaders, 1);
  EXPECT_EQ(n_offsets, 2);
}

TEST(ZMatrix, RefusesWhatItCannotDescribe) {
  const auto message_of = [](const Topology& topology) -> std::string {
    try {
      build_z_matrix(topology);
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing thrown";
  };
  EXPECT_EQ(message_of(make_topology({"O", "H", "H"}, {{0, 1}, {0, 2}})),
            "internal coordinates need at least 4 atoms, the molecule has 3");
  EXPECT_EQ(
      message_of(make_topology({"O", "H", "H", "C"}, {{0, 1}, {0, 2}})),
      "internal coordinates need one connected molecule, but no chain of bonds leads from atom "
      "O0 of residue MOL 1 of chain A to atom C3 of residue MOL 1 of chain A");
}

TEST(InternalCoordinates, RoundTripKeepsShapeAndHandedness) {
  for (const NamedTopology& molecule : all_molecules()) {
    SCOPED_TRACE(molecule.name);
    const ZMatrix z = build_z_matrix(molecule.topology);
    const CoordinateBatch x = random_positions(20, z.n_atoms(), 1);
    const Internal internal = measure(z, x.view());
    const Placed placed = place(z, internal.q);
    const ConstCoordinates rebuilt{placed.x.data(), 20, z.n_atoms()};
    expect_same_internal(z, internal, measure(z, rebuilt));
    for (std::size_t c = 0; c < 20; ++c) {
      EXPECT_NEAR(placed.log_jac[c], internal.log_jac[c], tolerance_scale() * kRoundTrip);
      // All distances, and the signed volume of the first four atoms, which a mirror would negate.
      const auto a = x.chain(c), b = rebuilt.chain(c);
      const auto distance = [](Span<const double> p, std::size_t i, std::size_t j) {
        return std::hypot(p[3 * i] - p[3 * j], p[3 * i + 1] - p[3 * j + 1],
                          p[3 * i + 2] - p[3 * j + 2]);
      };
      for (std::size_t i = 0; i < z.n_atoms(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          EXPECT_NEAR(distance(a, i, j), distance(b, i, j), tolerance_scale() * kRoundTrip);
      EXPECT_GT(torsion_angle(a, 0, 1, 2, 3) * torsion_angle(b, 0, 1, 2, 3), 0.0);
    }
  }
}

TEST(InternalCoordinates, OtherDirectionOfTheRoundTrip) {
  const ZMatrix z = build_z_matrix(ethanol());
  auto stream = test_stream(2);
  std::vector<double> q;
  for (int i = 0; i < 8; ++i) q.push_back(0.05 + 0.2 * stream.uniform());
  for (int i = 0; i < 7; ++i) q.push_back(0.1 + (kPi - 0.2) * stream.uniform());
  for (int i = 0; i < 6; ++i) q.push_back(kTwoPi * stream.uniform() - kPi);
  const Placed placed = place(z, q);
  expect_same_internal(z, {q, placed.log_jac}, measure(z, {placed.x.data(), 1, 9}));
}

TEST(InternalCoordinates, FrameOfTheFirstThreeAtoms) {
  const ZMatrix z = build_z_matrix(ethanol());
  const Placed placed = place(z, measure(z, random_positions(1, 9, 3).view()).q);
  const auto at = [&](std::size_t row, std::size_t d) {
    return placed.x[3 * z.rows[row].atom + d];
  };
  for (std::size_t d = 0; d < 3; ++d) EXPECT_EQ(at(0, d), 0.0);
  EXPECT_EQ(at(1, 0), 0.0);
  EXPECT_EQ(at(1, 1), 0.0);
  EXPECT_GT(at(1, 2), 0.0);
  EXPECT_GT(at(2, 0), 0.0);
  EXPECT_EQ(at(2, 1), 0.0);
}

TEST(InternalCoordinates, DoNotChangeUnderRigidMotion) {
  const ZMatrix z = build_z_matrix(methylcyclopropane());
  CoordinateBatch x = random_positions(5, z.n_atoms(), 4);
  const Internal before = measure(z, x.view());
  auto stream = test_stream(5);
  for (std::size_t c = 0; c < 5; ++c)
    move_rigidly(x.chain(c), random_rotation(stream), {1.0, -2.0, 0.5});
  expect_same_internal(z, before, measure(z, x.view()));
}

/// x(t, w, q) = exp(w) x(q) + t. At w = 0 the volume of rigid motions is dt dw, so that the
/// determinant of the 3N x 3N matrix dx/d(t, w, q) is that of the internal part alone.
TEST(InternalCoordinates, LogJacobianIsTheDeterminantOfTheCompleteMap) {
  for (const NamedTopology& molecule : all_molecules()) {
    SCOPED_TRACE(molecule.name);
    const ZMatrix z = build_z_matrix(molecule.topology);
    const std::size_t n_atoms = z.n_atoms();
    const Internal internal = measure(z, random_positions(1, n_atoms, 6).view());
    std::vector<double> parameters(6, 0.0);
    parameters.insert(parameters.end(), internal.q.begin(), internal.q.end());
    const auto complete_map = [&](const std::vector<double>& p) {
      std::vector<double> x = place(z, {p.begin() + 6, p.end()}).x;
      // Rodrigues' rotation by the vector w = p[3..5]; only its first order matters at w = 0.
      const double angle = std::hypot(p[3], p[4], p[5]);
      const double s = angle > 0.0 ? std::sin(angle) / angle : 1.0;
      const double v = angle > 0.0 ? (1.0 - std::cos(angle)) / (angle * angle) : 0.5;
      for (std::size_t a = 0; a < x.size(); a += 3) {
        const double r[3] = {x[a], x[a + 1], x[a + 2]};
        const double along = p[3] * r[0] + p[4] * r[1] + p[5] * r[2];
        for (std::size_t d = 0; d < 3; ++d) {
          const std::size_t e = (d + 1) % 3, f = (d + 2) % 3;
          x[a + d] = p[d] + std::cos(angle) * r[d] + s * (p[3 + e] * r[f] - p[3 + f] * r[e]) +
                     v * along * p[3 + d];
        }
      }
      return x;
    };
    const auto jacobian = numerical_jacobian(complete_map, parameters, 1e-3);
    // Ridders' error of about 1e-10 in each of 3N columns.
    EXPECT_NEAR(log_abs_determinant(jacobian, 3 * n_atoms), internal.log_jac[0],
                tolerance_scale() * 1e-7);
  }
}

TEST(Torsion, IsPositiveClockwiseLookingAlongTheBond) {
  // Looking along +z with x up, y points to the right: from x towards y is clockwise.
  for (double phi = -3.1; phi < 3.14; phi += 0.31) {
    const std::vector<double> x = {
        0.2, 0, 0, 0, 0, 0, 0, 0, 0.15, 0.1 * std::cos(phi), 0.1 * std::sin(phi), 0.2};
    EXPECT_NEAR(torsion_angle(x, 0, 1, 2, 3), phi, 1e-14);
    EXPECT_NEAR(torsion_angle(x, 3, 2, 1, 0), phi, 1e-14) << "read from the other end";
    std::vector<double> mirrored = x;
    for (std::size_t i = 1; i < mirrored.size(); i += 3) mirrored[i] = -mirrored[i];
    EXPECT_NEAR(torsion_angle(mirrored, 0, 1, 2, 3), -phi, 1e-14) << "in the mirror";
  }
}

TEST(Torsion, TransIsMinusPi) {
  const std::vector<double> x = {0.1, 0, 0, 0, 0, 0, 0, 0, 0.1, -0.1, 0, 0.1};
  EXPECT_EQ(torsion_angle(x, 0, 1, 2, 3), -kPi);
}

TEST(Angle, KnownValues) {
  const std::vector<double> x = {0.1, 0, 0, 0, 0, 0, 0, 0.3, 0, -0.2, 0, 0};
  EXPECT_NEAR(bond_angle(x, 0, 1, 2), 0.5 * kPi, 1e-15);
  EXPECT_NEAR(bond_angle(x, 0, 1, 3), kPi, 1e-15);
  EXPECT_EQ(bond_angle(x, 0, 1, 0), 0.0);
}

TEST(InternalCoordinates, CollinearAtomsHaveDensityZero) {
  // H-C-C-H of acetylene, all on one line.
  const ZMatrix z = build_z_matrix(make_topology({"C", "C", "H", "H"}, {{0, 1}, {0, 2}, {1, 3}}));
  for (const double tilt : {0.0, 1.0, -0.3}) {
    CoordinateBatch x(1, 4);
    const double places[4] = {0.0, 0.12, -0.107, 0.227};
    for (std::size_t a = 0; a < 4; ++a) {
      x.values()[3 * a] = places[a] * std::cos(tilt);
      x.values()[3 * a + 1] = places[a] * std::sin(tilt);
    }
    EXPECT_EQ(measure(z, x.view()).log_jac[0], -kInfinity) << "line tilted by " << tilt;
  }
}

TEST(InternalCoordinates, CoincidentAtomsHaveDensityZero) {
  const ZMatrix z = build_z_matrix(methane());
  CoordinateBatch x = random_positions(1, 5, 7);
  for (std::size_t d = 0; d < 3; ++d) x.values()[d] = x.values()[3 + d];
  EXPECT_EQ(measure(z, x.view()).log_jac[0], -kInfinity);
}

TEST(InternalCoordinates, ImpossibleValuesHaveDensityZero) {
  const ZMatrix z = build_z_matrix(methane());
  const std::vector<double> good = measure(z, random_positions(1, 5, 8).view()).q;
  const auto log_jac_with = [&](std::size_t i, double value) {
    std::vector<double> q = good;
    q[i] = value;
    return place(z, q).log_jac[0];
  };
  EXPECT_TRUE(std::isfinite(place(z, good).log_jac[0]));
  for (std::size_t bond = 0; bond < 4; ++bond)
    for (double bad : {0.0, -0.1}) EXPECT_EQ(log_jac_with(bond, bad), -kInfinity);
  for (std::size_t angle = 4; angle < 7; ++angle)
    for (double bad : {0.0, -0.5, kPi, 4.0}) EXPECT_EQ(log_jac_with(angle, bad), -kInfinity);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (double bad : {std::nan(""), kInfinity})
      EXPECT_EQ(log_jac_with(i, bad), -kInfinity) << "coordinate " << i << " = " << bad;
}

TEST(InternalCoordinates, ArraysMustFit) {
  const ZMatrix z = build_z_matrix(methane());
  std::vector<double> q(9), x(15), log_jac(1), wrong(8);
  const ConstCoordinates view{x.data(), 1, 5};
  EXPECT_THROW(cartesian_to_internal(z, view, wrong, log_jac), InternalError);
  EXPECT_THROW(cartesian_to_internal(z, {x.data(), 1, 4}, q, log_jac), InternalError);
  EXPECT_THROW(internal_to_cartesian(z, wrong, x, log_jac), InternalError);
  EXPECT_THROW(internal_to_cartesian(z, q, wrong, log_jac), InternalError);
}

TEST(MoveToFrame, TakesUpTheReferenceFrameRigidly) {
  const ZMatrix z = build_z_matrix(ethanol());
  const CoordinateBatch reference = random_positions(4, 9, 9);
  const Internal shape = measure(z, random_positions(4, 9, 10).view());
  std::vector<double> x = place(z, shape.q).x;
  move_to_frame_of(z, reference.view(), x);
  const ConstCoordinates moved{x.data(), 4, 9};
  expect_same_internal(z, shape, measure(z, moved));

  // A configuration rebuilt from its own internal coordinates comes back to where it was.
  std::vector<double> rebuilt = place(z, measure(z, reference.view()).q).x;
  move_to_frame_of(z, reference.view(), rebuilt);
  for (std::size_t i = 0; i < rebuilt.size(); ++i)
    EXPECT_NEAR(rebuilt[i], reference.values()[i], tolerance_scale() * kRoundTrip);
}

}  // namespace
}  // namespace saltus::tests
