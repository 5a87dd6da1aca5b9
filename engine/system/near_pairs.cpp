#include "engine/system/near_pairs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

using Cell = std::array<std::int64_t, 3>;

struct CellHash {
  std::size_t operator()(const Cell& cell) const {
    // Large odd numbers spread neighbouring cells.
    std::uint64_t hash = 0;
    for (const std::int64_t k : cell)
      hash = (hash ^ static_cast<std::uint64_t>(k)) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(hash ^ (hash >> 32));
  }
};

/// Cells at least as wide as the reach, so that near atoms are in the same or in touching ones.
class Cells {
 public:
  Cells(double reach_nm, const std::optional<Box>& box) : reach_nm_(reach_nm), box_(box) {
    if (!box) return;
    reciprocal_ = box->reciprocal_vectors();
    for (std::size_t k = 0; k < 3; ++k)
      n_cells_[k] = static_cast<std::int64_t>(
          std::clamp(1.0 / (norm(reciprocal_[k]) * reach_nm), 1.0, kFarthest));
  }

  Cell cell_of(Vec3 place) const {
    if (!box_)
      return {whole(place.x / reach_nm_), whole(place.y / reach_nm_), whole(place.z / reach_nm_)};
    Cell cell{};
    for (std::size_t k = 0; k < 3; ++k) {
      const double edges = dot(place, reciprocal_[k]), inside = edges - std::floor(edges);
      cell[k] = std::min(n_cells_[k] - 1, whole(inside * static_cast<double>(n_cells_[k])));
    }
    return cell;
  }

  /// The cell itself and those that touch it, each once, also where there are few.
  std::vector<Cell> around(const Cell& cell) const {
    std::array<std::vector<std::int64_t>, 3> along;
    for (std::size_t k = 0; k < 3; ++k) {
      along[k] = {cell[k]};
      for (const std::int64_t step : {-1, 1}) {
        std::int64_t next = cell[k] + step;
        if (box_) next = (next + n_cells_[k]) % n_cells_[k];
        if (std::find(along[k].begin(), along[k].end(), next) == along[k].end())
          along[k].push_back(next);
      }
    }
    std::vector<Cell> cells;
    for (const std::int64_t a : along[0])
      for (const std::int64_t b : along[1])
        for (const std::int64_t c : along[2]) cells.push_back({a, b, c});
    return cells;
  }

  double distance(Vec3 p, Vec3 q) const { return norm(box_ ? box_->nearest_image(p - q) : p - q); }

 private:
  // Farther places, which no molecule has, share the outermost cells.
  static constexpr double kFarthest = 1e15;

  static std::int64_t whole(double value) {
    return static_cast<std::int64_t>(std::clamp(std::floor(value), -kFarthest, kFarthest));
  }

  double reach_nm_;
  std::optional<Box> box_;
  std::array<Vec3, 3> reciprocal_{};
  Cell n_cells_{};  ///< along a, b, c of a box; opposite faces are 1 / |reciprocal vector| apart
};

}  // namespace

std::vector<NearPair> near_pairs(Span<const double> x, double reach_nm,
                                 const std::optional<Box>& box) {
  const Cells cells(reach_nm, box);
  std::unordered_map<Cell, std::vector<std::size_t>, CellHash> members;
  std::vector<NearPair> pairs;
  for (std::size_t j = 0; j < x.size() / 3; ++j) {
    const Vec3 place = load_atom(x.data(), j);
    if (!std::isfinite(place.x) || !std::isfinite(place.y) || !std::isfinite(place.z)) continue;
    const Cell cell = cells.cell_of(place);
    for (const Cell& other : cells.around(cell)) {
      const auto found = members.find(other);
      if (found == members.end()) continue;
      for (const std::size_t i : found->second) {
        const double r = cells.distance(load_atom(x.data(), i), place);
        if (r < reach_nm) pairs.push_back({i, j, r});
      }
    }
    members[cell].push_back(j);
  }
  std::sort(pairs.begin(), pairs.end(), [](const NearPair& p, const NearPair& q) {
    return std::pair(p.i, p.j) < std::pair(q.i, q.j);
  });
  return pairs;
}

}  // namespace saltus::engine
