// Oracle: values written by hand for small molecules, and the same molecule's mirror image.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "mlsamplers/torsions/graph_features.h"
#include "mlsamplers/torsions/readout_rows.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using engine::kNowhere;
using engine::TorsionGraph;
using mlsamplers::graph_features;
using mlsamplers::kAtomFeatures;
using mlsamplers::kFirstMmffColumn;
using mlsamplers::readout_rows;

/// F-CH2-CH2-N(H)-F: torsions C-C and C-N; the nitrogen can invert.
TorsionGraph small_molecule() {
  return make_graph({{9, kNowhere}, {6, 0}, {6, 1}, {7, 2}, {9, 3}});
}

TEST(GraphFeatures, EveryAtomHasOneOfEachKind) {
  TorsionGraph graph = small_molecule();
  graph.atoms[3].mmff_type = 8;
  graph.atoms[3].formal_charge = 1;
  graph.atoms[3].ring_sizes = 0b1001;
  graph.atoms[3].handedness = -1;
  const auto features = graph_features(graph);
  ASSERT_EQ(features.atoms.size(), graph.atoms.size() * kAtomFeatures);
  ASSERT_EQ(features.bonds.size(), graph.bonds.size() * mlsamplers::kBondFeatures);
  ASSERT_EQ(features.angles.size(), graph.angles.size() * mlsamplers::kAngleFeatures);
  const float* nitrogen = &features.atoms[3 * kAtomFeatures];
  std::vector<std::size_t> ones;
  for (std::size_t i = 0; i < kAtomFeatures; ++i)
    if (nitrogen[i] == 1.0f) ones.push_back(i);
  // Element 3 of H B C N; degree 3; one hydrogen; tetrahedral; rings of 3 and 6; charge; type 8.
  EXPECT_EQ(ones, (std::vector<std::size_t>{3, 12 + 3, 17 + 1, 22 + 3, 26 + 0, 26 + 3, 33,
                                            kFirstMmffColumn + 7}));
  EXPECT_EQ(nitrogen[35], -0.1f);  // partial charge
  EXPECT_EQ(nitrogen[36], -1.0f);  // handedness
}

TEST(GraphFeatures, RefusesUnknownElements) {
  TorsionGraph graph = small_molecule();
  graph.atoms[0].atomic_number = 26;
  EXPECT_EQ(message_of<engine::InputError>([&] { graph_features(graph); }),
            "torsion network: no features for element Fe");
}

TEST(MirrorImage, SwapsHandsAndPlacesButNotThoseOfInvertibleCentres) {
  TorsionGraph graph = small_molecule();
  graph.atoms[1].handedness = 1;
  const TorsionGraph image = mlsamplers::mirror_image(graph);
  EXPECT_EQ(image.atoms[1].handedness, -1);
  const auto &carbon = graph.torsions[1].ends[0], &carbon_image = image.torsions[1].ends[0];
  ASSERT_EQ(carbon.inversion, kNowhere);
  EXPECT_EQ(carbon_image.others[0], carbon.others[2]);
  EXPECT_EQ(carbon_image.others[2], carbon.others[0]);
  const auto &nitrogen = graph.torsions[1].ends[1], &nitrogen_image = image.torsions[1].ends[1];
  ASSERT_EQ(nitrogen.inversion, 0u);
  EXPECT_EQ(nitrogen_image.others, nitrogen.others);
}

TEST(ReadoutRows, NamesEndsByNearnessAndDirectionsBySlots) {
  const TorsionGraph graph = small_molecule();
  const auto rows = readout_rows(graph);
  ASSERT_EQ(graph.torsions.size(), 2u);
  // Three ends of carbons, one of nitrogen with two signs.
  ASSERT_EQ(rows.ends.size(), 5u);
  EXPECT_EQ(rows.ends[4].others[0], rows.ends[3].others[2]);
  EXPECT_EQ(rows.bases.size(), 1u + 2u);
  EXPECT_EQ(rows.pairs.size(), 2u + 2u);

  // Seen from C-C: they share the second carbon, whose reference is the nitrogen; seen from
  // there, the first carbon is the reference of the second.
  const auto& pair = rows.pairs[0];
  EXPECT_EQ(rows.ends[pair.near].atom, 2u);
  EXPECT_EQ(rows.ends[pair.far].atom, 1u);
  EXPECT_EQ(rows.ends[pair.other_near].atom, 2u);
  EXPECT_EQ(rows.ends[pair.other_far].atom, 3u);
  const std::array<float, 12> expected = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  EXPECT_EQ(pair.relation, expected);
}

TEST(ReadoutRows, DirectionsFollowTheSignOfTheCentre) {
  // Ethyl groups on a nitrogen that carries a fluorine as the reference of both.
  const TorsionGraph graph = make_graph({{9, kNowhere}, {7, 0}, {6, 1}, {6, 1}, {9, 2}, {9, 3}});
  const auto rows = readout_rows(graph);
  ASSERT_EQ(graph.torsions.size(), 2u);
  ASSERT_EQ(rows.pairs_of[0].size(), 1u);
  for (int sign : {1, -1}) {
    const std::vector<int> signs = {sign};
    const auto& relation =
        rows.pairs[rows.pairs_of[0][0].row(engine::Span<const int>(signs))].relation;
    EXPECT_EQ(relation[0], 1.0f);
    EXPECT_EQ(relation[4 + 1], sign > 0 ? 1.0f : 0.0f);
    EXPECT_EQ(relation[4 + 3], sign > 0 ? 0.0f : 1.0f);
  }
}

TEST(ReadoutRows, RefusesGraphsThatNameWhatTheyDoNotHave) {
  TorsionGraph graph = small_molecule();
  graph.torsions[0].ends[0].reference = 99;
  EXPECT_EQ(message_of<engine::InternalError>([&] { readout_rows(graph); }),
            "torsion graph: a torsion names an atom that is not there");
  graph = small_molecule();
  graph.torsions[0].neighbours = {0};
  EXPECT_EQ(message_of<engine::InternalError>([&] { readout_rows(graph); }),
            "torsion graph: a torsion names a neighbour that is not there");
}

}  // namespace
}  // namespace saltus::tests
