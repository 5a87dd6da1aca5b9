#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// Read-only view of positions [B, N, 3], nm, row-major.
struct ConstCoordinates {
  const double* data = nullptr;
  std::size_t n_chains = 0, n_atoms = 0;

  std::size_t stride() const { return 3 * n_atoms; }
  std::size_t size() const { return n_chains * stride(); }
  Span<const double> chain(std::size_t c) const { return {data + c * stride(), stride()}; }
  ConstCoordinates slice(std::size_t first, std::size_t count) const {
    return {data + first * stride(), count, n_atoms};
  }
};

/// Owns positions (or velocities, forces) of a batch: [B, N, 3], row-major.
class CoordinateBatch {
 public:
  CoordinateBatch() = default;
  CoordinateBatch(std::size_t n_chains, std::size_t n_atoms)
      : n_chains_(n_chains), n_atoms_(n_atoms), values_(3 * n_chains * n_atoms, 0.0) {}

  std::size_t n_chains() const { return n_chains_; }
  std::size_t n_atoms() const { return n_atoms_; }
  std::vector<double>& values() { return values_; }
  const std::vector<double>& values() const { return values_; }
  Span<double> chain(std::size_t c) { return {values_.data() + 3 * c * n_atoms_, 3 * n_atoms_}; }
  Span<const double> chain(std::size_t c) const {
    return {values_.data() + 3 * c * n_atoms_, 3 * n_atoms_};
  }
  ConstCoordinates view() const { return {values_.data(), n_chains_, n_atoms_}; }

 private:
  std::size_t n_chains_ = 0, n_atoms_ = 0;
  std::vector<double> values_;
};

}  // namespace saltus::engine
