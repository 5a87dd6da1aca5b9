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
  for (auto* column : {&ensemble.energies, &ensemble.log_weights, &ensemble.log_q,
                       &ensemble.degeneracies, &ensemble.reference_rmsd})
    *column = {0.0, 1.0, 2.0};
  for (auto* column : {&ensemble.converged, &ensemble.accepted}) *column = {true, false, false};
  for (auto* column : {&ensemble.ladders, &ensemble.ancestors}) *column = {0, 1, 2};
  ensemble.torsion_names = {"a", "b"};
  ensemble.torsions = {{0.0, 1.0, 2.0}, {10.0, 11.0, 12.0}};
  ensemble.facts.n_effective = 3.0;

  ensemble.keep({2, 0});

  EXPECT_EQ(ensemble.n_frames(), 2u);
  EXPECT_EQ(ensemble.positions.values(), (Numbers{2.0, 2.1, 2.2, 0.0, 0.1, 0.2}));
  for (const auto* column : {&ensemble.energies, &ensemble.log_weights, &ensemble.log_q,
                             &ensemble.degeneracies, &ensemble.reference_rmsd})
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

/// Every row of every column says which frame it was: n_torsions torsions, n atoms.
ConformerEnsemble labelled(std::size_t n) {
  ConformerEnsemble ensemble;
  ensemble.positions = CoordinateBatch(n, 2);
  std::vector<Box> boxes;
  for (std::size_t f = 0; f < n; ++f) {
    const double label = static_cast<double>(f);
    for (double& value : ensemble.positions.chain(f)) value = label;
    const std::vector<double> edges = {label + 1.0, 0.0, 0.0, 0.0,        label + 1.0,
                                       0.0,         0.0, 0.0, label + 1.0};
    boxes.push_back(Box::from_vectors(edges));
    for (auto* column : {&ensemble.energies, &ensemble.log_weights, &ensemble.log_q,
                         &ensemble.degeneracies, &ensemble.reference_rmsd})
      column->push_back(label);
    for (auto* column : {&ensemble.converged, &ensemble.accepted}) column->push_back(f % 2 == 1);
    for (auto* column : {&ensemble.ladders, &ensemble.ancestors}) column->push_back(f);
  }
  ensemble.positions.set_boxes(boxes);
  ensemble.torsions.assign(2, ensemble.energies);
  return ensemble;
}

/// Whether row k of every column is of frame which[k].
bool rows_are(const std::vector<std::size_t>& which, const ConformerEnsemble& ensemble) {
  // Fails to compile when a column is added: then it belongs below and in labelled().
  const auto& [positions, energies, log_weights, log_q, degeneracies, reference_rmsd, converged,
               accepted, ladders, ancestors, names, torsions, facts] = ensemble;
  (void)names;
  (void)facts;
  const std::size_t n = which.size();
  bool same = positions.n_chains() == n && positions.boxes().size() == n;
  for (const auto* column : {&energies, &log_weights, &log_q, &degeneracies, &reference_rmsd,
                             &torsions[0], &torsions[1]})
    same = same && column->size() == n;
  for (const auto* column : {&converged, &accepted}) same = same && column->size() == n;
  for (const auto* column : {&ladders, &ancestors}) same = same && column->size() == n;
  for (std::size_t k = 0; same && k < n; ++k) {
    const double label = static_cast<double>(which[k]);
    for (double value : positions.chain(k)) same = same && value == label;
    same = same && positions.boxes()[k].vectors()[0] == label + 1.0;
    for (const auto* column : {&energies, &log_weights, &log_q, &degeneracies, &reference_rmsd,
                               &torsions[0], &torsions[1]})
      same = same && (*column)[k] == label;
    for (const auto* column : {&converged, &accepted})
      same = same && (*column)[k] == (which[k] % 2 == 1);
    for (const auto* column : {&ladders, &ancestors}) same = same && (*column)[k] == which[k];
  }
  return same;
}

TEST(ConformerEnsemble, KeepsRowsOfAllColumnsTogether) {
  for (const Counts& which : {Counts{4, 1, 2}, Counts{0, 1, 2, 3, 4}, Counts{3, 3, 0}}) {
    ConformerEnsemble ensemble = labelled(5);
    ensemble.keep(which);
    EXPECT_TRUE(rows_are(which, ensemble));
  }
}

/// The check above sees each column that is left behind, cut only, or kept in another order.
TEST(ConformerEnsemble, AColumnThatIsNotKeptIsSeen) {
  const Counts which = {3, 1, 2};
  const ConformerEnsemble all = labelled(5);
  ConformerEnsemble cut = all, sorted = all;
  cut.keep({0, 1, 2});
  sorted.keep({1, 2, 3});
  const auto column_from = [&](std::size_t bug, const ConformerEnsemble& other) {
    ConformerEnsemble ensemble = all;
    ensemble.keep(which);
    switch (bug) {
      case 0:
        ensemble.positions = other.positions;
        break;
      case 1:
        ensemble.energies = other.energies;
        break;
      case 2:
        ensemble.log_weights = other.log_weights;
        break;
      case 3:
        ensemble.log_q = other.log_q;
        break;
      case 4:
        ensemble.degeneracies = other.degeneracies;
        break;
      case 5:
        ensemble.converged = other.converged;
        break;
      case 6:
        ensemble.accepted = other.accepted;
        break;
      case 7:
        ensemble.ladders = other.ladders;
        break;
      case 8:
        ensemble.ancestors = other.ancestors;
        break;
      case 9:
        ensemble.torsions[1] = other.torsions[1];
        break;
      default:
        ensemble.positions.set_boxes(other.positions.boxes());
    }
    return ensemble;
  };
  for (std::size_t bug = 0; bug < 11; ++bug) {
    SCOPED_TRACE(bug);
    // Boxes of another number than positions are refused when they are set.
    if (bug < 10) {
      EXPECT_FALSE(rows_are(which, column_from(bug, all)));
    }
    EXPECT_FALSE(rows_are(which, column_from(bug, cut)));
    EXPECT_FALSE(rows_are(which, column_from(bug, sorted)));
  }
}

}  // namespace
}  // namespace saltus::engine
