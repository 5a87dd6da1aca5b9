// Oracle: definitions; molecules written down by hand.
#include "engine/system/molecules.h"

#include <gtest/gtest.h>

#include "tests/engine/system/molecules.h"

namespace saltus::engine {
namespace {

using Numbers = std::vector<std::size_t>;

TEST(ConnectedMolecules, AreNumberedByTheirFirstAtoms) {
  // 0-3-5 and 1-4, whose bonds come in any order and direction; 2 is alone.
  const std::vector<Bond> bonds = {{5, 3}, {4, 1}, {3, 0}};
  const Molecules molecules = connected_molecules(6, bonds);
  EXPECT_EQ(molecules.of_atom, (Numbers{0, 1, 2, 0, 1, 0}));
  EXPECT_EQ(molecules.count, 3u);
  EXPECT_EQ(connected_molecules(0, {}).count, 0u);
  EXPECT_EQ(connected_molecules(3, {}).of_atom, (Numbers{0, 1, 2}));
}

TEST(ConnectedMolecules, MayBeRingsAndLongChains) {
  constexpr std::size_t kAtoms = 3000;
  std::vector<Bond> bonds;
  // The worst order: each bond joins an atom to one further down.
  for (std::size_t n = kAtoms - 1; n > 0; --n) bonds.push_back({n - 1, n});
  bonds.push_back({kAtoms - 1, 0});
  const Molecules molecules = connected_molecules(kAtoms, bonds);
  EXPECT_EQ(molecules.count, 1u);
  EXPECT_EQ(molecules.of_atom, Numbers(kAtoms, 0));
}

TEST(MoleculesOf, AreHeldTogetherByAllThereIs) {
  // A bond of the topology, one of the force field, a constraint and a virtual site.
  const Topology topology =
      tests::make_topology({"O", "H", "O", "H", "O", "H", "O", "H", "N"}, {{0, 1}});
  System system;
  system.masses = {16.0, 1.0, 16.0, 1.0, 16.0, 1.0, 16.0, 0.0, 14.0};
  EXPECT_EQ(molecules_of(topology, system).count, 8u);
  system.bonds.push_back({3, 2, 0.1, 1.0});
  system.constraints.push_back({4, 5, 0.1});
  VirtualSite site;
  site.site = 7;
  site.parents = {6};
  system.virtual_sites.push_back(site);
  const Molecules molecules = molecules_of(topology, system);
  EXPECT_EQ(molecules.of_atom, (Numbers{0, 0, 1, 1, 2, 2, 3, 3, 4}));
  EXPECT_EQ(molecules.count, 5u);
}

}  // namespace
}  // namespace saltus::engine
