#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/ensemble/chain_batch.h"

namespace saltus::tests {

struct Derivative {
  double value = 0.0;
  double error = 0.0;  ///< the method's own estimate
};

/// df/dx by central differences extrapolated to step 0.
/// Source: Ridders, Adv. Eng. Software 4, 75 (1982), doi:10.1016/S0141-1195(82)80057-0.
/// @param first_step  a step over which f changes visibly
Derivative ridders_derivative(const std::function<double(double)>& f, double x, double first_step);

/// log |det A| of a square matrix [n*n], by elimination with partial pivoting; -inf when singular.
double log_abs_determinant(std::vector<double> a, std::size_t n);

/// P(n, x), the distribution function of a sum of n exponential variates: of kinetic energies by kT
/// with 2 n degrees of freedom.
double gamma_cdf(int n, double x);

/// A rotation drawn uniformly; [9], row-major.
std::vector<double> random_rotation(engine::RandomStream& stream);

/// x' = R x + shift for each atom.
/// @param x  [N, 3], changed in place; rotation [9]; shift [3]
void move_rigidly(engine::Span<double> x, const std::vector<double>& rotation,
                  const std::vector<double>& shift);

/// Chains [first, first + count) as a proposal sees them, numbered as in the whole batch.
engine::ChainView view_rows(const engine::ChainBatch& chains, std::size_t first, std::size_t count);

}  // namespace saltus::tests
