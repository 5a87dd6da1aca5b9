// Oracle: columns whose values say which frame they belong to.
#include "engine/ensemble/conformer_ensemble.h"

#include <gtest/gtest.h>

namespace saltus::engine {
namespace {

using Numbers = std::vector<double>;
using Counts = std::vector<std::size_t>;

TEST(ConformerEnsemble, KeepsTheSameFramesOfAllColumns) {
  ConformerEnsemble ensemble;
  ensemble.positions = CoordinateBatch(3, 1);
  ensemble.positions.values() = {0.0, 0.1, 0.2, 1.0, 1.1, 1.2, 2.0, 2.1, 2.2};
  for (auto* column :
       {&ensemble.energies, &ensemble.log_weights, &ensemble.log_q, &ensemble.degeneracies})
    *column = {0.0, 1.0, 2.0};
  for (auto* column : {&ensemble.converged, &ensemble.accepted}) *column = {true, false, false};
  for (auto* column : {&ensemble.ladders, &ensemble.ancestors}) *column = {0, 1, 2};
  ensemble.torsion_names = {"a", "b"};
  ensemble.torsions = {{0.0, 1.0, 2.0}, {10.0, 11.0, 12.0}};
  ensemble.facts.n_effective = 3.0;

  ensemble.keep({2, 0});

  EXPECT_EQ(ensemble.n_frames(), 2u);
  EXPECT_EQ(ensemble.positions.values(), (Numbers{2.0, 2.1, 2.2, 0.0, 0.1, 0.2}));
  for (const auto* column :
       {&ensemble.energies, &ensemble.log_weights, &ensemble.log_q, &ensemble.degeneracies})
    EXPECT_EQ(*column, (Numbers{2.0, 0.0}));
  for (const auto* column : {&ensemble.converged, &ensemble.accepted})
    EXPECT_EQ(*column, (std::vector<bool>{false, true}));
  for (const auto* column : {&ensemble.ladders, &ensemble.ancestors})
    EXPECT_EQ(*column, (Counts{2, 0}));
  EXPECT_EQ(ensemble.torsions, (std::vector<Numbers>{{2.0, 0.0}, {12.0, 10.0}}));
  EXPECT_EQ(ensemble.torsion_names.size(), 2u);
  EXPECT_EQ(ensemble.facts.n_effective, 3.0);
}

TEST(ConformerEnsemble, LeavesColumnsEmptyThatDoNotApply) {
  ConformerEnsemble ensemble;
  ensemble.positions = CoordinateBatch(2, 1);
  ensemble.energies = {1.0, 2.0};
  ensemble.keep({1});
  EXPECT_EQ(ensemble.energies, Numbers{2.0});
  EXPECT_TRUE(ensemble.log_weights.empty());
  EXPECT_TRUE(ensemble.accepted.empty());
  ensemble.keep({});
  EXPECT_EQ(ensemble.n_frames(), 0u);
  EXPECT_TRUE(ensemble.energies.empty());
}

}  // namespace
}  // namespace saltus::engine
