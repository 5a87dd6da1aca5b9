#include "engine/ensemble/chain_batch.h"

#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

void ChainBatch::copy_configuration(const ChainBatch& other, std::size_t from, std::size_t to) {
  if (this == &other && from == to) return;
  positions.copy_chain(other.positions.view(), from, to);
  velocities.copy_chain(other.velocities.view(), from, to);
  energies[to] = other.energies[from];
  const std::size_t n = n_other_terms();
  for (std::size_t i = 0; i < n; ++i) other_terms[to * n + i] = other.other_terms[from * n + i];
  replicas[to] = other.replicas[from];
}

namespace {

CoordinateBatch slice_of(const CoordinateBatch& x, std::size_t first, std::size_t count) {
  return CoordinateBatch::repeated(x.view().slice(first, count), 1);
}

template <class T>
std::vector<T> slice_of(const std::vector<T>& values, std::size_t first, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

ChainBatch ChainBatch::slice(std::size_t first, std::size_t count) const {
  const std::size_t n = n_other_terms();
  ChainBatch part;
  part.positions = slice_of(positions, first, count);
  part.velocities = slice_of(velocities, first, count);
  part.energies = slice_of(energies, first, count);
  part.other_terms = slice_of(other_terms, first * n, count * n);
  part.states = slice_of(states, first, count);
  part.log_weights = slice_of(log_weights, first, count);
  part.replicas = slice_of(replicas, first, count);
  part.first_chain = number_of(first);
  return part;
}

void ChainBatch::put(const ChainBatch& part) {
  const std::size_t n = part.n_chains();
  if (part.first_chain < first_chain || part.first_chain - first_chain + n > n_chains() ||
      part.n_other_terms() != n_other_terms())
    throw InternalError("a part of a batch is put back where there are no such chains");
  for (std::size_t c = 0; c < n; ++c) {
    const std::size_t to = part.first_chain - first_chain + c;
    copy_configuration(part, c, to);
    states[to] = part.states[c];
    log_weights[to] = part.log_weights[c];
  }
}

void ChainBatch::swap_configurations(std::size_t a, std::size_t b) {
  positions.swap_chains(a, b);
  velocities.swap_chains(a, b);
  std::swap(energies[a], energies[b]);
  const std::size_t n = n_other_terms();
  for (std::size_t i = 0; i < n; ++i) std::swap(other_terms[a * n + i], other_terms[b * n + i]);
  std::swap(log_weights[a], log_weights[b]);
  std::swap(replicas[a], replicas[b]);
}

}  // namespace saltus::engine
