#include "forcefields/ffxml/force_field_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::forcefields {

namespace {

namespace fs = std::filesystem;

// Where Debian's python3-simtk (and its successor) put OpenMM's own force fields.
constexpr const char* kOpenMMDataDirectories[] = {
    "/usr/lib/python3/dist-packages/openmm/app/data",
    "/usr/lib/python3/dist-packages/simtk/openmm/app/data",
};

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::vector<std::string> all_directories(const std::vector<std::string>& first) {
  std::vector<std::string> result = first;
  if (const char* variable = std::getenv(kForceFieldPathVariable)) {
    std::istringstream entries(variable);
    for (std::string entry; std::getline(entries, entry, ':');)
      if (!entry.empty()) result.push_back(entry);
  }
  for (const char* directory : kOpenMMDataDirectories) result.push_back(directory);
  return result;
}

/// XML files below a folder, two levels deep, as a user would write them in a deck.
std::vector<std::string> xml_files_below(const std::string& directory) {
  std::vector<std::string> result;
  std::error_code failed;
  fs::recursive_directory_iterator entry(directory, fs::directory_options::skip_permission_denied,
                                         failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    if (entry.depth() >= 1) entry.disable_recursion_pending();
    if (entry->path().extension() == ".xml")
      result.push_back(entry->path().lexically_relative(directory).string());
  }
  return result;
}

/// Files whose names differ from the wanted one in a third of its letters at most (names of
/// unrelated files share less), or begin with it, or are its beginning.
std::string nearest_names(const std::string& name, const std::vector<std::string>& directories) {
  constexpr std::size_t kSuggestions = 3, kLettersPerEdit = 3, kMinPrefixLength = 3;
  const std::string stem = fs::path(name).stem().string();
  const std::size_t most = std::max<std::size_t>(1, stem.size() / kLettersPerEdit);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& directory : directories)
    for (const std::string& file : xml_files_below(directory)) {
      const std::string last = fs::path(file).filename().string();
      const std::string known = fs::path(file).stem().string();
      const std::size_t distance =
          std::min(engine::edit_distance(name, file), engine::edit_distance(name, last));
      const bool continues = std::min(stem.size(), known.size()) >= kMinPrefixLength &&
                             (engine::starts_with(known, stem) || engine::starts_with(stem, known));
      if (distance <= most || continues) ranked.emplace_back(distance, file);
    }
  std::sort(ranked.begin(), ranked.end());
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  std::string text;
  for (std::size_t n = 0; n < std::min(kSuggestions, ranked.size()); ++n)
    text += (n == 0 ? "" : ", ") + ranked[n].second;
  return text;
}

[[noreturn]] void fail_to_find(const std::string& name,
                               const std::vector<std::string>& directories) {
  std::string message = "force-field file '" + name + "' not found; searched:";
  for (const std::string& directory : directories) message += "\n  " + directory;
  const std::string nearest = nearest_names(name, directories);
  if (!nearest.empty()) message += "\nnearest names: " + nearest;
  message += "\nadd a folder with " + std::string(kForceFieldPathVariable);
  throw engine::FileError(message);
}

/// The path with all links followed as far as it exists; nothing when that fails.
std::optional<fs::path> resolved(const fs::path& path) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed);
  if (failed) return std::nullopt;
  fs::path result = fs::weakly_canonical(absolute, failed);
  if (failed) return std::nullopt;
  return result;
}

std::string folder_of(const std::string& file) {
  const std::string folder = fs::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [at_path, at_folder] =
      std::mismatch(path.begin(), path.end(), folder.begin(), folder.end());
  static_cast<void>(at_path);
  return at_folder == folder.end();
}

}  // namespace

std::string find_force_field_file(const std::string& name,
                                  const std::vector<std::string>& search_directories) {
  if (name.empty()) throw engine::InputError("the name of a force-field file is empty");
  if (fs::path(name).is_absolute()) {
    if (is_file(name)) return name;
    throw engine::FileError("force-field file " + name + " does not exist");
  }
  const std::vector<std::string> directories = all_directories(search_directories);
  for (const std::string& directory : directories) {
    const fs::path candidate = fs::path(directory) / name;
    if (is_file(candidate)) return candidate.string();
  }
  fail_to_find(name, directories);
}

std::string find_included_file(const std::string& name, const std::string& including,
                               const std::string& root,
                               const std::vector<std::string>& search_directories) {
  if (name.empty()) throw engine::InputError("the name of a force-field file is empty");
  std::vector<std::string> directories = {folder_of(including)};
  for (std::string& directory : all_directories(search_directories))
    directories.push_back(std::move(directory));
  std::vector<fs::path> allowed;
  for (const std::string& directory : directories)
    if (const auto folder = resolved(directory)) allowed.push_back(*folder);
  if (const auto folder = resolved(folder_of(root))) allowed.push_back(*folder);
  const auto is_allowed = [&](const fs::path& candidate) {
    const auto target = resolved(candidate);
    return target && std::any_of(allowed.begin(), allowed.end(),
                                 [&](const fs::path& folder) { return is_below(*target, folder); });
  };
  bool leads_out = false;
  for (const std::string& directory : directories) {
    const fs::path candidate = fs::path(directory) / name;  // an absolute name stays as it is
    if (!is_allowed(candidate))
      leads_out = true;
    else if (is_file(candidate))
      return candidate.string();
  }
  if (!leads_out) fail_to_find(name, directories);
  throw engine::InputError("'" + name +
                           "' leads out of the folder of this file and of the search path, and is "
                           "not opened; copy the file beside this one, or name it in the deck");
}

}  // namespace saltus::forcefields
