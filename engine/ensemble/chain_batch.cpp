#include "engine/ensemble/chain_batch.h"

#include <algorithm>
#include <utility>

namespace saltus::engine {

namespace {

void copy_row(const CoordinateBatch& from, std::size_t row, CoordinateBatch& to, std::size_t at) {
  const auto source = from.chain(row);
  std::copy(source.begin(), source.end(), to.chain(at).begin());
}

void swap_rows(CoordinateBatch& x, std::size_t a, std::size_t b) {
  const auto first = x.chain(a), second = x.chain(b);
  std::swap_ranges(first.begin(), first.end(), second.begin());
}

}  // namespace

void ChainBatch::copy_configuration(const ChainBatch& other, std::size_t from, std::size_t to) {
  if (this == &other && from == to) return;
  copy_row(other.positions, from, positions, to);
  copy_row(other.velocities, from, velocities, to);
  energies[to] = other.energies[from];
  const std::size_t n = n_other_terms();
  for (std::size_t i = 0; i < n; ++i) other_terms[to * n + i] = other.other_terms[from * n + i];
}

void ChainBatch::swap_configurations(std::size_t a, std::size_t b) {
  swap_rows(positions, a, b);
  swap_rows(velocities, a, b);
  std::swap(energies[a], energies[b]);
  const std::size_t n = n_other_terms();
  for (std::size_t i = 0; i < n; ++i) std::swap(other_terms[a * n + i], other_terms[b * n + i]);
  std::swap(log_weights[a], log_weights[b]);
}

}  // namespace saltus::engine
