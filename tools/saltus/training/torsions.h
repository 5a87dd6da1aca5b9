#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/hdf5/torsion_ensemble_file.h"
#include "mlsamplers/training/torsion_trainer.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/torsion_deck.h"

namespace saltus::tools {

/// Runs a torsion deck: ensembles of its molecules (those that are there already are
/// used), then the network. Held-out (is_held_out) and excluded molecules are never trained on.
/// @param output     model file; empty: the deck's
/// @returns the model file
/// @throws FileError, InputError  when files cannot be used, or the model exists and may not be
///                                replaced
std::filesystem::path train_torsion_deck(const TorsionDeck& deck, const std::string& output,
                                         bool overwrite, Progress& progress);

/// Graph and frames of a molecule as they go into training.
/// @throws InputError  when its SMILES string does not give the torsions that were stored
mlsamplers::TorsionSamples training_samples(const io::TorsionEnsemble& ensemble);

}  // namespace saltus::tools
