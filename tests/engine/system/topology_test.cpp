// Oracle: formulas of molecules, written out by hand.
#include "engine/system/topology.h"

#include <gtest/gtest.h>

#include <vector>

namespace saltus::engine {
namespace {

Topology residues_of(const std::vector<std::vector<int>>& elements) {
  Topology topology;
  for (const std::vector<int>& residue : elements) {
    topology.residues.push_back({"X", "", 1, "", 0});
    for (const int element : residue)
      topology.atoms.push_back({"A", element, topology.residues.size() - 1});
  }
  return topology;
}

TEST(WaterResidues, AreThoseOfOneOxygenAndTwoHydrogens) {
  const Topology topology = residues_of({{8, 1, 1},           // three sites, as TIP3P
                                         {1, 8, 1},           // in any order
                                         {8, 1, 1, 0},        // four sites, as TIP4P-Ew
                                         {8, 1, 1, 0, 0},     // five
                                         {8, 1},              // hydroxide
                                         {8, 1, 1, 1},        // hydronium
                                         {16, 1, 1},          // hydrogen sulfide
                                         {6, 8, 1, 1},        // formaldehyde
                                         {8, 1, 1, 8, 1, 1},  // two molecules
                                         {11}});              // an ion
  EXPECT_EQ(water_residues(topology),
            (std::vector<bool>{true, true, true, true, false, false, false, false, false, false}));
  EXPECT_TRUE(water_residues({}).empty());
}

}  // namespace
}  // namespace saltus::engine
