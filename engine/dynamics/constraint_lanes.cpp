#include "engine/dynamics/constraint_lanes.h"

#include <algorithm>

#include "engine/core/aligned_vector.h"
#include "engine/core/span.h"
#include "engine/dynamics/triangle_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/dynamics/constraint_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/dynamics/shift_lanes_detail.h"
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Clusters of a molecule need about five; those that need more than this have no solution.
constexpr int kMaxSweeps = 500;

using Doubles = hn::CappedTag<double, kLaneWidth>;
using Double = hn::Vec<Doubles>;
using Which = hn::Mask<Doubles>;
using Entry = ConstraintTable::Entry;

/// Corrects positions.
struct PositionSweep : PositionCorrection {
  /// Returns the lanes in which the constraint did not hold; adds to `failed` those in which it
  /// cannot be corrected.
  HWY_INLINE Which correct(Doubles d, const Entry& e, std::size_t lane, Which& failed) const {
    const Double length2 = hn::Set(d, e.length2);
    const auto s = load_atom(d, x + lane, e.i) - load_atom(d, x + lane, e.j);
    const Double excess = hn::Sub(dot(s, s), length2);
    const Double allowed = hn::Mul(hn::Set(d, 2.0 * kConstraintTolerance), length2);
    const Which broken = hn::AndNot(failed, hn::Gt(hn::Abs(excess), allowed));
    if (hn::AllFalse(d, broken)) return broken;
    const auto r = load_atom(d, reference + lane, e.i) - load_atom(d, reference + lane, e.j);
    const Double along = dot(s, r);
    failed = hn::Or(failed, hn::And(broken, hn::Le(along, hn::Zero(d))));
    const Double g = hn::Mul(excess, reciprocal(d, hn::Mul(hn::Set(d, e.twice_w), along)));
    shift(d, broken, hn::Mul(hn::Set(d, -e.w_i), g), r, e.i, lane);
    shift(d, broken, hn::Mul(hn::Set(d, e.w_j), g), r, e.j, lane);
    return broken;
  }

 private:
  HWY_INLINE void shift(Doubles d, Which which, Double factor, const Vector3<Double>& direction,
                        std::size_t atom, std::size_t lane) const {
    shift_atom(d, which, factor, direction, x + lane, atom);
    if (v != nullptr)
      shift_atom(d, which, hn::Mul(factor, hn::Set(d, inverse_dt)), direction, v + lane, atom);
  }
};

/// Corrects velocities.
struct VelocitySweep {
  const double* x;
  double* v;

  HWY_INLINE Which correct(Doubles d, const Entry& e, std::size_t lane, Which& failed) const {
    const auto r = load_atom(d, x + lane, e.i) - load_atom(d, x + lane, e.j);
    const Double along = dot(load_atom(d, v + lane, e.i) - load_atom(d, v + lane, e.j), r);
    const Double allowed = hn::Set(d, kConstraintVelocityTolerance * e.length);
    const Which broken = hn::AndNot(failed, hn::Gt(hn::Abs(along), allowed));
    if (hn::AllFalse(d, broken)) return broken;
    const Double g = hn::Mul(along, hn::Set(d, e.inertia));
    shift_atom(d, broken, hn::Mul(hn::Set(d, -e.w_i), g), r, v + lane, e.i);
    shift_atom(d, broken, hn::Mul(hn::Set(d, e.w_j), g), r, v + lane, e.j);
    return broken;
  }
};

/// All vectors of the block take each constraint in turn: what one waits for, others compute.
/// @param ends  of clusters, into entries
template <class Sweep>
HWY_INLINE void mend_all(Span<const Entry> entries, Span<const std::size_t> ends,
                         const Sweep& sweep, std::size_t n_lanes, double* failed_lanes) {
  const Doubles d;
  constexpr std::size_t kMaxVectors = kLaneWidth / hn::MaxLanes(Doubles());
  const std::size_t n_vectors = (n_lanes + hn::Lanes(d) - 1) / hn::Lanes(d);
  const Which none = hn::FirstN(d, 0);
  Which failed[kMaxVectors], broken[kMaxVectors];
  for (std::size_t n = 0; n < n_vectors; ++n)
    failed[n] = hn::Gt(hn::Load(d, failed_lanes + n * hn::Lanes(d)), hn::Zero(d));
  std::size_t first = 0;
  for (std::size_t end : ends) {
    bool all_hold = false;
    for (int n_sweeps = 0; !all_hold && n_sweeps < kMaxSweeps; ++n_sweeps) {
      for (std::size_t n = 0; n < n_vectors; ++n) broken[n] = none;
      for (std::size_t entry = first; entry < end; ++entry)
        for (std::size_t n = 0; n < n_vectors; ++n)
          broken[n] =
              hn::Or(broken[n], sweep.correct(d, entries[entry], n * hn::Lanes(d), failed[n]));
      all_hold = true;
      for (std::size_t n = 0; n < n_vectors; ++n) all_hold = all_hold && hn::AllFalse(d, broken[n]);
    }
    for (std::size_t n = 0; n < n_vectors; ++n) failed[n] = hn::Or(failed[n], broken[n]);
    first = end;
  }
  for (std::size_t n = 0; n < n_vectors; ++n)
    hn::Store(hn::IfThenElseZero(failed[n], hn::Set(d, 1.0)), d, failed_lanes + n * hn::Lanes(d));
}

void mend_positions(Span<const Entry> entries, Span<const std::size_t> ends,
                    const PositionCorrection& positions, std::size_t n_lanes, double* failed) {
  mend_all(entries, ends, PositionSweep{positions}, n_lanes, failed);
}

