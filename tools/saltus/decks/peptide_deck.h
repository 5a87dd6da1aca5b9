#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/system.h"
#include "mlsamplers/training/peptide_statistics.h"
#include "mlsamplers/training/peptide_trainer.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {

/// What a peptide model learns from: sequences that are simulated first, trajectories that are
/// there, or both.
struct PeptideDataDeck {
  std::vector<std::string> sequences;  ///< as parse_sequence takes them
  std::filesystem::path run_deck;      ///< by which each of them is run
  std::filesystem::path folder;        ///< of their runs, each in a folder of its own
  /// Trajectories of runs, or folders of them: of a folder, trajectory.h5 there and in its
  /// subfolders.
  std::vector<std::filesystem::path> runs;
  std::vector<std::filesystem::path> force_field;  ///< that the runs were made with
  std::optional<engine::GeneralizedBornModel> implicit_solvent;
  std::size_t frame_stride = 1;
  double discarded = 0.1;                ///< part of each trajectory, at its start
  bool allow_test_peptides = false;      ///< learn from peptides that are meant for testing, too
  std::filesystem::path test_sequences;  ///< list of further sequences for testing; may be empty
};

/// A deck that trains a peptide model.
struct PeptideDeck {
  std::string title;
  std::uint64_t seed = mlsamplers::PeptideTrainingOptions{}.seed;
  std::filesystem::path model;  ///< what is written
  /// Model that is refined on the peptides of the data: a file, or kShippedPeptideModel; empty: a
  /// model is trained from scratch. Its sizes and reference temperature then count.
  std::filesystem::path initial;
  PeptideDataDeck data;
  mlsamplers::PeptideStatisticsOptions statistics;
  mlsamplers::PeptideTrainingOptions training;  ///< with the deck's seed
};

using LoadedPeptideDeck = LoadedDeck<PeptideDeck>;

/// Whether a deck is one of these: it has a table [peptide_model].
bool is_peptide_deck(const std::filesystem::path& path, const std::vector<std::string>& overrides);

/// @throws InputError  listing everything that is wrong with it
LoadedPeptideDeck load_peptide_deck(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides);

/// All keys with their defaults, explained.
std::string default_peptide_deck();

}  // namespace saltus::tools
