// Oracle: distances, angles and torsions of internal_coordinates, which share no code with the
// rotation; Jacobians by Ridders' method; a pyramid reflected by hand.
#include "engine/torsions/torsion_geometry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/system/internal_coordinates.h"
#include "engine/torsions/nitrogen_inversion.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Any positions will do: turning a bond is geometry.
std::vector<double> random_positions(std::size_t n_atoms, std::uint32_t index) {
  auto stream = test_stream(11, index);
  std::vector<double> x(3 * n_atoms);
  for (double& coordinate : x) coordinate = 0.3 * stream.normal();
  return x;
}

std::vector<double> angles(const TorsionGraph& graph, const std::vector<double>& x) {
  std::vector<double> tau(graph.torsions.size());
  torsion_angles(graph, x, tau);
  return tau;
}

double circular_difference(double a, double b) { return std::abs(std::remainder(a - b, kTwoPi)); }

TEST(QuartetAngles, AreThoseOfInternalCoordinates) {
  const TorsionGraph graph = make_whole_torsion_graph(amino_alcohol());
  ASSERT_EQ(graph.torsions.size(), 4u);
  for (std::uint32_t i = 0; i < 20; ++i) {
    const std::vector<double> x = random_positions(14, i);
    std::vector<double> tau(4);
    quartet_angles(graph, x, tau);
    for (std::size_t t = 0; t < tau.size(); ++t) {
      const auto& [a, b] = graph.torsions[t].ends;
      EXPECT_NEAR(tau[t], torsion_angle(x, a.reference, a.atom, b.atom, b.reference), 1e-12);
      EXPECT_GE(tau[t], -kPi);
      EXPECT_LT(tau[t], kPi);
    }
  }
}

using Direction = std::complex<double>;

/// Of an end as seen from the axis' other atom, from the quartets of its atoms with one atom
/// beyond.
Direction direction_by_quartets(const TorsionEnd& end, std::size_t other, std::size_t beyond,
                                const std::vector<double>& x) {
  const auto azimuth = [&](std::size_t atom) {
    return torsion_angle(x, beyond, other, end.atom, atom);  // clockwise from `beyond`
  };
  const double first = azimuth(end.reference);
  Direction sum = std::polar(1.0, first);
  double widest = bond_angle(x, end.reference, end.atom, other), turn = 0.0;
  for (std::size_t k = 0; k < 3; ++k) {
    if (end.others[k] == kNowhere) continue;
    const double at = azimuth(end.others[k]);
    const bool right = std::remainder(at - first, kTwoPi) > 0.0;
    const double expected = k == 1 ? kPi : right ? kTwoPi / 3.0 : -kTwoPi / 3.0;
    sum += std::polar(1.0, at - expected);
    const double angle = bond_angle(x, end.others[k], end.atom, other);
    if (end.ranked && angle > widest) {
      widest = angle;
      turn = expected;
    }
  }
  return sum * std::polar(1.0, turn);
}

TEST(TorsionAngles, AreBetweenTheDirectionsOfTheEnds) {
  const TorsionGraph graph = make_whole_torsion_graph(amino_alcohol());
  std::size_t n_ranked = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const std::vector<double> x = random_positions(14, i), tau = angles(graph, x);
    for (std::size_t t = 0; t < tau.size(); ++t) {
      const auto& [near, far] = graph.torsions[t].ends;
      n_ranked += near.ranked || far.ranked ? 1 : 0;
      // Both azimuths clockwise from the other reference: the near one's sense is the other way.
      const Direction ahead = direction_by_quartets(far, near.atom, near.reference, x);
      const Direction behind = direction_by_quartets(near, far.atom, far.reference, x);
      const double between = torsion_angle(x, near.reference, near.atom, far.atom, far.reference);
      EXPECT_LT(circular_difference(tau[t], std::arg(ahead) + std::arg(behind) - between), 1e-10);
    }
  }
  EXPECT_EQ(n_ranked, 20u);
}

