#pragma once

#include <cstddef>

#include "engine/core/aligned_vector.h"
#include "engine/core/span.h"
#include "engine/lanes/lane_term.h"
#include "engine/system/box.h"

namespace saltus::engine {

/// Boxes of the chains of one block as kernels read them, see LaneView::box. Takes no memory before
/// the first box is set.
class BlockBoxes {
 public:
  bool empty() const { return exact_.empty(); }
  /// The box of one lane.
  void set(std::size_t lane, const Box& box);
  /// Those of the first lanes; lanes beyond them repeat the last. None: empty again.
  void set_all(Span<const Box> boxes);

  const double* exact() const { return exact_.data(); }      ///< [kBoxValues][lane]
  const float* single() const { return single_.data(); }     ///< [kBoxValues][lane]
  const double* volumes() const { return volumes_.data(); }  ///< [lane], nm^3

 private:
  AlignedVector<double> exact_, volumes_;
  AlignedVector<float> single_;
};

}  // namespace saltus::engine
