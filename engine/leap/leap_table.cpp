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

std::vector<std::size_t> atoms_not_placed(const LeapWeights& weights) {
  std::vector<bool> is_placed(weights.n_atoms(), false);
  for (const ZMatrixRow& row : weights.z.rows) is_placed[row.atom] = true;
  std::vector<std::size_t> atoms;
  for (std::size_t atom = 0; atom < is_placed.size(); ++atom)
    if (!is_placed[atom]) atoms.push_back(atom);
  return atoms;
}

/// The first layer with the temperature first and the inputs of each angle side by side.
DenseLayer first_layer(const MixtureNetworkWeights& weights) {
  constexpr std::size_t kPerAngle = 2 * kNetworkHarmonics;
  const std::size_t n_angles = weights.n_angles, n_inputs = weights.n_inputs();
  Matrix sorted, bias = weights.first_bias;
  for (std::size_t row = 0; row < weights.n_hidden; ++row) {
    const double* in = weights.first.data() + row * n_inputs;
    if (weights.sees_temperature) sorted.push_back(in[n_inputs - 1]);
    if (n_angles == 0) bias[row] += in[0];  // of the input that is 1
    for (std::size_t angle = 0; angle < n_angles; ++angle)
      for (std::size_t i = 0; i < kPerAngle; ++i) sorted.push_back(in[i * n_angles + angle]);
  }
  return DenseLayer(sorted, bias, weights.n_hidden);
}

/// Index of a coordinate, which is appended if it is not there.
std::size_t index_in(std::vector<std::size_t>& list, std::size_t coordinate) {
  const auto found = std::find(list.begin(), list.end(), coordinate);
  const auto index = static_cast<std::size_t>(found - list.begin());
  if (found == list.end()) list.push_back(coordinate);
  return index;
}

}  // namespace

DenseLayer::DenseLayer(const Matrix& matrix, const std::vector<double>& offset,
                       std::size_t n_rows_used)
    : n_inputs(n_rows_used == 0 ? 0 : matrix.size() / n_rows_used), n_outputs(n_rows_used) {
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

LeapNumbers::LeapNumbers(const LeapWeights& weights)
    : n_soft_draws(weights.shifts() ? 1 : weights.soft.size()),
      n_component_numbers(1 + n_soft_draws + (weights.wide_fraction > 0.0 ? 1 : 0)) {
  std::size_t n_normals = 0;
  // RandomStream makes two normals at a time and keeps the second.
  const auto use_normal = [&] {
    if (n_normals++ % 2 == 1) return;
    pairs.push_back(n_numbers);
    n_numbers += 2;
  };
  for (std::size_t i = 0; i < n_soft_draws + weights.rotors.size(); ++i) {
    components.push_back(n_numbers++);
    use_normal();
    if (i >= n_soft_draws) wells.push_back(n_numbers++);
  }
  for (std::size_t i = 0; i < weights.fast.size(); ++i) use_normal();
}

WideDraws::WideDraws(const LeapWeights& weights)
    : fraction(weights.wide_fraction),
      scale(weights.wide_scale),
      precision(0.5 / (scale * scale)),
      log_narrow(std::log1p(-fraction)),
      log_wide(std::log(fraction) - static_cast<double>(weights.fast.size()) * std::log(scale)) {}

std::size_t LeapTable::n_spread() const {
  return static_cast<std::size_t>(
      std::count_if(fast.begin(), fast.end(),
                    [](const LeapFastCoordinate& coordinate) { return !coordinate.is_held; }));
}

LeapTable::LeapTable(const LeapWeights& w, double carry_of_z)
    : z(w.z),
      others(atoms_not_placed(w)),
      sees_temperature(w.sees_temperature),
      soft(w.soft),
      shift(w.shift),
      rotors(w.rotors),
      fast(w.fast),
      seen(w.soft),
      n_basis(leap_basis_size(w.basis_torsions.size(), w.rotors.size()) - 1),
      carry(carry_of_z),
      fresh(std::sqrt((1.0 - carry_of_z) * (1.0 + carry_of_z))),
      wide(w),
      uniform_fraction(w.uniform_fraction),
      log_network_share(std::log1p(-w.uniform_fraction)),
      log_uniform(std::log(w.uniform_fraction) -
                  static_cast<double>(w.soft.size()) * std::log(kTwoPi)),
      numbers(w) {
  std::vector<bool> is_moved(z.n_internal(), false);
  for (const std::size_t coordinate : soft) is_moved[coordinate] = true;
  for (const LeapRotor& rotor : rotors) is_moved[rotor.coordinate] = true;
  for (const LeapFastCoordinate& coordinate : fast) is_moved[coordinate.coordinate] = true;
  for (std::size_t i = 0; i < z.n_internal(); ++i)
    if (!is_moved[i]) kept.push_back(i);
  for (const std::size_t torsion : w.context) context.push_back(index_in(seen, torsion));
  for (const std::size_t torsion : w.basis_torsions)
    basis_torsions.push_back(index_in(seen, torsion));
  for (std::size_t i = n_soft(); i < seen.size(); ++i)
    if (is_moved[seen[i]]) seen_late.push_back(i);

  for (const MixtureNetworkWeights& network : w.soft_networks) soft_networks.emplace_back(network);
  for (const MixtureNetworkWeights& network : w.rotor_networks)
    rotor_networks.emplace_back(network);
  mean = DenseLayer(columns_of(w.fast_weights, n_basis + 1, 1, n_basis + 1),
                    columns_of(w.fast_weights, n_basis + 1, 0, 1), n_fast());
  cholesky = lower_triangle(w.fast_cholesky, n_fast());
  inverse_cholesky = lower_triangle(inverse_of_lower(w.fast_cholesky, n_fast()), n_fast());
  log_fast_constant = -0.5 * static_cast<double>(n_fast()) * std::log(kTwoPi);
  for (std::size_t i = 0; i < n_fast(); ++i)
    log_fast_constant -= std::log(w.fast_cholesky[i * n_fast() + i]);
}

}  // namespace saltus::engine
