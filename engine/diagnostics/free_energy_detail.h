#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "engine/core/random.h"
#include "engine/diagnostics/free_energy.h"

/// What estimators of free energies have in common.
namespace saltus::engine {

/// @throws InputError  when there are fewer than two blocks or they are not alike
void check_blocks(std::size_t n, std::size_t block_size);
/// @throws InputError  when a work or a reduced potential is NaN or -inf
void check_works(Span<const double> values);
/// @throws InputError  when there are fewer than two draws
void check_draws(const BootstrapOptions& options);

/// Indices of samples of as many blocks, drawn with replacement, [n].
std::vector<std::size_t> draw_blocks(std::size_t n, std::size_t block_size, RandomStream& stream);

/// Standard deviation over draws, of each of the numbers that `estimate` gives.
std::vector<double> bootstrap_errors(
    const BootstrapOptions& options,
    const std::function<std::vector<double>(RandomStream&)>& estimate);

/// The values of perturbation_free_energy and acceptance_ratio_free_energy.
double perturbation_of(std::vector<double> work);
double acceptance_ratio_of(const std::vector<double>& forward, const std::vector<double>& reverse);

}  // namespace saltus::engine
