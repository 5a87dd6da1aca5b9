#include "engine/conformers/selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.h"

namespace saltus::engine {

CoordinateBatch conformers_at(const CoordinateBatch& x, const std::vector<std::size_t>& which) {
  return CoordinateBatch::rows(x.view(), which);
}

Selection select_conformers(ConstCoordinates x, Span<const double> energies,
                            const ShapeComparison& comparison, const SelectionOptions& options) {
  if (energies.size() != 0 && energies.size() != x.n_chains)
    throw InternalError("conformers and their energies are of different numbers");
  std::vector<std::size_t> order(x.n_chains);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto energy = [&](std::size_t i) { return energies.size() == 0 ? 0.0 : energies[i]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return energy(a) < energy(b); });
  Selection selection;
  std::vector<ShapeComparison::Shape> shapes;
  for (const std::size_t candidate : order) {
    if (energy(candidate) > energy(order.front()) + options.energy_window) {
      ++selection.n_outside_window;
      continue;
    }
    if (selection.kept.size() >= options.max_kept) {
      ++selection.n_beyond_count;
      continue;
    }
    ShapeComparison::Shape shape = comparison.shape(x.chain(candidate));
    bool duplicate = false;
    // Backwards: those of similar energy are the likelier twins.
    for (std::size_t k = shapes.size(); k-- > 0 && !duplicate;) {
      const double gap = energy(candidate) - energy(selection.kept[k]);
      if (gap >= options.energy_tolerance) break;
      duplicate = comparison.closer_than(shape, shapes[k], options.rmsd_nm);
    }
    if (duplicate) {
      ++selection.n_duplicates;
      continue;
    }
    selection.kept.push_back(candidate);
    shapes.push_back(std::move(shape));
  }
  return selection;
}

}  // namespace saltus::engine
