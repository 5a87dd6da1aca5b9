#pragma once

#include <vector>

#include "engine/moves/move.h"

namespace saltus::engine {

/// Temperature replica exchange over ladders of chains that carry their own temperature.
/// Chains are grouped in ladders of `ladder_size` neighbours: chain = ladder * size + level. In
/// even steps levels (0,1), (2,3), ... try to swap configurations, in odd steps (1,2), (3,4), ... ;
/// repeated within a step, it alternates likewise (StepKey::repeat). Leaves the product density
/// over replicas invariant. Velocities and the replica's number travel along, velocities scaled by
/// sqrt(T_new / T_old). Uses only the energies that chains carry; evaluates nothing. Source:
/// Sugita, Okamoto, Chem. Phys. Lett. 314, 141 (1999), doi:10.1016/S0009-2614(99)01123-9.
class ReplicaExchange final : public Move {
 public:
  /// @throws InputError  when ladder_size < 2
  explicit ReplicaExchange(std::size_t ladder_size);

  std::string name() const override { return "replica_exchange"; }
  MoveRequirements requirements() const override;
  /// Outcomes are recorded at the lower chain of each pair.
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::size_t ladder_size_;
};

}  // namespace saltus::engine
