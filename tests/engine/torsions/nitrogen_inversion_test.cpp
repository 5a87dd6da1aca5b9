// Oracle: lengths, angles and signs that must stay or change, a staggered molecule made by hand,
// numerical Jacobians, the interface's own promises, and exact messages for bad graphs.
#include "engine/torsions/nitrogen_inversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "engine/potential/internal_geometry.h"
#include "engine/reference/plain_energy.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

using Atoms = std::vector<std::size_t>;
using Edges = std::vector<std::pair<std::size_t, std::size_t>>;

std::shared_ptr<TorsionGraph> make_graph(std::size_t n_atoms, const Edges& edges) {
  auto graph = std::make_shared<TorsionGraph>();
  graph->atoms.resize(n_atoms);
  for (const auto& [first, second] : edges) {
    graph->bonds.emplace_back();
    graph->bonds.back().first = first;
    graph->bonds.back().second = second;
  }
  return graph;
}

/// Two invertible centres, 0 and 4, and six branches of one to six atoms:
///   (7, 8) - 2 - 0 (- 3) - 1 - 4 - (5, 6),
/// every chain a pyramid and its branches with all atoms pushed about at random.
struct Diamine {
  static constexpr std::size_t kAtoms = 9;
  const Edges edges = {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {4, 5}, {4, 6}, {2, 7}, {2, 8}};
  std::shared_ptr<TorsionGraph> graph = make_graph(kAtoms, edges);
  ChainBatch chains{12, kAtoms, {300.0}};

  Diamine() {
    graph->inversions = {{0, {1, 2, 3}}, {4, {1, 5, 6}}};
    const double ideal[kAtoms][3] = {{0.0, 0.0, 0.0},      {0.13, 0.0, 0.05},  {-0.07, 0.12, 0.05},
                                     {-0.05, -0.09, 0.04}, {0.2, 0.12, 0.1},   {0.3, 0.1, 0.08},
                                     {0.19, 0.2, 0.16},    {-0.1, 0.2, -0.03}, {-0.15, 0.1, 0.1}};
    auto stream = test_stream(38);
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      for (std::size_t a = 0; a < kAtoms; ++a)
        for (std::size_t d = 0; d < 3; ++d)
          chains.positions.chain(c)[3 * a + d] = ideal[a][d] + 0.01 * (stream.uniform() - 0.5);
  }
  std::shared_ptr<const EnergyFunction> energy() const {
    System system;
    system.masses.assign(kAtoms, 14.0);
    for (const auto& [first, second] : edges) system.bonds.push_back({first, second, 0.14, 1e3});
    return std::make_shared<PlainEnergy>(system, nullptr);
  }
};

double distance(Span<const double> x, std::size_t a, std::size_t b) {
  return norm(load_atom(x.data(), a) - load_atom(x.data(), b));
}

Atoms moved(Span<const double> before, Span<const double> after) {
  Atoms result;
  for (std::size_t a = 0; a < before.size() / 3; ++a)
    if (norm(load_atom(after.data(), a) - load_atom(before.data(), a)) > 0.0) result.push_back(a);
  return result;
}

/// All that must stay: every distance that neither a torsion nor the sign of the centre changes.
void expect_geometry_kept(const Atoms& branch, std::size_t centre, const Atoms& neighbours,
                          Span<const double> before, Span<const double> after) {
  const auto has = [](const Atoms& atoms, std::size_t a) {
    return std::find(atoms.begin(), atoms.end(), a) != atoms.end();
  };
  for (std::size_t a = 0; a < before.size() / 3; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const bool together = has(branch, a) == has(branch, b) || a == centre || b == centre;
      if (together || (has(neighbours, a) && has(neighbours, b))) {
        EXPECT_NEAR(distance(after, a, b), distance(before, a, b), tolerance_scale() * 1e-14)
            << a << " " << b;
      }
    }
}

