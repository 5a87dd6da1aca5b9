// Oracle: uniform atoms, for which g = 1; a simple cubic lattice counted by hand; blocks whose
// scatter is known.
#include "engine/run/radial_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Atoms, so many in each residue.
Topology atoms_of(std::size_t n_residues, std::size_t per_residue) {
  Topology topology;
  for (std::size_t residue = 0; residue < n_residues; ++residue) {
    topology.residues.emplace_back();
    for (std::size_t i = 0; i < per_residue; ++i) {
      topology.atoms.emplace_back();
      topology.atoms.back().residue = residue;
    }
  }
  return topology;
}

std::vector<std::size_t> indices(std::size_t first, std::size_t count, std::size_t step = 1) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(first + i * step);
  return result;
}

constexpr std::size_t kBlocks = 50;

/// Uniform atoms in boxes of two sizes, the second kind with a weight of its own.
RadialCurve of_uniform_atoms(const RadialPair& pair, double weight, std::uint64_t seed) {
  constexpr std::size_t kAtoms = 30, kPerBlock = 20;
  Box triclinic({1.2, 1.1, 1.0});
  triclinic.bx = 0.3;
  triclinic.cx = -0.2;
  triclinic.cy = 0.25;
  RadialDistribution radial(pair, atoms_of(kAtoms, 1), {0.05, 8, kBlocks});
  for (std::size_t f = 0; f < kBlocks * kPerBlock; ++f) {
    RandomStream stream({test_seed(seed), f}, StreamName::kInitialState, 0);
    const bool is_wide = f % 2 == 1;
    const Box box = is_wide ? triclinic.stretched({1.3, 1.3, 1.3}) : triclinic;
    std::vector<double> x;
    for (std::size_t i = 0; i < kAtoms; ++i) {
      const double a = stream.uniform(), b = stream.uniform(), c = stream.uniform();
      const auto v = box.vectors();
      for (std::size_t k = 0; k < 3; ++k) x.push_back(a * v[k] + b * v[3 + k] + c * v[6 + k]);
    }
    radial.add({x.data(), x.size()}, box, is_wide ? weight : 1.0, f % kBlocks);
  }
  return radial.curve();
}

TEST(RadialDistribution, OfUniformAtomsIsOne) {
  // Of each of 7 bins and 3 curves: with 50 blocks the jackknife's error is right to 10 %, and 6 of
  // them are falsely alarmed with probability 1e-6 in all. Errors are below 0.06 from the second
  // bin on: a volume that is wrong by a quarter, or pairs that are counted twice, are seen.
  for (const auto& [pair, weight] :
       std::vector<std::pair<RadialPair, double>>{{{"A-A", indices(0, 30), indices(0, 30)}, 1.0},
                                                  {{"A-B", indices(0, 10), indices(10, 20)}, 1.0},
                                                  {{"A-A", indices(0, 30), indices(0, 30)}, 3.0}}) {
    const RadialCurve curve = of_uniform_atoms(pair, weight, 1);
    EXPECT_EQ(curve.n_configurations, 1000u);
    for (std::size_t k = 1; k < curve.g.size(); ++k) {
      EXPECT_NEAR(curve.g[k], 1.0, tolerance_scale() * 6.0 * curve.g_error[k]) << k;
      EXPECT_LT(curve.g_error[k], 0.06) << k;
    }
  }
}

TEST(RadialDistribution, ErrorsAreTheScatterOfRuns) {
  const RadialPair pair = {"A-A", indices(0, 30), indices(0, 30)};
  constexpr std::size_t kRuns = 20, kBin = 5;
  std::vector<double> values, errors;
  for (std::uint64_t run = 0; run < kRuns; ++run) {
    const RadialCurve curve = of_uniform_atoms(pair, 1.0, 10 + run);
    values.push_back(curve.g[kBin]);
    errors.push_back(curve.g_error[kBin]);
  }
  const double n = static_cast<double>(kRuns),
               mean = std::accumulate(values.begin(), values.end(), 0.0) / n,
               error = std::accumulate(errors.begin(), errors.end(), 0.0) / n;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  // The scatter of 20 has an error of 16 %: false alarms 1e-4, with the seed of the test never.
  EXPECT_NEAR(std::sqrt(squares / (n - 1.0)) / error, 1.0, tolerance_scale() * 0.6);
}

