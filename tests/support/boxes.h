#pragma once

#include <vector>

#include "engine/core/span.h"
#include "engine/system/coordinates.h"
#include "engine/system/system.h"

namespace saltus::tests {

/// Positions [B, N, 3], flat, as chains in the box of the system, if it has one.
inline engine::CoordinateBatch in_box(const engine::System& system, engine::Span<const double> x) {
  const std::size_t n_chains = x.size() / (3 * system.n_atoms());
  engine::CoordinateBatch batch(n_chains, system.n_atoms());
  batch.values().assign(x.begin(), x.end());
  batch.set_boxes(engine::start_boxes(system, n_chains));
  return batch;
}

}  // namespace saltus::tests