TEST(NitrogenInversion, TurnsOneBranchOverAndKeepsTheGeometryAtTheCentre) {
  const Diamine diamine;
  const NitrogenInversion inversion(diamine.graph);
  const std::set<Atoms> at_0 = {{1, 4, 5, 6}, {2, 7, 8}, {3}};
  const std::set<Atoms> at_4 = {{0, 1, 2, 3, 7, 8}, {5}, {6}};
  std::set<Atoms> seen;
  for (std::uint64_t step = 0; step < 8; ++step) {
    const auto batch = inversion.sample(diamine.chains.view(), {39, step});
    for (std::size_t c = 0; c < diamine.chains.n_chains(); ++c) {
      const auto before = diamine.chains.positions.view().chain(c);
      const auto after = batch.positions.view().chain(c);
      const Atoms branch = moved(before, after);
      seen.insert(branch);
      const bool first = at_0.count(branch) == 1;
      ASSERT_TRUE(first || at_4.count(branch) == 1);
      expect_geometry_kept(branch, first ? 0 : 4, first ? Atoms{1, 2, 3} : Atoms{1, 5, 6}, before,
                           after);
      std::vector<int> old_signs(2), new_signs(2);
      inversion_signs(*diamine.graph, before, old_signs);
      inversion_signs(*diamine.graph, after, new_signs);
      EXPECT_EQ(new_signs[0], first ? -old_signs[0] : old_signs[0]);
      EXPECT_EQ(new_signs[1], first ? old_signs[1] : -old_signs[1]);
      EXPECT_EQ(batch.log_forward[c], 0.0);
      EXPECT_EQ(batch.log_reverse[c], 0.0);
    }
  }
  EXPECT_EQ(seen.size(), 6u);  // 96 draws; the keys are fixed
}

TEST(NitrogenInversion, IsAnInvolutionThatKeepsVolume) {
  const Diamine diamine;
  const NitrogenInversion inversion(diamine.graph);
  const auto x = diamine.chains.positions.view().chain(0);
  const std::vector<double> point(x.begin(), x.end());
  std::set<Atoms> seen;
  for (std::uint64_t step = 0; seen.size() < 6 && step < 100; ++step) {
    const CoordinateMap map = [&](const std::vector<double>& from, double* log_abs_det) {
      *log_abs_det = 0.0;
      const std::vector<ThermodynamicState> states(1);
      const ConstCoordinates positions{from.data(), 1, Diamine::kAtoms};
      return inversion.sample({positions, states, 0}, {1, step}).positions.values();
    };
    double unused = 0.0;
    if (!seen.insert(moved(point, map(point, &unused))).second) continue;
    BijectionInvariantOptions options;
    options.round_trip_tolerance = tolerance_scale() * 1e-12;
    expect_bijection_invariants(map, map, {point}, options);
  }
  EXPECT_EQ(seen.size(), 6u);
}

/// A nitrogen (0) with two neighbours (2, 3) and a methyl group (1; 4, 5, 6): all angles
/// tetrahedral, hydrogens at 60, 180 and -60 degrees to the atoms behind.
std::vector<double> staggered_methylamine() {
  const double third = kTwoPi / 3.0, up = 1.0 / 3.0, side = std::sqrt(8.0) / 3.0;
  std::vector<double> x(21, 0.0);
  x[3 + 2] = 0.15;
  for (std::size_t i = 0; i < 2; ++i) {
    const double phi = third * static_cast<double>(i);
    x[6 + 3 * i] = 0.15 * side * std::cos(phi);
    x[6 + 3 * i + 1] = 0.15 * side * std::sin(phi);
    x[6 + 3 * i + 2] = -0.15 * up;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const double phi = third * (static_cast<double>(i) + 0.5);
    x[12 + 3 * i] = 0.11 * side * std::cos(phi);
    x[12 + 3 * i + 1] = 0.11 * side * std::sin(phi);
    x[12 + 3 * i + 2] = 0.15 + 0.11 * up;
  }
  return x;
}

TEST(NitrogenInversion, StaggeredGroupsStayStaggered) {
  // A bond between 2 and 3 leaves the methyl group as the only branch.
  const auto graph = make_graph(7, {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {1, 5}, {1, 6}, {2, 3}});
  graph->inversions = {{0, {1, 2, 3}}};
  const std::vector<double> before = staggered_methylamine();
  const std::vector<ThermodynamicState> states(1);
  const auto batch =
      NitrogenInversion(graph).sample({{before.data(), 1, 7}, states, 0}, {test_seed(40), 0});
  const auto after = batch.positions.view().chain(0);
  EXPECT_THAT(moved(before, after), ::testing::ElementsAre(1, 4, 5, 6));
  for (const double* x : {before.data(), after.data()})
    for (std::size_t behind : {2, 3})
      for (std::size_t hydrogen : {4, 5, 6}) {
        const TorsionGeometry torsion(x, {behind, 0, 1, hydrogen});
        EXPECT_NEAR(std::cos(3.0 * torsion.phi()), -1.0, tolerance_scale() * 1e-12);
      }
}

