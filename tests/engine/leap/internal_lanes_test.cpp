// Oracle: the scalar internal coordinates, whose Jacobian tests compare with a numerical one, on
// every instruction set of this machine; and a numerical determinant of the lanes' own map.
#include "engine/leap/internal_lanes.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/core/aligned_vector.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Internal coordinates lose a few digits to near-collinear references.
constexpr double kTolerance = 1e-10;

/// Rows of chains, one after another, and a logarithm of each.
struct Rows {
  std::vector<double> values, log_jac;
};

CoordinateBatch random_positions(std::size_t n_chains, std::size_t n_atoms, std::uint64_t seed) {
  CoordinateBatch x(n_chains, n_atoms);
  auto stream = test_stream(seed);
  for (double& value : x.values()) value = 0.2 * stream.normal();
  return x;
}

AlignedVector<double> packed(const std::vector<double>& rows, std::size_t n_lanes) {
  AlignedVector<double> block(rows.size() / n_lanes * kLaneWidth);
  pack_rows(rows.data(), n_lanes, rows.size() / n_lanes, block.data());
  return block;
}

/// Of at most kLaneWidth chains.
Rows measured(const ZMatrix& z, const std::vector<double>& x) {
  const std::size_t n = x.size() / (3 * z.n_atoms());
  AlignedVector<double> q(z.n_internal() * kLaneWidth), log_jac(kLaneWidth);
  measure_internal_block(z, n, packed(x, n).data(), q.data(), log_jac.data());
  Rows result{std::vector<double>(n * z.n_internal()), {log_jac.begin(), log_jac.begin() + n}};
  unpack_rows(q.data(), n, z.n_internal(), result.values.data());
  return result;
}

Rows placed(const ZMatrix& z, const std::vector<double>& q, const std::vector<double>& frame) {
  const std::size_t n = q.size() / z.n_internal();
  AlignedVector<double> y(3 * z.n_atoms() * kLaneWidth), log_jac(kLaneWidth);
  const AlignedVector<double> q_block = packed(q, n), x_block = packed(frame, n);
  place_internal_block(z, n, {q_block.data(), x_block.data()}, y.data(), log_jac.data());
  Rows result{std::vector<double>(n * 3 * z.n_atoms()), {log_jac.begin(), log_jac.begin() + n}};
  unpack_rows(y.data(), n, 3 * z.n_atoms(), result.values.data());
  return result;
}

void expect_close(const std::vector<double>& expected, const std::vector<double>& actual,
                  const char* what) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(expected[i], actual[i], tolerance_scale() * kTolerance) << what << " " << i;
}

class InternalLanes : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(InternalLanes, AgreeWithTheScalarOnes) {
  for (const Topology& topology : {methane(), ethanol(), methylcyclopropane(), fused_rings()}) {
    const ZMatrix z = build_z_matrix(topology);
    for (const std::size_t n : {1u, 5u, 16u}) {
      const CoordinateBatch x = random_positions(n, z.n_atoms(), 31),
                            frame = random_positions(n, z.n_atoms(), 32);
      Rows expected{std::vector<double>(n * z.n_internal()), std::vector<double>(n)};
      cartesian_to_internal(z, x.view(), expected.values, expected.log_jac);
      const Rows actual = measured(z, x.values());
      for (std::size_t i = 0; i < actual.values.size(); ++i) {
        const bool is_torsion = i % z.n_internal() >= 2 * z.n_atoms() - 3;
        const double gap = expected.values[i] - actual.values[i];
        EXPECT_NEAR(is_torsion ? wrap_angle(gap) : gap, 0.0, tolerance_scale() * kTolerance)
            << "coordinate " << i;
        if (is_torsion) {
          EXPECT_TRUE(actual.values[i] >= -kPi && actual.values[i] < kPi);
        }
      }
      expect_close(expected.log_jac, actual.log_jac, "log-Jacobian of the measured");

      std::vector<double> y(x.values().size()), log_jac(n);
      internal_to_cartesian(z, expected.values, y, log_jac);
      move_to_frame_of(z, frame.view(), y);
      const Rows rebuilt = placed(z, expected.values, frame.values());
      expect_close(y, rebuilt.values, "position");
      expect_close(log_jac, rebuilt.log_jac, "log-Jacobian of the placed");
      expect_close(x.values(), placed(z, actual.values, x.values()).values, "round trip");
    }
  }
}

