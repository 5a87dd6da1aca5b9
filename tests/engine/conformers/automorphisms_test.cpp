// Oracle: numbers of symmetries of graphs known from group theory.
#include "engine/conformers/automorphisms.h"

#include <gtest/gtest.h>

#include <set>

namespace saltus::engine {
namespace {

ColouredGraph ring(std::size_t n) {
  ColouredGraph graph;
  graph.colours.assign(n, 6);
  for (std::size_t i = 0; i < n; ++i) graph.edges.push_back({i, (i + 1) % n, 0});
  return graph;
}

/// Neopentane's carbons: one in the middle of four.
ColouredGraph star() {
  ColouredGraph graph;
  graph.colours.assign(5, 6);
  for (std::size_t i = 1; i < 5; ++i) graph.edges.push_back({0, i, 0});
  return graph;
}

void expect_maps(const ColouredGraph& graph, std::size_t n) {
  const Automorphisms found = find_automorphisms(graph, 1000);
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.maps.size(), n);
  EXPECT_EQ(std::set<std::vector<std::uint32_t>>(found.maps.begin(), found.maps.end()).size(), n);
  for (std::size_t i = 0; i < graph.colours.size(); ++i) EXPECT_EQ(found.maps[0][i], i);
  std::set<std::vector<std::size_t>> edges;
  for (const auto& e : graph.edges)
    edges.insert({std::min(e.first, e.second), std::max(e.first, e.second)});
  for (const auto& map : found.maps)
    for (const auto& e : graph.edges) {
      const std::size_t a = map[e.first], b = map[e.second];
      EXPECT_EQ(edges.count({std::min(a, b), std::max(a, b)}), 1u);
    }
}

TEST(Automorphisms, OfRings) {
  expect_maps(ring(6), 12);  // the dihedral group
  ColouredGraph toluene = ring(6);
  toluene.colours.push_back(6);
  toluene.edges.push_back({0, 6, 0});
  expect_maps(toluene, 2);
}

TEST(Automorphisms, RespectColours) {
  ColouredGraph pyridine = ring(6);
  pyridine.colours[0] = 7;
  expect_maps(pyridine, 2);
  ColouredGraph kekule = ring(6);
  for (std::size_t i = 0; i < 6; i += 2) kekule.edges[i].colour = 1;
  expect_maps(kekule, 6);
}

TEST(Automorphisms, OfStarsAndParts) {
  expect_maps(star(), 24);
  ColouredGraph pair;
  pair.colours = {8, 8};
  expect_maps(pair, 2);
}

TEST(Automorphisms, StopAtTheNumberAskedFor) {
  const Automorphisms some = find_automorphisms(star(), 10);
  EXPECT_FALSE(some.complete);
  EXPECT_EQ(some.maps.size(), 10u);
  const Automorphisms all = find_automorphisms(star(), 24);
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(all.maps.size(), 24u);
}

/// All maps that a few of them lead to.
std::set<std::vector<std::uint32_t>> generated(
    const std::vector<std::vector<std::uint32_t>>& generators, std::size_t n) {
  std::vector<std::uint32_t> identity(n);
  for (std::uint32_t v = 0; v < n; ++v) identity[v] = v;
  std::set<std::vector<std::uint32_t>> seen = {identity};
  std::vector<std::vector<std::uint32_t>> all = {identity};
  for (std::size_t next = 0; next < all.size(); ++next)
    for (const auto& generator : generators) {
      std::vector<std::uint32_t> product(n);
      for (std::size_t v = 0; v < n; ++v) product[v] = generator[all[next][v]];
      if (seen.insert(product).second) all.push_back(product);
    }
  return seen;
}

TEST(Automorphisms, FollowFromTheirGenerators) {
  ColouredGraph square;
  square.colours = {0, 0, 0, 0};
  square.edges = {{0, 1, 1}, {1, 2, 1}, {2, 3, 1}, {3, 0, 1}};
  ColouredGraph coloured = square;
  coloured.colours[0] = 1;
  ColouredGraph none = coloured;
  none.colours[1] = 2;
  const ColouredGraph graphs[] = {square, coloured, none, star()};
  const std::size_t orders[] = {8, 2, 1, 24};
  for (std::size_t g = 0; g < 4; ++g) {
    const auto all = generated(symmetry_generators(graphs[g]), graphs[g].colours.size());
    EXPECT_EQ(all.size(), orders[g]);
    for (const auto& map : find_automorphisms(graphs[g], 100).maps) EXPECT_EQ(all.count(map), 1u);
  }
  EXPECT_TRUE(symmetry_generators(none).empty());
}

}  // namespace
}  // namespace saltus::engine
