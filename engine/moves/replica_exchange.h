#pragma once

#include <memory>
#include <vector>

#include "engine/moves/move.h"
#include "engine/moves/temperature_map.h"

namespace saltus::engine {

/// Temperature replica exchange over ladders of chains that carry their own temperature.
/// Chains are grouped in ladders of `ladder_size` neighbours: chain = ladder * size + level. In
/// even steps levels (0,1), (2,3), ... try to swap configurations, in odd steps (1,2), (3,4), ... ;
/// repeated within a step, it alternates likewise (StepKey::repeat). Leaves the product density
/// over replicas invariant. Velocities and the replica's number travel along, velocities scaled by
/// sqrt(T_new / T_old). Source: Sugita, Okamoto, Chem. Phys. Lett. 314, 141 (1999),
/// doi:10.1016/S0009-2614(99)01123-9.
///
/// Without a map it uses only the energies that chains carry and evaluates nothing. With a map M
/// configurations are carried to their new temperature: x_i' = M(T_j -> T_i)(x_j), x_j' = M(T_i ->
/// T_j)(x_i), which is its own inverse, accepted with min(1, r),
/// r = pi_i(x_i') pi_j(x_j') |det M(T_j -> T_i)(x_j)| |det M(T_i -> T_j)(x_i)| / (pi_i(x_i)
/// pi_j(x_j)); two evaluations a pair. Where a map turns rigid bodies it turns their velocities as
/// well: turning leaves their distribution on the constraints and their volume as they are, and
/// scaling them by sqrt(T_new / T_old) cancels between the two chains. Source: after Invernizzi,
/// Kraemer, Clementi, Noe, J. Phys. Chem. Lett. 13, 11643 (2022), doi:10.1021/acs.jpclett.2c03327,
/// with a map both ways.
class ReplicaExchange final : public Move {
 public:
  /// @param map  null: configurations are exchanged as they are
  /// @throws InputError  when ladder_size < 2
  explicit ReplicaExchange(std::size_t ladder_size,
                           std::shared_ptr<const TemperatureMap> map = nullptr);

  std::string name() const override { return "replica_exchange"; }
  MoveRequirements requirements() const override;
  /// Outcomes are recorded at the lower chain of each pair.
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::size_t ladder_size_;
  std::shared_ptr<const TemperatureMap> map_;
};

}  // namespace saltus::engine