TEST(NitrogenInversion, KeepsTheInterfacesPromises) {
  const Diamine diamine;
  const auto inversion = std::make_shared<NitrogenInversion>(diamine.graph);
  EXPECT_EQ(inversion->name(), "nitrogen_inversion");
  // Keys that no environment variable changes: one in six draws the same branch for two chains.
  expect_proposal_invariants(*inversion, diamine.chains, {41, 0});
  expect_move_invariants(Metropolis(inversion), diamine.chains,
                         Canonical(diamine.energy(), ReferenceMeasure::kCartesian),
                         {test_seed(40), 0});
}

TEST(NitrogenInversion, LeavesRingsAlone) {
  const Diamine diamine;
  // Closes a ring through 1, 0 and 2, and one through all bonds of 4.
  Edges edges = diamine.edges;
  edges.insert(edges.end(), {{1, 2}, {1, 5}, {5, 6}});
  const auto graph = make_graph(Diamine::kAtoms, edges);
  graph->inversions = diamine.graph->inversions;
  const NitrogenInversion inversion(graph);
  for (std::uint64_t step = 0; step < 8; ++step) {
    const auto batch = inversion.sample(diamine.chains.view(), {test_seed(42), step});
    for (std::size_t c = 0; c < diamine.chains.n_chains(); ++c)
      EXPECT_THAT(moved(diamine.chains.positions.view().chain(c), batch.positions.view().chain(c)),
                  ::testing::ElementsAre(3));
  }
}

TEST(NitrogenInversion, RefusesWhatCannotBeInverted) {
  const std::string message = "nitrogen_inversion: the molecule has no nitrogen that can invert";
  const auto graph = make_graph(4, {{0, 1}, {0, 2}, {0, 3}});
  EXPECT_EQ(message_of<InputError>([&] { NitrogenInversion inversion(graph); }), message);
  const auto caged = make_graph(4, {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {2, 3}});
  caged->inversions = {{0, {1, 2, 3}}};
  EXPECT_EQ(message_of<InputError>([&] { NitrogenInversion inversion(caged); }), message);
  EXPECT_EQ(message_of<InternalError>([] { NitrogenInversion inversion(nullptr); }),
            "nitrogen_inversion without a graph");
}

TEST(NitrogenInversion, StaysWhereTheMirrorImageHasNoDirection) {
  const auto graph = make_graph(4, {{0, 1}, {0, 2}, {0, 3}, {2, 3}});
  graph->inversions = {{0, {1, 2, 3}}};
  const double upright[] = {0, 0, 0, 0, 0, 0.1, 0.1, 0, 0, 0.05, 0.1, 0};
  const double on_a_line[] = {0, 0, 0, 0.02, 0.03, 0.1, 0.1, 0, 0, -0.1, 0, 0};
  const std::vector<ThermodynamicState> states(1);
  for (const double* x : {upright, on_a_line}) {
    const auto batch = NitrogenInversion(graph).sample({{x, 1, 4}, states, 0}, {1, 0});
    EXPECT_EQ(batch.log_forward[0], -std::numeric_limits<double>::infinity());
    EXPECT_THAT(batch.positions.values(), ::testing::ElementsAreArray(x, 12));
  }
  // In the plane there is nothing to invert, and half a turn is as good as any.
  const double flat[] = {0, 0, 0, -0.1, 0.02, 0, 0.1, 0, 0, 0.05, 0.1, 0};
  const auto batch = NitrogenInversion(graph).sample({{flat, 1, 4}, states, 0}, {1, 0});
  EXPECT_EQ(batch.log_forward[0], 0.0);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_NEAR(batch.positions.values()[i], flat[i], tolerance_scale() * 1e-15);
}

}  // namespace
}  // namespace saltus::tests
