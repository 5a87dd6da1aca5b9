#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/timewarp/timewarp_model.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/run/pilot.h"
#include "tools/saltus/run/record.h"
#include "tools/saltus/run/setup.h"

namespace saltus::tools {

/// The model of one learned proposal: one of the two is there.
struct LearnedModel {
  std::shared_ptr<const mlsamplers::LeapModel> leap;
  std::shared_ptr<const mlsamplers::TimewarpModel> timewarp;

  const mlsamplers::ModelCard& card() const { return leap ? leap->card : timewarp->card; }
};

/// The models of a deck's leaps, in the order of RunDeck::leaps.
using LeapModels = std::vector<LearnedModel>;

/// The file of each leap's model: where it goes when it is trained (what `save` says, else beside
/// the trajectory), or where it comes from.
std::vector<std::filesystem::path> model_files(const RunDeck& deck);
/// Those of them that are written.
std::vector<std::filesystem::path> trained_files(const RunDeck& deck);

/// Trains or loads every model.
/// @param pilot  what is learned from; may be missing when nothing is trained
/// @param files  as model_files() gives them, or others to train to
LeapModels make_models(const RunDeck& deck, const RunSetup& setup,
                       const std::optional<PilotResult>& pilot,
                       const std::vector<std::filesystem::path>& files, Progress& progress);

/// What a run keeps of them.
std::vector<ModelRecord> records_of(const RunDeck& deck, const LeapModels& models);

/// The models that a run began with, for going on with it.
/// @param records  of the run; paths change when the models have been moved along with it
/// @throws ModelError  when a file is not the one it was
LeapModels models_again(const RunDeck& deck, const RunSetup& setup,
                        std::vector<ModelRecord>& records);

/// Refuses moves and models that do not fit the molecule, before anything is computed.
/// @throws InputError  when a move cannot work on the molecule, or too little would be trained on
/// @throws ModelError  when a model that is loaded is for another molecule, force field or
///                     temperature
void check_fit(const RunDeck& deck, const RunSetup& setup);

/// What the moves of a deck are made of.
/// @param models  of the deck's leaps; empty while there are none yet
MoveIngredients ingredients_of(const RunDeck& deck, const RunSetup& setup,
                               const LeapModels& models);

}  // namespace saltus::tools
