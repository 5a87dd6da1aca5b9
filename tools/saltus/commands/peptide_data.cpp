#include "tools/saltus/commands/peptide_data.h"

#include <filesystem>
#include <string>

#include "tools/saltus/run/folder_run.h"
#include "tools/saltus/training/peptides.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

/// Written when a run has reached its last step.
constexpr const char* kSummaryName = "summary.json";
constexpr const char* kStructureName = "structure.pdb";

}  // namespace

bool make_peptide_data(const PeptideDeck& deck, const std::function<bool()>& interrupted,
                       Progress& progress) {
  require_training_sequences(deck);
  const PeptideDataDeck& data = deck.data;
  for (std::size_t i = 0; i < data.sequences.size(); ++i) {
    const std::string& sequence = data.sequences[i];
    const fs::path folder = data.folder / sequence;
    // What a model learned from need not be what the deck would make today.
    if (fs::exists(folder / kSummaryName)) continue;
    write_peptide_structure(sequence, folder / kStructureName);
    progress.say("peptide " + std::to_string(i + 1) + " of " +
                 std::to_string(data.sequences.size()) + ": " + sequence);
    if (!make_folder_run({data.run_deck, folder / kStructureName, folder},
                         {ChangedRun::kKeep, interrupted}, progress))
      return false;
  }
  return true;
}

}  // namespace saltus::tools
