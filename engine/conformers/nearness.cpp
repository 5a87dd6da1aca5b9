#include "engine/conformers/nearness.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/conformers/shape_blocks.h"
#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void append_shapes(ConstCoordinates x, const ShapeComparison& comparison,
                   std::vector<ShapeComparison::Shape>& shapes) {
  for (std::size_t c = 0; c < x.n_chains; ++c) shapes.push_back(comparison.shape(x.chain(c)));
}

}  // namespace

Nearness::Nearness(const ShapeComparison& comparison, std::vector<double> radii_nm)
    : comparison_(comparison), radii_nm_(std::move(radii_nm)) {
  if (radii_nm_.empty()) throw InputError("nearness: at least one radius is needed");
  double last = std::numeric_limits<double>::infinity();
  for (const double radius : radii_nm_) {
    if (!(radius > 0.0) || !(radius < last))
      throw InputError("nearness: radii must be positive and fall");
    last = radius;
  }
}

void Nearness::add(ConstCoordinates x) {
  const std::size_t n_before = shapes_.size();
  append_shapes(x, comparison_, shapes_);
  const std::size_t n = shapes_.size();
  const ShapeBlocks blocks(comparison_, {shapes_.data(), n});
  const auto same = static_cast<std::uint8_t>(radii_nm_.size());
  rows_.resize(n);
  for (std::vector<std::uint8_t>& row : rows_) row.resize(n, same);
  for (std::size_t i = n_before; i < n; ++i) {
    blocks.count_radii(i, radii_nm_, {rows_[i].data(), i});
    for (std::size_t j = 0; j < i; ++j) rows_[j][i] = rows_[i][j];
  }
}

std::size_t Nearness::count_alone(Span<const std::size_t> of) const {
  const auto smallest = static_cast<std::uint8_t>(radii_nm_.size());
  // Each one is near itself.
  return static_cast<std::size_t>(std::count_if(of.begin(), of.end(), [&](std::size_t i) {
    return std::count_if(of.begin(), of.end(),
                         [&](std::size_t j) { return rows_[i][j] == smallest; }) == 1;
  }));
}

std::size_t Nearness::count_alone() const {
  std::vector<std::size_t> all(size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return count_alone(all);
}

std::vector<bool> is_far_from_all(ConstCoordinates x, ConstCoordinates others,
                                  const ShapeComparison& comparison, double rmsd_nm) {
  std::vector<ShapeComparison::Shape> shapes;
  append_shapes(others, comparison, shapes);
  append_shapes(x, comparison, shapes);
  const ShapeBlocks blocks(comparison, {shapes.data(), shapes.size()});
  const std::vector<double> radius = {rmsd_nm};
  std::vector<std::uint8_t> near(others.n_chains);
  std::vector<bool> far;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    blocks.count_radii(others.n_chains + c, radius, {near.data(), near.size()});
    far.push_back(std::none_of(near.begin(), near.end(), [](std::uint8_t n) { return n > 0; }));
  }
  return far;
}

}  // namespace saltus::engine
