#include "engine/lanes/lane_blocks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace saltus::engine {

namespace {

template <class T>
void unpack(const T* block, const double* energies, std::size_t n_lanes, std::size_t n_values,
            double* rows) {
  // 0 * value is NaN for all that is not finite, and sums of zeros are 0.
  T check[kLaneWidth] = {};
  for (std::size_t i = 0; i < n_values; ++i)
    for (std::size_t l = 0; l < kLaneWidth; ++l) check[l] += T(0) * block[i * kLaneWidth + l];
  for (std::size_t l = 0; l < n_lanes; ++l) {
    double* row = rows + l * n_values;
    if (std::isfinite(energies[l]) && check[l] == T(0)) {
      for (std::size_t i = 0; i < n_values; ++i)
        row[i] = static_cast<double>(block[i * kLaneWidth + l]);
    } else {
      std::fill_n(row, n_values, 0.0);
    }
  }
}

}  // namespace

void pack_rows(const double* rows, std::size_t n_lanes, std::size_t n_values, double* block) {
  for (std::size_t l = 0; l < kLaneWidth; ++l) {
    const double* row = rows + std::min(l, n_lanes - 1) * n_values;
    for (std::size_t i = 0; i < n_values; ++i) block[i * kLaneWidth + l] = row[i];
  }
}

void unpack_forces(const double* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows) {
  unpack(block, energies, n_lanes, n_values, rows);
}

void unpack_forces(const float* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows) {
  unpack(block, energies, n_lanes, n_values, rows);
}

void round_positions(const double* block, std::size_t n_atoms, float* rounded, double* origin) {
  std::copy_n(block, 3 * kLaneWidth, origin);
  for (std::size_t atom = 0; atom < n_atoms; ++atom)
    for (std::size_t a = 0; a < 3 * kLaneWidth; ++a)
      rounded[3 * kLaneWidth * atom + a] =
          static_cast<float>(block[3 * kLaneWidth * atom + a] - origin[a]);
}

void sum_energies(const double* parts, std::size_t n_parts, double* energies) {
  for (std::size_t l = 0; l < kLaneWidth; ++l) {
    double sum = 0.0;
    for (std::size_t part = 0; part < n_parts; ++part) sum += parts[part * kLaneWidth + l];
    energies[l] = std::isfinite(sum) ? sum : std::numeric_limits<double>::infinity();
  }
}

}  // namespace saltus::engine