void mend_velocities(Span<const Entry> entries, Span<const std::size_t> ends, const double* x,
                     std::size_t n_lanes, double* v, double* failed) {
  mend_all(entries, ends, VelocitySweep{x, v}, n_lanes, failed);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(mend_positions);
HWY_EXPORT(mend_velocities);

namespace {

using AlikeClusters = ConstraintTable::AlikeClusters;
using Entry = ConstraintTable::Entry;
using Triangle = ConstraintTable::Triangle;

/// What there is to solve in the lanes of a block.
struct Clusters {
  Span<const Triangle> triangles;
  Span<const Entry> entries;
  Span<const std::size_t> ends;  ///< of the other clusters, into entries
};

void correct_positions(const Clusters& clusters, const PositionCorrection& positions,
                       std::size_t n_lanes, double* failed) {
  place_triangles(clusters.triangles, positions, n_lanes, failed);
  HWY_DYNAMIC_DISPATCH(mend_positions)
  (clusters.entries, clusters.ends, positions, n_lanes, failed);
}

void correct_velocities(const Clusters& clusters, const double* x, std::size_t n_lanes, double* v,
                        double* failed) {
  project_triangles(clusters.triangles, x, n_lanes, v, failed);
  HWY_DYNAMIC_DISPATCH(mend_velocities)
  (clusters.entries, clusters.ends, x, n_lanes, v, failed);
}

/// Some of the clusters of a row, each in a lane of its own.
struct ClustersInLanes {
  const AlikeClusters& alike;
  const std::size_t* atoms;  ///< [n, alike.n_atoms]
  std::size_t n;             ///< 1 .. kLaneWidth

  /// Calls copy(in the row, in the lanes) for values [3 atoms][lane] of `n_lanes` lanes; those
  /// without a cluster are like the last.
  template <class Copy>
  void for_each(std::size_t n_lanes, Copy copy) const {
    for (std::size_t atom = 0; atom < alike.n_atoms; ++atom)
      for (std::size_t lane = 0; lane < n_lanes; ++lane) {
        const std::size_t there = atoms[std::min(lane, n - 1) * alike.n_atoms + atom];
        for (std::size_t d = 0; d < 3; ++d) copy(3 * there + d, (3 * atom + d) * kLaneWidth + lane);
      }
  }
  void gather(const double* row, AlignedVector<double>& lanes) const {
    lanes.resize(3 * alike.n_atoms * kLaneWidth);
    for_each(kLaneWidth, [&](std::size_t from, std::size_t to) { lanes[to] = row[from]; });
  }
  void scatter(const AlignedVector<double>& lanes, double* row) const {
    for_each(n, [&](std::size_t to, std::size_t from) { row[to] = lanes[from]; });
  }
};

/// Calls correct(clusters in lanes, what to solve of each, failed lanes) for all clusters of a
/// row. A lane is left alone where its constraints hold: this gives the bits that one cluster
/// after the other does.
template <class Correct>
void correct_row(const ConstraintTable& table, double& failed, Correct correct) {
  AlignedVector<double> failed_lanes(kLaneWidth);
  for (const AlikeClusters& alike : table.alike) {
    const std::size_t end = alike.entries.size(), count = alike.atoms.size() / alike.n_atoms;
    const Clusters own = alike.triangle ? Clusters{{&*alike.triangle, 1}, {}, {}}
                                        : Clusters{{}, alike.entries, {&end, 1}};
    for (std::size_t first = 0; first < count; first += kLaneWidth) {
      const ClustersInLanes clusters{alike, alike.atoms.data() + first * alike.n_atoms,
                                     std::min(kLaneWidth, count - first)};
      std::fill(failed_lanes.begin(), failed_lanes.end(), failed);
      correct(clusters, own, failed_lanes.data());
      failed = *std::max_element(failed_lanes.begin(), failed_lanes.end());
    }
  }
}

}  // namespace

void constrain_positions(const ConstraintTable& table, const PositionCorrection& positions,
                         BlockLayout layout, double* failed) {
  if (!layout.is_row()) {
    correct_positions({table.triangles, table.entries, table.cluster_ends}, positions,
                      layout.n_lanes, failed);
    return;
  }
  AlignedVector<double> reference, x, v;
  correct_row(table, *failed, [&](const ClustersInLanes& clusters, auto own, double* lanes) {
    clusters.gather(positions.reference, reference);
    clusters.gather(positions.x, x);
    if (positions.v != nullptr) clusters.gather(positions.v, v);
    correct_positions(own,
                      {reference.data(), positions.inverse_dt, x.data(),
                       positions.v == nullptr ? nullptr : v.data()},
                      clusters.n, lanes);
    clusters.scatter(x, positions.x);
    if (positions.v != nullptr) clusters.scatter(v, positions.v);
  });
}

void constrain_velocities(const ConstraintTable& table, const double* x, BlockLayout layout,
                          double* v, double* failed) {
  if (!layout.is_row()) {
    correct_velocities({table.triangles, table.entries, table.cluster_ends}, x, layout.n_lanes, v,
                       failed);
    return;
  }
  AlignedVector<double> places, velocities;
  correct_row(table, *failed, [&](const ClustersInLanes& clusters, auto own, double* lanes) {
    clusters.gather(x, places);
    clusters.gather(v, velocities);
    correct_velocities(own, places.data(), clusters.n, velocities.data(), lanes);
    clusters.scatter(velocities, v);
  });
}

}  // namespace saltus::engine
#endif