TEST(TorsionAngles, AreThoseOfQuartetsWhereNothingElseHangs) {
  const TorsionGraph graph = make_torsion_graph(amino_alcohol());
  for (std::uint32_t i = 0; i < 20; ++i) {
    const std::vector<double> x = random_positions(14, i), tau = angles(graph, x);
    std::vector<double> quartets(tau.size());
    quartet_angles(graph, x, quartets);
    for (std::size_t t = 0; t < tau.size(); ++t)
      EXPECT_LT(circular_difference(tau[t], quartets[t]), 1e-12);
  }
}

TEST(TorsionGeometry, AnglesOnALineAreNotNumbers) {
  const TorsionGraph graph = make_torsion_graph(ChainMolecule().topology());
  std::vector<double> x = random_positions(5, 0);
  for (std::size_t a = 0; a < 3; ++a) {
    x[3 * a] = static_cast<double>(a);
    x[3 * a + 1] = x[3 * a + 2] = 0.0;
  }
  const std::vector<double> tau = angles(graph, x);
  EXPECT_TRUE(std::isnan(tau[0]));
  EXPECT_FALSE(std::isnan(tau[1]));
}

TEST(SetTorsion, ReachesItsAngleFromBothEndsAndKeepsAllOthers) {
  const Topology topology = amino_alcohol();
  const TorsionGraph graph = make_whole_torsion_graph(topology);
  // Coordinates are about 0.3 nm and rounded a few times.
  const double tolerance = tolerance_scale() * 1e-12;
  auto stream = test_stream(12);
  std::size_t moving_at_end[2] = {0, 0};
  for (std::uint32_t i = 0; i < 20; ++i)
    for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
      const TorsionBond& torsion = graph.torsions[t];
      ++moving_at_end[torsion.bond.axis_to == torsion.ends[1].atom ? 1 : 0];
      const std::vector<double> before = random_positions(14, i);
      std::vector<double> x = before;
      const double tau = kTwoPi * stream.uniform() - kPi;
      set_torsion(torsion, tau, x);
      const std::vector<double> old_angles = angles(graph, before), new_angles = angles(graph, x);
      for (std::size_t s = 0; s < graph.torsions.size(); ++s)
        EXPECT_LT(circular_difference(new_angles[s], s == t ? tau : old_angles[s]), tolerance);
      const auto neighbours = topology.neighbours();
      for (std::size_t centre = 0; centre < 14; ++centre)
        for (std::size_t a : neighbours[centre]) {
          EXPECT_NEAR(norm(load_atom(x.data(), a) - load_atom(x.data(), centre)),
                      norm(load_atom(before.data(), a) - load_atom(before.data(), centre)),
                      tolerance);
          for (std::size_t b : neighbours[centre])
            if (a < b) {
              EXPECT_NEAR(bond_angle(x, a, centre, b), bond_angle(before, a, centre, b), 1e-11);
            }
        }
      std::vector<int> old_sign(1), new_sign(1);
      inversion_signs(graph, before, old_sign);
      inversion_signs(graph, x, new_sign);
      EXPECT_EQ(old_sign, new_sign);
      // The smaller side moved, and nothing else.
      for (std::size_t atom = 0; atom < 14; ++atom) {
        const auto& moving = torsion.bond.moving;
        if (std::find(moving.begin(), moving.end(), atom) != moving.end()) continue;
        for (std::size_t d = 0; d < 3; ++d) EXPECT_EQ(x[3 * atom + d], before[3 * atom + d]);
      }
    }
  EXPECT_GT(moving_at_end[0], 0u);
  EXPECT_GT(moving_at_end[1], 0u);
}

