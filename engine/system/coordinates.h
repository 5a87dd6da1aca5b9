#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/box.h"

namespace saltus::engine {

/// Read-only view of positions [B, N, 3], nm, row-major, and of the periodic boxes they live in.
struct ConstCoordinates {
  const double* data = nullptr;
  std::size_t n_chains = 0, n_atoms = 0;
  Span<const Box> boxes = {};  ///< [B]; empty: none

  std::size_t stride() const { return 3 * n_atoms; }
  std::size_t size() const { return n_chains * stride(); }
  Span<const double> chain(std::size_t c) const { return {data + c * stride(), stride()}; }
  /// Box of a chain; null: none.
  const Box* box(std::size_t c) const { return boxes.empty() ? nullptr : boxes.data() + c; }
  ConstCoordinates slice(std::size_t first, std::size_t count) const {
    return {data + first * stride(), count, n_atoms,
            boxes.empty() ? boxes : boxes.subspan(first, count)};
  }
};

/// Owns positions (or velocities, forces) of a batch: [B, N, 3], row-major. Positions carry the
/// periodic boxes they live in, one for each chain, or none: whoever makes positions from others
/// does so by `like`, `rows`, `repeated` or `copy_chain`, which keep them.
class CoordinateBatch {
 public:
  CoordinateBatch() = default;
  /// Zeros without boxes.
  CoordinateBatch(std::size_t n_chains, std::size_t n_atoms)
      : n_chains_(n_chains), n_atoms_(n_atoms), values_(3 * n_chains * n_atoms, 0.0) {}

  /// Zeros for n_chains of as many atoms, in the box of the first chain of x, if it has one: to be
  /// filled by `copy_chain`.
  static CoordinateBatch like(ConstCoordinates x, std::size_t n_chains);
  /// Each chain of x n times, one after the other, in its box.
  static CoordinateBatch repeated(ConstCoordinates x, std::size_t n);
  /// A copy of these chains of x with their boxes.
  static CoordinateBatch rows(ConstCoordinates x, Span<const std::size_t> which);

  std::size_t n_chains() const { return n_chains_; }
  std::size_t n_atoms() const { return n_atoms_; }
  std::vector<double>& values() { return values_; }
  const std::vector<double>& values() const { return values_; }
  Span<double> chain(std::size_t c) { return {values_.data() + 3 * c * n_atoms_, 3 * n_atoms_}; }
  Span<const double> chain(std::size_t c) const {
    return {values_.data() + 3 * c * n_atoms_, 3 * n_atoms_};
  }
  ConstCoordinates view() const { return {values_.data(), n_chains_, n_atoms_, boxes_}; }

  const std::vector<Box>& boxes() const { return boxes_; }
  /// @param boxes  [B], or empty: none
  /// @throws InternalError  for another number of boxes
  void set_boxes(std::vector<Box> boxes);
  /// Chain `to` becomes chain `from` of x, with its box.
  /// @throws InternalError  when only one of the batches has boxes, or the atom numbers differ
  void copy_chain(ConstCoordinates x, std::size_t from, std::size_t to);
  /// Two chains change places, with their boxes.
  void swap_chains(std::size_t a, std::size_t b);

 private:
  std::size_t n_chains_ = 0, n_atoms_ = 0;
  std::vector<double> values_;
  std::vector<Box> boxes_;  ///< [B] or empty
};

}  // namespace saltus::engine