TEST(RadialDistribution, CountsNeighboursOfALattice) {
  constexpr std::size_t kEdge = 4;
  constexpr double kSpacing = 0.3;
  std::vector<double> x;
  for (std::size_t i = 0; i < kEdge * kEdge * kEdge; ++i)
    for (const std::size_t k : {i / 16, i / 4 % 4, i % 4})
      x.push_back(kSpacing * static_cast<double>(k) + 17.0);
  const std::vector<std::size_t> all = indices(0, 64);
  RadialDistribution radial({"A-A", all, all}, atoms_of(64, 1), {0.027, 21, 1});
  const Box box({1.2, 1.2, 1.2});
  radial.add({x.data(), x.size()}, box, 0.7, 0);
  const RadialCurve curve = radial.curve();
  // Six neighbours at 0.3 nm, twelve at 0.424, eight at 0.520: sum of g 4 pi r^2 dr (N - 1) / V.
  double neighbours = 0.0;
  std::vector<double> found;
  for (std::size_t k = 0; k < curve.g.size(); ++k) {
    const double r1 = 0.027 * static_cast<double>(k), r2 = r1 + 0.027;
    neighbours = curve.g[k] * 4.0 / 3.0 * kPi * (r2 * r2 * r2 - r1 * r1 * r1) * 63.0 / box.volume();
    if (neighbours > 0.0) found.push_back(neighbours);
    EXPECT_TRUE(std::isnan(curve.g_error[k])) << "one block has no scatter";
  }
  ASSERT_EQ(found.size(), 3u);
  constexpr double kRounding = 1e-12;
  EXPECT_NEAR(found[0], 6.0, kRounding);
  EXPECT_NEAR(found[1], 12.0, kRounding);
  EXPECT_NEAR(found[2], 8.0, kRounding);
}

TEST(RadialDistribution, LeavesOutPairsOfOneMolecule) {
  // Two molecules of two atoms: of six pairs four count, each at its own distance.
  const std::vector<double> x = {0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.3, 0.0, 0.1, 0.3, 0.0};
  RadialDistribution radial({"A-A", indices(0, 4), indices(0, 4)}, atoms_of(2, 2), {0.1, 5, 1});
  EXPECT_EQ(radial.n_pairs(), 4u);
  radial.add({x.data(), x.size()}, Box({1.0, 1.0, 1.0}), 1.0, 0);
  const RadialCurve curve = radial.curve();
  EXPECT_EQ(curve.g[1], 0.0);
  EXPECT_GT(curve.g[3], 0.0);
}

TEST(RadialDistribution, IsOfWatersOnly) {
  Topology topology = atoms_of(3, 3);
  for (std::size_t residue = 0; residue < 3; ++residue) {
    topology.atoms[3 * residue].atomic_number = residue == 2 ? 7 : 8;
    for (std::size_t i = 1; i < 3; ++i) {
      topology.atoms[3 * residue + i].atomic_number = 1;
      topology.bonds.push_back({3 * residue, 3 * residue + i});
    }
  }
  const std::vector<RadialPair> pairs = water_pairs(topology);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0].name, "O-O");
  EXPECT_EQ(pairs[0].first, (std::vector<std::size_t>{0, 3}));
  EXPECT_EQ(pairs[1].second, (std::vector<std::size_t>{1, 2, 4, 5}));
  EXPECT_EQ(RadialDistribution(pairs[2], topology, {0.1, 1, 1}).n_pairs(), 4u);
  topology.atoms[3].atomic_number = 7;
  EXPECT_TRUE(water_pairs(topology).empty());
}

TEST(RadialDistribution, SaysWhatCannotBe) {
  const RadialPair pair = {"A-A", indices(0, 2), indices(0, 2)};
  EXPECT_EQ(message_of<InputError>([&] {
              RadialDistribution(pair, atoms_of(1, 2), {0.1, 5, 1});
            }),
            "radial distribution A-A: there is no such pair of different molecules");
  EXPECT_EQ(message_of<InputError>([&] {
              RadialDistribution(pair, atoms_of(2, 1), {0.1, 0, 1});
            }),
            "radial distribution: expected bins of some width and a block at least");
  RadialDistribution radial(pair, atoms_of(2, 1), {0.1, 5, 1});
  const std::vector<double> x(6, 0.0);
  EXPECT_EQ(message_of<InputError>([&] {
              radial.add({x.data(), x.size()}, Box({0.9, 2.0, 2.0}), 1.0, 0);
            }),
            "radial distribution: distances of up to 0.5 nm need a box at least twice as wide; its "
            "shortest width is 0.9 nm");
  EXPECT_EQ(message_of<NumericalError>([&] { radial.curve(); }),
            "radial distribution A-A: no configuration with a weight was added");
}

}  // namespace
}  // namespace saltus::tests
