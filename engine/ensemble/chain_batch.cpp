#include "engine/ensemble/chain_batch.h"

#include <utility>

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
