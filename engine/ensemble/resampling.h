#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/ensemble/target_density.h"

namespace saltus::engine {

/// log((1/n) sum_i exp(v_i)), stable; -inf when all are.
double log_mean_exp(Span<const double> values);

/// Systematic resampling: n indices, each i on average n w_i / sum w times and never more than one
/// off (floor or ceiling), ascending. One uniform number from (key, kResampling, stream).
/// Source: Kitagawa, J. Comput. Graph. Stat. 5, 1 (1996), doi:10.1080/10618600.1996.10474692.
/// @param log_weights  [n], any common offset
/// @throws NumericalError  when no weight is positive or one is NaN or +inf
std::vector<std::size_t> systematic_resampling(Span<const double> log_weights, const StepKey& key,
                                               std::uint32_t stream);

/// Chains go to other states without moving: log w += log pi(x | new) - log pi(x | old), so that
/// weighted averages stay right. Chains without weight are not used; those whose density
/// vanishes in the new state lose theirs.
/// @param states  [B]
void change_states(const TargetDensity& target, Span<const ThermodynamicState> states,
                   ChainBatch& chains);

/// Chains without weight take the configuration of the heaviest, keeping weight 0: the batch stays
/// whole and can be evaluated.
/// @throws NumericalError  when no chain has weight
void park_weightless(ChainBatch& chains);

/// Log weights of group g of n_groups equal groups of neighbouring chains.
Span<const double> group_weights(const ChainBatch& chains, std::size_t n_groups, std::size_t g);

/// Mean over groups of the Kish effective share of their chains; 0 for a group without weight.
double effective_share(const ChainBatch& chains, std::size_t n_groups);

/// How chains are resampled.
struct ResamplingOptions {
  std::size_t n_groups = 1;  ///< independent groups of neighbouring chains; divides their number
  /// A group is resampled when its effective share falls below this; 0: never. In [0, 1].
  double below = 0.5;
};

/// Chains of a group take configurations drawn in proportion to their weights
/// (systematic_resampling, stream = group), with all they carry; each then has the group's mean
/// weight. Thermodynamic states stay where they are and must be equal within a group. Velocities
/// travel along.
/// @param ancestors  [B], follows the configurations
/// @return           groups that were resampled
std::size_t resample(const ResamplingOptions& options, const StepKey& key, ChainBatch& chains,
                     std::vector<std::size_t>& ancestors);

}  // namespace saltus::engine
