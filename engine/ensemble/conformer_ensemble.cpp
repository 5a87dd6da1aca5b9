#include "engine/ensemble/conformer_ensemble.h"

#include <utility>

namespace saltus::engine {

namespace {

template <class T>
void keep_rows(const std::vector<std::size_t>& which, std::vector<T>& column) {
  if (column.empty()) return;
  std::vector<T> kept;
  kept.reserve(which.size());
  for (const std::size_t f : which) kept.push_back(column[f]);
  column = std::move(kept);
}

}  // namespace

void ConformerEnsemble::keep(const std::vector<std::size_t>& which) {
  positions = CoordinateBatch::rows(positions.view(), which);
  for (auto* column : {&energies, &log_weights, &log_q, &degeneracies, &reference_rmsd})
    keep_rows(which, *column);
  for (auto* column : {&converged, &accepted}) keep_rows(which, *column);
  for (auto* column : {&ladders, &ancestors}) keep_rows(which, *column);
  for (std::vector<double>& values : torsions) keep_rows(which, values);
}

}  // namespace saltus::engine
