// Oracle: molecules written out by hand.
#include "engine/system/water.h"

#include <gtest/gtest.h>

#include <vector>

namespace saltus::engine {
namespace {

/// One residue for each list of elements, its first atom bonded to all others with an element.
Topology bonded_to_first(const std::vector<std::vector<int>>& elements) {
  Topology topology;
  for (const std::vector<int>& residue : elements) {
    const std::size_t first = topology.n_atoms();
    topology.residues.push_back({"X", "", 1, "", 0});
    for (const int element : residue) {
      if (topology.n_atoms() > first && element != 0)
        topology.bonds.push_back({first, topology.n_atoms()});
      topology.atoms.push_back({"A", element, topology.residues.size() - 1});
    }
  }
  return topology;
}

TEST(FindWaters, KnowsThemByElementsAndBonds) {
  const Topology topology = bonded_to_first({{8, 1, 1, 0},  // M last, as TIP4P-Ew
                                             {11},          // an ion
                                             {8, 1, 1},     // TIP3P
                                             {1, 8, 1},     // a chain O-H-H
                                             {8, 1, 1, 1}});
  const std::vector<Water> waters = find_waters(topology);
  ASSERT_EQ(waters.size(), 2u);
  EXPECT_EQ(waters[0].residue, 0u);
  EXPECT_EQ(waters[0].oxygen, 0u);
  EXPECT_EQ(waters[0].hydrogens, (std::array<std::size_t, 2>{1, 2}));
  EXPECT_EQ(waters[0].sites, std::vector<std::size_t>{3});
  EXPECT_EQ(waters[1].residue, 2u);
  EXPECT_EQ(waters[1].oxygen, 5u);
  EXPECT_TRUE(waters[1].sites.empty());
  const auto of_atoms = waters_of_atoms(waters, topology.n_atoms());
  ASSERT_EQ(of_atoms.size(), 15u);
  for (std::size_t atom = 0; atom < of_atoms.size(); ++atom) {
    const bool in_first = atom < 4, in_second = atom >= 5 && atom < 8;
    ASSERT_EQ(of_atoms[atom].has_value(), in_first || in_second) << atom;
    if (of_atoms[atom].has_value()) {
      EXPECT_EQ(*of_atoms[atom], in_first ? 0u : 1u) << atom;
    }
  }
}

TEST(FindWaters, LeavesOutWhatIsBondedElsewhere) {
  Topology topology = bonded_to_first({{8, 1, 1}, {30}});
  EXPECT_EQ(find_waters(topology).size(), 1u);
  topology.bonds.push_back({0, 3});  // to zinc
  EXPECT_TRUE(find_waters(topology).empty());
  topology.bonds.clear();
  EXPECT_TRUE(find_waters(topology).empty());
}

}  // namespace
}  // namespace saltus::engine
