// Oracle: rings written out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/series.h"

namespace saltus::tools {
namespace {

/// A chain of atoms 0, 1, 2, ... that is closed to a ring of the first `ring` atoms.
engine::Topology closed_chain(std::size_t n_atoms, std::size_t ring) {
  engine::Topology topology;
  topology.residues.push_back({"MOL", "A", 1, "", 0});
  for (std::size_t i = 0; i < n_atoms; ++i) topology.atoms.push_back({"C", 6, 0});
  for (std::size_t i = 1; i < n_atoms; ++i) topology.bonds.push_back({i - 1, i});
  topology.bonds.push_back({0, ring - 1});
  return topology;
}

TEST(TorsionsHeldByRings, AreThoseOfSmallOnes) {
  const std::vector<NamedTorsion> torsions = {{"phi_1", {0, 1, 2, 3}}, {"phi_2", {5, 6, 7, 8}}};
  EXPECT_THAT(held_by_rings(torsions, closed_chain(9, 5)), testing::ElementsAre("phi_1"));
  EXPECT_THAT(held_by_rings(torsions, closed_chain(9, 6)), testing::ElementsAre("phi_1"));
  EXPECT_THAT(held_by_rings(torsions, closed_chain(9, 7)), testing::IsEmpty());
}

TEST(TorsionObservables, LeaveOutRegionsThatARingForbids) {
  const std::vector<OwnedSeries> series = {{"phi_1", "rad", {0.5, -0.5}, 1, 2},
                                           {"phi_2", "rad", {0.5, -0.5}, 1, 2}};
  std::vector<std::string> names;
  for (const OwnedSeries& one : torsion_observables(series, {"phi_2"})) names.push_back(one.name);
  EXPECT_THAT(names, testing::ElementsAre("cos phi_1", "cos phi_2", "phi_1 in 0..160 deg"));
}

}  // namespace
}  // namespace saltus::tools
