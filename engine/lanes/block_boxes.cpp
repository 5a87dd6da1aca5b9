#include "engine/lanes/block_boxes.h"

#include <algorithm>

namespace saltus::engine {

void BlockBoxes::set(std::size_t lane, const Box& box) {
  if (empty()) {
    exact_.resize(kBoxValues * kLaneWidth);
    single_.resize(kBoxValues * kLaneWidth);
    volumes_.resize(kLaneWidth);
  }
  // Inverses are rounded once only, from those in double.
  const double values[kBoxValues] = {box.ax,       box.by, box.cz, 1.0 / box.ax, 1.0 / box.by,
                                     1.0 / box.cz, box.bx, box.cx, box.cy};
  for (std::size_t value = 0; value < kBoxValues; ++value) {
    exact_[value * kLaneWidth + lane] = values[value];
    single_[value * kLaneWidth + lane] = static_cast<float>(values[value]);
  }
  volumes_[lane] = box.volume();
}

void BlockBoxes::set_all(Span<const Box> boxes) {
  if (boxes.empty()) {
    if (!empty()) *this = BlockBoxes();
    return;
  }
  for (std::size_t lane = 0; lane < kLaneWidth; ++lane)
    set(lane, boxes[std::min(lane, boxes.size() - 1)]);
}

}  // namespace saltus::engine
