#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mlsamplers/peptides/peptide_model.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/peptide_deck.h"

namespace saltus::tools {

/// Trajectories that a deck's runs stand for, in ascending order.
/// @throws InputError  when a run is neither a file nor a folder with trajectories
std::vector<std::filesystem::path> peptide_trajectories(
    const std::vector<std::filesystem::path>& runs);

/// One-letter sequences of a list: words of capitals; lines that begin with # are comments.
/// @throws FileError
std::vector<std::string> read_test_sequences(const std::filesystem::path& file);

/// Name of the trajectory in the folder of a run.
inline constexpr const char* kPeptideTrajectory = "trajectory.h5";

/// @throws InputError  when one of the deck's sequences cannot be built, or is kept for testing and
///                     the deck does not refine a model
void require_training_sequences(const PeptideDeck& deck);

/// A model that is refined.
struct InitialPeptideModel {
  std::string name;     ///< for messages
  std::string version;  ///< for the card: name and checksum
  std::shared_ptr<const mlsamplers::PeptideModel> model;
};

/// What a training run was asked, besides its deck.
struct PeptideTrainingRequest {
  std::string output;  ///< model file; empty: the deck's
  bool overwrite = false;
  std::function<bool()> interrupted = {};  ///< asked at each check; may be empty
  InitialPeptideModel initial = {};        ///< the deck's, when it has one
};

/// Runs a peptide deck: statistics of all trajectories, then the networks. Beside the model a file
/// NAME.training keeps how far the training is, and is removed at its end; a training that was
/// interrupted goes on from it. A deck with an initial model refines it: the rule of peptides for
/// testing does not apply, since it is the user's own molecule that is learned, and the card says
/// on what the model was refined.
/// @returns the model file; empty when the training was interrupted
/// @throws FileError, InputError  when files cannot be used, peptides are for testing, or the model
///                                exists and may not be replaced
/// @throws ModelError  when the runs have residues, a force field or temperatures that the initial
///                     model is not for
std::filesystem::path train_peptide_deck(const PeptideDeck& deck,
                                         const PeptideTrainingRequest& request, Progress& progress);

}  // namespace saltus::tools
