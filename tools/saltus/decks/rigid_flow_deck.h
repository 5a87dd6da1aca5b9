#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/moves/hamiltonian.h"
#include "mlsamplers/rigid/rigid_flow_model.h"
#include "mlsamplers/rigid/rigid_flow_trainer.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {

/// [base]: samples that a rigid-body flow learns from, by hybrid Monte Carlo of rigid molecules
/// (engine::RigidHamiltonianMonteCarlo), each chain from the minimised structure. The step of the
/// trajectories is where equilibration starts to tune it. Samples of the target, where the training
/// uses them, are made in the same way, each chain from where that of the base ended.
struct RigidBaseDeck {
  double temperature_K = 0.0;
  std::size_t chains = 64;
  /// Of the chains, which gradients do not see: the first half of them chooses the weights, the
  /// others are for the numbers at the end.
  std::size_t held_out_chains = 16;
  std::size_t equilibration = 200;  ///< trajectories that are discarded
  std::size_t samples = 64;         ///< of each chain
  std::size_t stride = 4;           ///< trajectories from one sample to the next
  engine::HamiltonianOptions trajectories;

  std::size_t training_chains() const { return chains - held_out_chains; }
};

/// A deck that trains a rigid-body flow.
struct RigidFlowDeck {
  std::string title;
  std::uint64_t seed = 2026;
  SystemDeck system;
  ExternalDeck external;
  EnergyDeck energy;
  RigidBaseDeck base;
  double target_temperature_K = 0.0;
  mlsamplers::RigidFlowShape shape;               ///< but for the number of bodies
  mlsamplers::RigidFlowTrainingOptions training;  ///< with the deck's seed

  bool uses_target_samples() const { return training.energy_weight < 1.0; }

  std::filesystem::path model;  ///< what is written
  bool overwrite = false;       ///< whether it may replace a file
};

using LoadedRigidFlowDeck = LoadedDeck<RigidFlowDeck>;

/// Whether a deck is one of these: it has a table [rigid_flow].
bool is_rigid_flow_deck(const std::filesystem::path& path,
                        const std::vector<std::string>& overrides);

/// @throws InputError  listing everything that is wrong with it
LoadedRigidFlowDeck load_rigid_flow_deck(const std::filesystem::path& path,
                                         const std::vector<std::string>& overrides);

/// All keys with their defaults, explained.
std::string default_rigid_flow_deck();

}  // namespace saltus::tools
