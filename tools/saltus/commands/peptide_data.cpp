#include "tools/saltus/commands/peptide_data.h"

#include <filesystem>
#include <string>

#include "engine/core/error.h"
#include "io/deck/deck_node.h"
#include "io/formats/pdb.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/run.h"
#include "tools/saltus/training/peptides.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

/// Written when a run has reached its last step.
constexpr const char* kSummaryName = "summary.json";
constexpr const char* kStructureName = "structure.pdb";

void write_structure(const std::string& sequence, const fs::path& file) {
  const std::vector<std::string> templates = mlsamplers::parse_sequence(sequence);
  mlsamplers::require_extended(templates);
  const mlsamplers::BuiltPeptide peptide = mlsamplers::build_peptide(templates);
  fs::create_directories(file.parent_path());
  io::write_pdb(file.string(), peptide.topology, peptide.positions.view());
}

/// The run of one sequence in its folder.
RunRequest request_for(const PeptideDataDeck& deck, const fs::path& folder) {
  const auto set = [](const char* key, const fs::path& value) {
    return std::string(key) + "=" + io::toml_quoted(fs::absolute(value).string());
  };
  RunRequest request;
  request.deck = load_run_deck(deck.run_deck, {set("system.coordinates", folder / kStructureName),
                                               set("output.directory", folder)});
  request.report = false;
  // A run that stopped before its first checkpoint begins again.
  request.resume = fs::exists(files_of(request.deck.deck).checkpoint);
  request.overwrite = !request.resume;
  return request;
}

}  // namespace

bool make_peptide_data(const PeptideDataDeck& deck, const std::function<bool()>& interrupted,
                       Progress& progress) {
  require_training_sequences(deck);
  for (std::size_t i = 0; i < deck.sequences.size(); ++i) {
    const std::string& sequence = deck.sequences[i];
    const fs::path folder = deck.folder / sequence;
    if (fs::exists(folder / kSummaryName)) continue;
    if (!fs::exists(folder / kStructureName)) write_structure(sequence, folder / kStructureName);
    progress.say("peptide " + std::to_string(i + 1) + " of " +
                 std::to_string(deck.sequences.size()) + ": " + sequence);
    RunRequest request = request_for(deck, folder);
    request.interrupted = interrupted;
    if (!run_deck(request, progress).finished) return false;
  }
  return true;
}

}  // namespace saltus::tools
