#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// Differences of reduced free energies, dimensionless: Delta f = f' - f, f = -log Z, Z the
/// integral of exp(-u), between an ensemble u and another one u'. From the work of a map M of
/// samples of the first,
///   w = u'(M(x)) - u(x) - log |det dM/dx|;
/// without a map M(x) = x, w is the difference of the reduced potentials.
///
/// Samples come in blocks that are independent of each other, such as chains: `block_size`
/// neighbours each, all blocks alike. Errors are standard deviations over bootstrap draws of whole
/// blocks; Efron, Ann. Stat. 7, 1 (1979), doi:10.1214/aos/1176344552.
struct WorkSamples {
  Span<const double> work;  ///< [n], finite or +inf: no image, or a place where the density is 0
  std::size_t block_size = 1;

  std::size_t n_blocks() const { return work.size() / block_size; }
};

/// Draws of bootstraps.
struct BootstrapOptions {
  std::size_t n_draws = 200;
  std::uint64_t seed = 0;
};

/// A number and the standard deviation of its bootstrap draws.
struct FreeEnergyEstimate {
  double value = 0.0, error = 0.0;
};

/// -log mean exp(-w): free-energy perturbation, after a map "learned free-energy perturbation".
/// Exact for many samples only; biased upwards for few. Sources: Zwanzig, J. Chem. Phys. 22, 1420
/// (1954), doi:10.1063/1.1740409; with maps Jarzynski, Phys. Rev. E 65, 046122 (2002),
/// doi:10.1103/PhysRevE.65.046122.
/// @throws InputError      when there are fewer than two blocks, blocks are not alike, a work is
///                         NaN or -inf, or there are fewer than two draws
/// @throws NumericalError  when all work is infinite, also in a draw
FreeEnergyEstimate perturbation_free_energy(WorkSamples forward, const BootstrapOptions& options);

/// Bennett's acceptance ratio: the Delta f at which
///   sum_forward 1 / (1 + exp(m + w - Delta f)) = sum_reverse 1 / (1 + exp(-m + w + Delta f)),
/// m = log(n_forward / n_reverse): the one with the least variance of all estimates from both
/// directions. The left side minus the right rises with Delta f, so that the root is bracketed and
/// found by Newton's steps. Sources: Bennett, J. Comput. Phys. 22, 245 (1976),
/// doi:10.1016/0021-9991(76)90078-4; Shirts, Bair, Hooker, Pande, Phys. Rev. Lett. 91, 140601
/// (2003), doi:10.1103/PhysRevLett.91.140601.
/// @param reverse  work of samples of the second ensemble on the way back, by the inverse map
/// @throws as perturbation_free_energy
FreeEnergyEstimate acceptance_ratio_free_energy(WorkSamples forward, WorkSamples reverse,
                                                const BootstrapOptions& options);

/// How much two ensembles have in common after the map: the mean over both of
///   2 / (1 + exp(+-(w -+ Delta f))),  integral of 2 p p' / (p + p'),
/// 1 when the densities are equal and 0 when they have nothing in common. Below about 0.03
/// Bennett's estimate should not be trusted (Klimovich, Shirts, Mobley, J. Comput. Aided Mol. Des.
/// 29, 397 (2015), doi:10.1007/s10822-015-9840-9, for the same element of the overlap matrix).
/// @param delta_f  that of acceptance_ratio_free_energy
/// @throws as perturbation_free_energy, but for draws
double work_overlap(WorkSamples forward, WorkSamples reverse, double delta_f);

}  // namespace saltus::engine
