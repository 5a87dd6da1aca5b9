#include "engine/leap/leap_table.h"

#include <algorithm>
#include <cmath>

#include "engine/core/units.h"

namespace saltus::engine {

namespace {

using Matrix = std::vector<double>;

DenseLayer lower_triangle(const Matrix& matrix, std::size_t n) {
  DenseLayer layer(matrix, {}, n);
  layer.is_lower = true;
  return layer;
}

/// By forward substitution: a product costs less than solving for each chain.
Matrix inverse_of_lower(const Matrix& l, std::size_t n) {
  Matrix inverse(n * n, 0.0);
  for (std::size_t column = 0; column < n; ++column)
    for (std::size_t row = column; row < n; ++row) {
      double sum = row == column ? 1.0 : 0.0;
      for (std::size_t k = column; k < row; ++k) sum -= l[row * n + k] * inverse[k * n + column];
      inverse[row * n + column] = sum / l[row * n + row];
    }
  return inverse;
}

/// Columns first .. last - 1.
Matrix columns_of(const Matrix& matrix, std::size_t n_columns, std::size_t first,
                  std::size_t last) {
  Matrix result;
  for (std::size_t start = 0; start < matrix.size(); start += n_columns)
    for (std::size_t i = first; i < last; ++i) result.push_back(matrix[start + i]);
  return result;
}

/// The first layer with the inputs of each angle side by side.
DenseLayer first_layer(const MixtureNetworkWeights& weights) {
  const std::size_t n_angles = weights.n_angles, n_hidden = weights.n_hidden;
  if (n_angles == 0) {  // the only input is 1
    Matrix bias = weights.first_bias;
    for (std::size_t i = 0; i < n_hidden; ++i) bias[i] += weights.first[i];
    return DenseLayer({}, bias, n_hidden);
  }
  constexpr std::size_t kPerAngle = 2 * kNetworkHarmonics;
  Matrix sorted(weights.first.size());
  for (std::size_t row = 0; row < n_hidden; ++row)
    for (std::size_t angle = 0; angle < n_angles; ++angle)
      for (std::size_t i = 0; i < kPerAngle; ++i) {
        const std::size_t start = row * kPerAngle * n_angles;
        sorted[start + angle * kPerAngle + i] = weights.first[start + i * n_angles + angle];
      }
  return DenseLayer(sorted, weights.first_bias, n_hidden);
}

}  // namespace

DenseLayer::DenseLayer(const Matrix& matrix, const std::vector<double>& offset,
                       std::size_t n_rows_used)
    : n_inputs(matrix.size() / n_rows_used), n_outputs(n_rows_used) {
  weights.resize(n_rows() * n_inputs);
  bias.resize(n_rows());
  std::copy(offset.begin(), offset.end(), bias.begin());
  for (std::size_t row = 0; row < n_outputs; ++row)
    for (std::size_t i = 0; i < n_inputs; ++i) {
      const std::size_t tile = row / kTileRows;
      weights[(tile * n_inputs + i) * kTileRows + row % kTileRows] = matrix[row * n_inputs + i];
    }
}

std::size_t DenseLayer::inputs_of(std::size_t tile) const {
  return is_lower ? std::min(n_inputs, (tile + 1) * kTileRows) : n_inputs;
}

MixtureNetworkTable::MixtureNetworkTable(const MixtureNetworkWeights& weights)
    : n_components(weights.n_components),
      first(first_layer(weights)),
      second(weights.second, weights.second_bias, weights.n_hidden),
      head(weights.head, weights.head_bias, 4 * weights.n_components) {}

LeapNumbers::LeapNumbers(std::size_t n_soft, std::size_t n_rotors, std::size_t n_fast)
    : n_component_numbers(1 + n_soft) {
  std::size_t n_normals = 0;
  // RandomStream makes two normals at a time and keeps the second.
  const auto use_normal = [&] {
    if (n_normals++ % 2 == 1) return;
    pairs.push_back(n_numbers);
    n_numbers += 2;
  };
  for (std::size_t i = 0; i < n_soft + n_rotors; ++i) {
    components.push_back(n_numbers++);
    use_normal();
    if (i >= n_soft) wells.push_back(n_numbers++);
  }
  for (std::size_t i = 0; i < n_fast; ++i) use_normal();
}

LeapTable::LeapTable(const LeapWeights& w)
    : z(w.z),
      soft(w.soft),
      rotors(w.rotors),
      fast(w.fast),
      uniform_fraction(w.uniform_fraction),
      log_network_share(std::log1p(-w.uniform_fraction)),
      numbers(w.soft.size(), w.rotors.size(), w.fast.size()) {
  const std::size_t n_basis = leap_basis_size(n_soft(), n_rotors());
  log_uniform = std::log(w.uniform_fraction) - static_cast<double>(n_soft()) * std::log(kTwoPi);
  for (const MixtureNetworkWeights& network : w.soft_networks) soft_networks.emplace_back(network);
  for (const MixtureNetworkWeights& network : w.rotor_networks)
    rotor_networks.emplace_back(network);
  mean = DenseLayer(columns_of(w.fast_weights, n_basis, 1, n_basis),
                    columns_of(w.fast_weights, n_basis, 0, 1), n_fast());
  cholesky = lower_triangle(w.fast_cholesky, n_fast());
  inverse_cholesky = lower_triangle(inverse_of_lower(w.fast_cholesky, n_fast()), n_fast());
  log_fast_constant = -0.5 * static_cast<double>(n_fast()) * std::log(kTwoPi);
  for (std::size_t i = 0; i < n_fast(); ++i)
    log_fast_constant -= std::log(w.fast_cholesky[i * n_fast() + i]);
}

}  // namespace saltus::engine
