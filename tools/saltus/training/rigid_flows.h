#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/rigid_flow_deck.h"

namespace saltus::tools {

/// What a training run was asked, besides its deck.
struct RigidFlowRequest {
  std::string output;      ///< model file; empty: the deck's
  bool overwrite = false;  ///< or what the deck says
};

/// File with the base samples of a training that makes this model: its name and ".base".
std::filesystem::path base_samples_of(const std::filesystem::path& model);

/// Runs a deck of a rigid-body flow: samples of the base, and of the target if its loss has a
/// likelihood, the training, and its numbers on chains that it has not seen. The samples are kept
/// beside the model until the training is done: one that was interrupted does not sample again, but
/// trains from its beginning. The model of the best point so far is in its file at any time. The
/// same deck gives the same model, whatever the number of threads.
/// @returns the model file
/// @throws FileError       when files cannot be used, or the model exists and may not be replaced
/// @throws InputError      when not everything is rigid molecules in a rectangular box (a single
///                         one needs none), or the kept samples are of another deck
/// @throws NumericalError  when sampling fails, or the training diverges; the model of the best
///                         point is then there
std::filesystem::path train_rigid_flow_deck(const RigidFlowDeck& deck,
                                            const RigidFlowRequest& request, Progress& progress);

}  // namespace saltus::tools
