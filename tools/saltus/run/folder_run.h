#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/run/identity.h"
#include "tools/saltus/run/report.h"

namespace saltus::tools {

/// A run by a deck, of another molecule and in a folder of its own.
struct FolderRun {
  std::filesystem::path deck, coordinates, folder;
};

/// What is done with a run that another deck has made.
enum class ChangedRun {
  kKeep,    ///< finished: nobody looks; interrupted: refused
  kRefuse,  ///< an error that says what differs
  kRemake,  ///< a note, and it is made again
};

/// What runs in folders have in common.
struct FolderRunRules {
  ChangedRun changed = ChangedRun::kRefuse;
  std::function<bool()> interrupted = {};  ///< as RunRequest::interrupted
};

/// Writes the extended structure of a peptide as a PDB file, unless there is such a file. Folders
/// are made.
/// @throws InputError, FileError  when it cannot be built or written
void write_peptide_structure(const std::string& sequence, const std::filesystem::path& file);

/// The deck of a run with system.coordinates and output.directory set.
/// @throws InputError  as load_run_deck
LoadedRunDeck deck_of(const FolderRun& run);

/// What a folder holds of a run.
enum class FolderState {
  kNothing,   ///< that could be used
  kBegun,     ///< goes on from its checkpoint; also when its deck wants more steps now
  kFinished,  ///< summary.json is there, and as many steps as the deck wants
};

/// Compares a folder's checkpoint with what the run would be now.
/// @param n_steps  that the run has in the end
/// @throws InputError  when the deck was another one and rules.changed is kRefuse
FolderState folder_state(const RunFiles& files, const RunIdentity& now, std::uint64_t n_steps,
                         const FolderRunRules& rules, Progress& progress);

/// Makes a run, or goes on with it where it was; one that is finished is left alone.
/// @returns false when interrupted
/// @throws Error  as run_deck; InputError as folder_state
bool make_folder_run(const FolderRun& run, const FolderRunRules& rules, Progress& progress);

}  // namespace saltus::tools