TEST(SetTorsion, TheOrderOfSeveralDoesNotMatter) {
  const TorsionGraph graph = make_whole_torsion_graph(amino_alcohol());
  std::vector<double> x = random_positions(14, 3), y = x;
  const double tau[4] = {0.5, -2.0, 3.0, 1.2};
  for (std::size_t t : {0, 1, 2, 3}) set_torsion(graph.torsions[t], tau[t], x);
  for (std::size_t t : {2, 0, 3, 1}) set_torsion(graph.torsions[t], tau[t], y);
  const std::vector<double> a = angles(graph, x), b = angles(graph, y);
  for (std::size_t t = 0; t < 4; ++t) EXPECT_LT(circular_difference(a[t], b[t]), 1e-12);
  // Which side turns differs, the shape does not.
  for (std::size_t i = 0; i < 14; ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NEAR(norm(load_atom(x.data(), i) - load_atom(x.data(), j)),
                  norm(load_atom(y.data(), i) - load_atom(y.data(), j)), 1e-12);
}

/// (x, tau') -> (x', tau) of resetting torsions 0 .. m - 1, with optional distortion of the angles.
std::vector<double> extended_map(const TorsionGraph& graph, std::size_t m,
                                 const std::vector<double>& from) {
  std::vector<double> x(from.begin(), from.end() - static_cast<std::ptrdiff_t>(m));
  const std::vector<double> tau = angles(graph, x);
  for (std::size_t t = 0; t < m; ++t) set_torsion(graph.torsions[t], from[x.size() + t], x);
  x.insert(x.end(), tau.begin(), tau.begin() + static_cast<std::ptrdiff_t>(m));
  return x;
}

class ExtendedMap : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ExtendedMap, IsAnInvolutionOfJacobianOne) {
  const ChainMolecule molecule(6);
  const TorsionGraph graph = make_torsion_graph(molecule.topology());
  const std::size_t m = GetParam();
  const ChainBatch chains = molecule.draw(4, 300.0, 13);
  const double target[3] = {0.4, -1.1, 2.0};
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    std::vector<double> from(chains.positions.chain(c).begin(), chains.positions.chain(c).end());
    from.insert(from.end(), target, target + m);
    const auto map = [&](const std::vector<double>& v) { return extended_map(graph, m, v); };
    const std::vector<double> back = map(map(from));
    for (std::size_t i = 0; i < from.size(); ++i)
      EXPECT_NEAR(back[i], from[i], tolerance_scale() * 1e-12);
    EXPECT_NEAR(log_abs_determinant(numerical_jacobian(map, from, 1e-3), from.size()), 0.0,
                tolerance_scale() * 1e-7);  // Ridders' error
  }
}
INSTANTIATE_TEST_SUITE_P(Bonds, ExtendedMap, ::testing::Values(1, 2, 3));

TEST(SetTorsion, ADistortedAngleIsSeenInTheJacobian) {
  // tau -> tau + sin(tau) / 2 has the Jacobian 1 + cos(tau) / 2: the test above can fail.
  const ChainMolecule molecule(6);
  const TorsionGraph graph = make_torsion_graph(molecule.topology());
  const ChainBatch chains = molecule.draw(1, 300.0, 14);
  const std::vector<double> from = chains.positions.values();
  const double tau = angles(graph, from)[1];
  const auto map = [&](std::vector<double> x) {
    const double old = angles(graph, x)[1];
    set_torsion(graph.torsions[1], old + 0.5 * std::sin(old), x);
    return x;
  };
  EXPECT_NEAR(log_abs_determinant(numerical_jacobian(map, from, 1e-3), from.size()),
              std::log(1.0 + 0.5 * std::cos(tau)), 1e-7);
}

TEST(InversionSigns, FollowTheDocumentedTripleProduct) {
  TorsionGraph graph;
  graph.inversions = {{0, {1, 2, 3}}};
  std::vector<double> x = {0, 0, 0.2, 1, 0, 0, 0, 1, 0, -1, -1, 0};
  std::vector<int> sign(1);
  // (r_1 - r_0) . ((r_2 - r_0) x (r_3 - r_0)) = -0.6 for the apex above the plane.
  inversion_signs(graph, x, sign);
  EXPECT_EQ(sign[0], -1);
  x[2] = -0.2;
  inversion_signs(graph, x, sign);
  EXPECT_EQ(sign[0], 1);
  x[2] = 0.0;
  inversion_signs(graph, x, sign);
  EXPECT_EQ(sign[0], 1);
}

}  // namespace
}  // namespace saltus::tests
