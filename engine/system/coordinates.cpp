#include "engine/system/coordinates.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

CoordinateBatch CoordinateBatch::like(ConstCoordinates x, std::size_t n_chains) {
  CoordinateBatch result(n_chains, x.n_atoms);
  if (!x.boxes.empty()) result.boxes_.assign(n_chains, x.boxes[0]);
  return result;
}

CoordinateBatch CoordinateBatch::repeated(ConstCoordinates x, std::size_t n) {
  CoordinateBatch result = like(x, x.n_chains * n);
  for (std::size_t row = 0; row < x.n_chains * n; ++row) result.copy_chain(x, row / n, row);
  return result;
}

CoordinateBatch CoordinateBatch::rows(ConstCoordinates x, Span<const std::size_t> which) {
  CoordinateBatch result = like(x, which.size());
  for (std::size_t row = 0; row < which.size(); ++row) result.copy_chain(x, which[row], row);
  return result;
}

void CoordinateBatch::set_boxes(std::vector<Box> boxes) {
  if (!boxes.empty() && boxes.size() != n_chains_)
    throw InternalError("positions of " + std::to_string(n_chains_) + " chains got " +
                        std::to_string(boxes.size()) + " boxes");
  boxes_ = std::move(boxes);
}

void CoordinateBatch::copy_chain(ConstCoordinates x, std::size_t from, std::size_t to) {
  if (x.n_atoms != n_atoms_ || x.boxes.empty() != boxes_.empty())
    throw InternalError("positions that are copied differ in atoms, or only one side has boxes");
  const auto source = x.chain(from);
  // A chain may be copied onto itself.
  if (source.data() != chain(to).data()) std::copy(source.begin(), source.end(), chain(to).begin());
  if (!boxes_.empty()) boxes_[to] = x.boxes[from];
}

void CoordinateBatch::swap_chains(std::size_t a, std::size_t b) {
  const auto first = chain(a), second = chain(b);
  std::swap_ranges(first.begin(), first.end(), second.begin());
  if (!boxes_.empty()) std::swap(boxes_[a], boxes_[b]);
}

}  // namespace saltus::engine