/// y(q) of the atoms but for translation and rotation: the first atom stays, the second moves along
/// the first bond, the third in its plane, so that 3N-6 numbers remain. The determinant of their
/// derivatives is the Jacobian without the volumes of rigid motions that these three rows add:
/// b_1^2 for turning the first bond and the third atom's distance from it.
TEST_P(InternalLanes, LogJacobianIsTheDeterminant) {
  for (const Topology& topology : {methane(), ethanol()}) {
    const ZMatrix z = build_z_matrix(topology);
    const CoordinateBatch x = random_positions(1, z.n_atoms(), 33);
    const std::vector<double> q = measured(z, x.values()).values;
    const auto at = [&](std::size_t row) {
      const double* p = x.values().data() + 3 * z.rows[row].atom;
      return std::array<double, 3>{p[0], p[1], p[2]};
    };
    const auto from = at(0), to = at(1), third = at(2);
    std::array<double, 3> e3, e1;
    double length = 0.0, along = 0.0, across = 0.0;
    for (std::size_t k = 0; k < 3; ++k) length += (to[k] - from[k]) * (to[k] - from[k]);
    length = std::sqrt(length);
    for (std::size_t k = 0; k < 3; ++k) e3[k] = (to[k] - from[k]) / length;
    for (std::size_t k = 0; k < 3; ++k) along += (third[k] - from[k]) * e3[k];
    for (std::size_t k = 0; k < 3; ++k) e1[k] = third[k] - from[k] - along * e3[k];
    for (std::size_t k = 0; k < 3; ++k) across += e1[k] * e1[k];
    across = std::sqrt(across);
    const auto reduced = [&](const std::vector<double>& values) {
      const std::vector<double> y = placed(z, values, x.values()).values;
      std::vector<double> result(3, 0.0);
      for (std::size_t k = 0; k < 3; ++k) {
        result[0] += (y[3 * z.rows[1].atom + k] - from[k]) * e3[k];
        result[1] += (y[3 * z.rows[2].atom + k] - from[k]) * e3[k];
        result[2] += (y[3 * z.rows[2].atom + k] - from[k]) * e1[k] / across;
      }
      for (std::size_t row = 3; row < z.rows.size(); ++row)
        for (std::size_t k = 0; k < 3; ++k) result.push_back(y[3 * z.rows[row].atom + k]);
      return result;
    };
    const double determinant = log_abs_determinant(numerical_jacobian(reduced, q, 1e-3), q.size());
    const double rigid = 2.0 * std::log(length) + std::log(across);
    EXPECT_NEAR(determinant + rigid, placed(z, q, x.values()).log_jac[0], tolerance_scale() * 1e-7);
  }
}

TEST_P(InternalLanes, ImpossibleValuesHaveDensityZero) {
  const ZMatrix z = build_z_matrix(methane());
  const CoordinateBatch x = random_positions(1, 5, 34);
  const std::vector<double> good = measured(z, x.values()).values;
  EXPECT_TRUE(std::isfinite(placed(z, good, x.values()).log_jac[0]));
  const auto log_jac_with = [&](std::size_t i, double value) {
    std::vector<double> q = good;
    q[i] = value;
    return placed(z, q, x.values()).log_jac[0];
  };
  for (std::size_t bond = 0; bond < 4; ++bond)
    for (const double bad : {0.0, -0.1}) EXPECT_EQ(log_jac_with(bond, bad), -kInfinity);
  for (std::size_t angle = 4; angle < 7; ++angle)
    for (const double bad : {0.0, -0.5, kPi, 4.0}) EXPECT_EQ(log_jac_with(angle, bad), -kInfinity);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const double bad : {std::nan(""), kInfinity})
      EXPECT_EQ(log_jac_with(i, bad), -kInfinity) << "coordinate " << i << " = " << bad;
}

TEST_P(InternalLanes, SingularPositionsHaveDensityZero) {
  const ZMatrix line =
      build_z_matrix(make_topology({"C", "C", "H", "H"}, {{0, 1}, {0, 2}, {1, 3}}));
  EXPECT_EQ(measured(line, {0.0, 0, 0, 0.12, 0, 0, -0.107, 0, 0, 0.227, 0, 0}).log_jac[0],
            -kInfinity);
  const ZMatrix z = build_z_matrix(methane());
  std::vector<double> x = random_positions(1, 5, 35).values();
  for (std::size_t k = 0; k < 3; ++k) x[k] = x[3 + k];
  EXPECT_EQ(measured(z, x).log_jac[0], -kInfinity);
  x[0] = std::nan("");
  EXPECT_EQ(measured(z, x).log_jac[0], -kInfinity);
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, InternalLanes,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

}  // namespace
}  // namespace saltus::tests
