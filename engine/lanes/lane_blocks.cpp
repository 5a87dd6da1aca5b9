#include "engine/lanes/lane_blocks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/lane_blocks.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Two by two, four by four ... lanes of rows would need shuffles that differ between instruction
/// sets; gathered loads do not.
template <class D>
HWY_INLINE void gather_rows(D d, const double* rows, std::size_t n_lanes, std::size_t n_values,
                            double* block) {
  const hn::RebindToSigned<D> di;
  HWY_ALIGN std::int64_t offsets[kLaneWidth];
  for (std::size_t l = 0; l < kLaneWidth; ++l)
    offsets[l] = static_cast<std::int64_t>(std::min(l, n_lanes - 1) * n_values);
  for (std::size_t l = 0; l < kLaneWidth; l += hn::Lanes(d)) {
    const auto index = hn::Load(di, offsets + l);
    for (std::size_t i = 0; i < n_values; ++i)
      hn::Store(hn::GatherIndex(d, rows + i, index), d, block + i * kLaneWidth + l);
  }
}

/// 0 in lanes all of whose values are finite, NaN in others.
template <class T>
HWY_INLINE void check_finite(const T* block, std::size_t n_values, T* check) {
  const hn::CappedTag<T, kLaneWidth> d;
  for (std::size_t l = 0; l < kLaneWidth; l += hn::Lanes(d)) {
    auto sum = hn::Zero(d), other = hn::Zero(d);
    const auto zero = hn::Zero(d);
    std::size_t i = 0;
    for (; i + 1 < n_values; i += 2) {
      sum = hn::MulAdd(zero, hn::Load(d, block + i * kLaneWidth + l), sum);
      other = hn::MulAdd(zero, hn::Load(d, block + (i + 1) * kLaneWidth + l), other);
    }
    for (; i < n_values; ++i) sum = hn::MulAdd(zero, hn::Load(d, block + i * kLaneWidth + l), sum);
    hn::Store(hn::Add(sum, other), d, check + l);
  }
}

}  // namespace

void pack(const double* rows, std::size_t n_lanes, std::size_t n_values, double* block) {
  gather_rows(hn::CappedTag<double, kLaneWidth>(), rows, n_lanes, n_values, block);
}

void check_float(const float* block, std::size_t n_values, float* check) {
  check_finite(block, n_values, check);
}

void check_double(const double* block, std::size_t n_values, double* check) {
  check_finite(block, n_values, check);
}

