#include "tools/saltus/run/output_places.h"

#include <unistd.h>

#include <limits>
#include <string>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/run/models.h"

namespace saltus::tools {

namespace fs = std::filesystem;
using engine::FileError;

void make_directory(const fs::path& path) {
  io::require_file_place(path);
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    throw FileError("output.directory: cannot create '" + path.string() + "': " + error.message());
  if (access(path.c_str(), W_OK) != 0)
    throw FileError("output.directory: '" + path.string() + "' is not writable");
}

void check_places(const LoadedRunDeck& loaded, const std::vector<fs::path>& outputs) {
  const SystemDeck& system = loaded.deck.system;
  std::vector<fs::path> inputs = {loaded.file, system.coordinates, system.topology,
                                  system.system_xml};
  inputs.insert(inputs.end(), system.force_field.begin(), system.force_field.end());
  for (const auto& [key, file] : files_of_moves(loaded.deck.moves)) inputs.push_back(file);
  if (!trained_files(loaded.deck).empty())
    for (const LeapDeck& leap : loaded.deck.leaps)
      if (!leap.train) inputs.push_back(leap.model);
  for (const fs::path& output : outputs) {
    io::require_file_place(output);
    io::refuse_to_replace_input(output, inputs);
  }
}

void refuse_to_overwrite(const RunFiles& files, const std::string& deck_text) {
  if (fs::exists(files.trajectory))
    throw FileError("'" + files.trajectory.string() +
                    "' exists: use --resume to continue that run, --overwrite to start again, or "
                    "another output.directory");
  const std::string deck = files.deck.string();
  if (!deck_text.empty() && fs::exists(files.deck) &&
      io::read_whole_file(files.deck, "deck") != deck_text)
    throw FileError("'" + deck + "' exists and is another deck: run that one ('saltus run " + deck +
                    "'), or use --overwrite to replace it, or another output.directory");
}

void check_model_file(const LeapDeck& leap, const fs::path& file, bool overwrite) {
  if (fs::exists(file) && !fs::is_regular_file(file))
    throw FileError("'" + file.string() + "' is not a regular file: a model cannot go there");
  if (file.has_parent_path()) make_directory(file.parent_path());
  if (fs::exists(file) && !overwrite)
    throw FileError("'" + file.string() + "' exists: use --overwrite to replace it, load it with " +
                    leap.section + ".model, or choose another name with " + leap.section + ".save");
}

double free_bytes(const fs::path& file) {
  std::error_code error;
  const fs::space_info space =
      fs::space(file.parent_path().empty() ? "." : file.parent_path(), error);
  return error ? std::numeric_limits<double>::infinity() : static_cast<double>(space.available);
}

}  // namespace saltus::tools
