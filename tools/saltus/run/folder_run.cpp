#include "tools/saltus/run/folder_run.h"

#include <algorithm>

#include "engine/core/error.h"
#include "io/deck/deck_node.h"
#include "io/deck/sha256.h"
#include "io/files/durable_file.h"
#include "io/formats/pdb.h"
#include "io/hdf5/checkpoint_file.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/models.h"
#include "tools/saltus/run/record.h"
#include "tools/saltus/run/run.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

/// The run's identity with the models that it loads, which a checkpoint knows by their checksums.
RunIdentity identity_with_models(const LoadedRunDeck& loaded) {
  RunIdentity identity =
      run_identity(loaded, load_molecule(loaded.deck.system, loaded.deck.external));
  const std::vector<fs::path> files = model_files(loaded.deck);
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!loaded.deck.leaps[i].train)
      identity.emplace_back("model " + loaded.deck.leaps[i].name,
                            io::sha256_hex(io::read_whole_file(files[i], "model")));
  return identity;
}

/// The same of a record, as far as the present deck loads models.
RunIdentity recorded_identity(const RunRecord& record, const RunIdentity& now) {
  RunIdentity identity = record.identity;
  for (const ModelRecord& model : record.models) {
    const std::string key = "model " + model.name;
    if (std::any_of(now.begin(), now.end(), [&](const auto& pair) { return pair.first == key; }))
      identity.emplace_back(key, model.digest);
  }
  return identity;
}

}  // namespace

void write_peptide_structure(const std::string& sequence, const fs::path& file) {
  if (fs::exists(file)) return;
  const std::vector<std::string> templates = mlsamplers::parse_sequence(sequence);
  mlsamplers::require_extended(templates);
  const mlsamplers::BuiltPeptide peptide = mlsamplers::build_peptide(templates);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error)
    throw engine::FileError("cannot create '" + file.parent_path().string() +
                            "': " + error.message());
  io::write_pdb(file.string(), peptide.topology, peptide.positions.view());
}

LoadedRunDeck deck_of(const FolderRun& run) {
  const auto set = [](const char* key, const fs::path& value) {
    return std::string(key) + "=" + io::toml_quoted(fs::absolute(value).string());
  };
  return load_run_deck(
      run.deck, {set("system.coordinates", run.coordinates), set("output.directory", run.folder)});
}

FolderState folder_state(const RunFiles& files, const RunIdentity& now, std::uint64_t n_steps,
                         const FolderRunRules& rules, Progress& progress) {
  if (!fs::exists(files.checkpoint)) return FolderState::kNothing;
  const engine::Checkpoint checkpoint = io::read_checkpoint(files.checkpoint);
  const RunRecord record = record_from_json(checkpoint.run_record_json, files.checkpoint.string());
  const std::string changed = differences(recorded_identity(record, now), now, false);
  if (!changed.empty()) {
    const std::string folder = files.checkpoint.parent_path().string();
    if (rules.changed != ChangedRun::kRemake)
      throw engine::InputError("'" + folder + "' holds a run by another deck: " + changed +
                               "; use --overwrite to make it again, or another folder");
    progress.say("note: '" + folder + "' held a run by another deck (" + changed +
                 "); it is made again");
    return FolderState::kNothing;
  }
  if (checkpoint.step >= n_steps && fs::exists(files.summary)) return FolderState::kFinished;
  return FolderState::kBegun;
}

bool make_folder_run(const FolderRun& run, const FolderRunRules& rules, Progress& progress) {
  RunRequest request;
  request.deck = deck_of(run);
  const RunFiles files = files_of(request.deck.deck);
  if (rules.changed == ChangedRun::kKeep) {
    if (fs::exists(files.summary)) return true;
    request.resume = fs::exists(files.checkpoint);
  } else {
    const RunIdentity now =
        fs::exists(files.checkpoint) ? identity_with_models(request.deck) : RunIdentity();
    const FolderState state =
        folder_state(files, now, request.deck.deck.run.steps, rules, progress);
    if (state == FolderState::kFinished) return true;
    request.resume = state == FolderState::kBegun;
  }
  request.report = false;
  // A run that stopped before its first checkpoint begins again.
  request.overwrite = !request.resume;
  request.interrupted = rules.interrupted;
  if (request.overwrite) fs::remove(files.summary);
  return run_deck(request, progress).finished;
}

}  // namespace saltus::tools