void round_relative(const double* block, std::size_t n_atoms, float* rounded, double* origin) {
#if HWY_TARGET == HWY_SCALAR
  // Highway's scalar demotion makes infinities finite.
  std::copy_n(block, 3 * kLaneWidth, origin);
  for (std::size_t atom = 0; atom < n_atoms; ++atom)
    for (std::size_t a = 0; a < 3 * kLaneWidth; ++a)
      rounded[3 * kLaneWidth * atom + a] =
          static_cast<float>(block[3 * kLaneWidth * atom + a] - origin[a]);
#else
  const hn::CappedTag<double, kLaneWidth / 2> d;
  const hn::Rebind<float, decltype(d)> df;
  for (std::size_t l = 0; l < kLaneWidth; l += hn::Lanes(d)) {
    const auto x = hn::Load(d, block + l), y = hn::Load(d, block + kLaneWidth + l);
    const auto z = hn::Load(d, block + 2 * kLaneWidth + l);
    hn::Store(x, d, origin + l);
    hn::Store(y, d, origin + kLaneWidth + l);
    hn::Store(z, d, origin + 2 * kLaneWidth + l);
    for (std::size_t atom = 0; atom < n_atoms; ++atom) {
      const double* from = block + 3 * kLaneWidth * atom + l;
      float* to = rounded + 3 * kLaneWidth * atom + l;
      hn::Store(hn::DemoteTo(df, hn::Sub(hn::Load(d, from), x)), df, to);
      hn::Store(hn::DemoteTo(df, hn::Sub(hn::Load(d, from + kLaneWidth), y)), df, to + kLaneWidth);
      hn::Store(hn::DemoteTo(df, hn::Sub(hn::Load(d, from + 2 * kLaneWidth), z)), df,
                to + 2 * kLaneWidth);
    }
  }
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(pack);
HWY_EXPORT(check_float);
HWY_EXPORT(check_double);
HWY_EXPORT(round_relative);

namespace {

/// Rows from a block whose lanes have been checked.
template <class T>
void unpack(const T* block, const T* check, const double* energies, std::size_t n_lanes,
            std::size_t n_values, double* rows) {
  for (std::size_t l = 0; l < n_lanes; ++l) {
    double* row = rows + l * n_values;
    const T* lane = block + l;
    if (std::isfinite(energies[l]) && check[l] == T(0)) {
      for (std::size_t i = 0; i < n_values; ++i) row[i] = static_cast<double>(lane[i * kLaneWidth]);
    } else {
      std::fill_n(row, n_values, 0.0);
    }
  }
}

/// `check` is 0 or NaN.
template <class T>
void sum(const double* parts, std::size_t n_parts, const T* check, double* energies) {
  std::copy_n(check, kLaneWidth, energies);
  for (std::size_t part = 0; part < n_parts; ++part)
    for (std::size_t l = 0; l < kLaneWidth; ++l) energies[l] += parts[part * kLaneWidth + l];
  for (std::size_t l = 0; l < kLaneWidth; ++l)
    if (!std::isfinite(energies[l])) energies[l] = std::numeric_limits<double>::infinity();
}

}  // namespace

void for_each_run_of_blocks(ThreadPool* pool, std::size_t n_blocks,
                            const std::function<void(std::size_t, std::size_t)>& work) {
  const std::size_t n_threads = pool != nullptr ? pool->n_threads() : 1;
  const std::size_t per_run = std::max<std::size_t>(1, n_blocks / (4 * n_threads));
  const auto do_run = [&](std::size_t run) {
    work(run * per_run, std::min((run + 1) * per_run, n_blocks));
  };
  const std::size_t n_runs = (n_blocks + per_run - 1) / per_run;
  if (pool != nullptr) {
    pool->for_each_block(n_runs, do_run);
  } else {
    for (std::size_t run = 0; run < n_runs; ++run) do_run(run);
  }
}

void pack_rows(const double* rows, std::size_t n_lanes, std::size_t n_values, double* block) {
  HWY_DYNAMIC_DISPATCH(pack)(rows, n_lanes, n_values, block);
}

void unpack_rows(const double* block, std::size_t n_lanes, std::size_t n_values, double* rows) {
  for (std::size_t l = 0; l < n_lanes; ++l)
    for (std::size_t i = 0; i < n_values; ++i) rows[l * n_values + i] = block[i * kLaneWidth + l];
}

void unpack_forces(const double* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows) {
  alignas(64) double check[kLaneWidth];
  HWY_DYNAMIC_DISPATCH(check_double)(block, n_values, check);
  unpack(block, check, energies, n_lanes, n_values, rows);
}

void unpack_forces(const float* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows) {
  alignas(64) float check[kLaneWidth];
  HWY_DYNAMIC_DISPATCH(check_float)(block, n_values, check);
  unpack(block, check, energies, n_lanes, n_values, rows);
}

void round_positions(const double* block, std::size_t n_atoms, float* rounded, double* origin) {
  HWY_DYNAMIC_DISPATCH(round_relative)(block, n_atoms, rounded, origin);
}

void sum_energies(const double* parts, std::size_t n_parts, const double* positions,
                  std::size_t n_values, double* energies) {
  alignas(64) double check[kLaneWidth];
  HWY_DYNAMIC_DISPATCH(check_double)(positions, n_values, check);
  sum(parts, n_parts, check, energies);
}

void sum_energies(const double* parts, std::size_t n_parts, const float* positions,
                  std::size_t n_values, double* energies) {
  alignas(64) float check[kLaneWidth];
  HWY_DYNAMIC_DISPATCH(check_float)(positions, n_values, check);
  sum(parts, n_parts, check, energies);
}

}  // namespace saltus::engine
#endif
