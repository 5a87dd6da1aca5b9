// The integrator on its constraints, between trajectories.
#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/core/aligned_vector.h"
#include "engine/core/error.h"
#include "engine/dynamics/block_program_detail.h"
#include "engine/dynamics/constraint_lanes.h"
#include "engine/dynamics/integrator.h"

namespace saltus::engine {

namespace {

/// Calls project(first chain, layout, out failed [lane]) for all chains. Returns the first chain
/// that failed.
template <class Project>
std::optional<std::size_t> first_failure(std::size_t n_chains, Project project) {
  AlignedVector<double> failed(kLaneWidth);
  BlockLayout layout{0, best_stride(n_chains)};
  for (std::size_t first = 0; first < n_chains; first += kLaneWidth) {
    layout.n_lanes = std::min(kLaneWidth, n_chains - first);
    std::fill(failed.begin(), failed.end(), 0.0);
    project(first, layout, failed.data());
    for (std::size_t l = 0; l < layout.n_lanes; ++l)
      if (failed[l] != 0.0) return first + l;
  }
  return std::nullopt;
}

}  // namespace

void Integrator::project_positions(CoordinateBatch& x) const {
  const std::size_t n_values = 3 * n_atoms();
  const auto project = [&](std::size_t first, BlockLayout layout, double* failed) {
    AlignedVector<double> block(layout.size(n_values));
    pack_chains(x.chain(first).data(), n_values, layout, block.data());
    const AlignedVector<double> reference = block;
    constrain_positions(constraints_, {reference.data(), 0.0, block.data(), nullptr}, layout,
                        failed);
    unpack_chains(block.data(), n_values, layout, x.chain(first).data());
  };
  if (const auto failed = first_failure(x.n_chains(), project))
    throw NumericalError(source_ + ": the positions of chain " + std::to_string(*failed) +
                         " cannot be moved onto the constraints; start from positions closer "
                         "to the constrained distances");
  place_sites(x);
}

void Integrator::place_sites(CoordinateBatch& x) const {
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    place_virtual_sites(particles_.virtual_sites, x.chain(c));
}

void Integrator::project_velocities(const CoordinateBatch& x, CoordinateBatch& v) const {
  for (std::size_t c = 0; c < v.n_chains(); ++c)
    for (std::size_t i = 0; i < 3 * n_atoms(); ++i)
      if (particles_.masses[i / 3] == 0.0) v.chain(c)[i] = 0.0;
  if (constraints_.empty()) return;
  const std::size_t n_values = 3 * n_atoms();
  const auto project = [&](std::size_t first, BlockLayout layout, double* failed) {
    AlignedVector<double> at(layout.size(n_values)), block(at.size());
    pack_chains(x.chain(first).data(), n_values, layout, at.data());
    pack_chains(v.chain(first).data(), n_values, layout, block.data());
    constrain_velocities(constraints_, at.data(), layout, block.data(), failed);
    unpack_chains(block.data(), n_values, layout, v.chain(first).data());
  };
  if (const auto failed = first_failure(v.n_chains(), project))
    throw NumericalError(source_ + ": the velocities of chain " + std::to_string(*failed) +
                         " cannot be projected onto the constraints");
}

void Integrator::require_on_constraints(const CoordinateBatch& x) const {
  // What trajectories are allowed to be off; projected positions are off by far less.
  constexpr double kFarthest_nm = 1e-6;
  for (std::size_t c = 0; c < x.n_chains(); ++c) {
    const auto p = x.chain(c);
    for (const Constraint& constraint : particles_.constraints) {
      const std::size_t i = 3 * constraint.i, j = 3 * constraint.j;
      const double length = std::hypot(p[i] - p[j], p[i + 1] - p[j + 1], p[i + 2] - p[j + 2]);
      if (!(std::abs(length - constraint.distance_nm) <= kFarthest_nm))
        throw NumericalError(source_ + ": atoms " + std::to_string(constraint.i) + " and " +
                             std::to_string(constraint.j) + " of chain " + std::to_string(c) +
                             " are " + std::to_string(length) +
                             " nm apart, their constraint says " +
                             std::to_string(constraint.distance_nm) +
                             " nm; positions must start on the constraints");
    }
  }
}

}  // namespace saltus::engine
