#include "tools/saltus/run/identity.h"

#include <algorithm>
#include <map>
#include <set>

#include "io/deck/deck_node.h"
#include "io/deck/sha256.h"
#include "io/files/durable_file.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/run/peptide_leap.h"

namespace saltus::tools {

namespace {

std::string checksum(const std::filesystem::path& path) {
  constexpr std::size_t kShown = 16;  // enough to tell files of one user apart
  const std::string content = io::read_whole_file(path, "input");
  return "a file with SHA-256 " + io::sha256_hex(content).substr(0, kShown);
}

std::string checksums(const std::vector<std::filesystem::path>& files) {
  std::string text;
  for (const std::filesystem::path& file : files)
    text += (text.empty() ? "" : " and ") + checksum(file);
  return text;
}

const std::string* find(const RunIdentity& identity, const std::string& key) {
  const auto found = std::find_if(identity.begin(), identity.end(),
                                  [&](const auto& pair) { return pair.first == key; });
  return found == identity.end() ? nullptr : &found->second;
}

/// Whether a key names the peptide model within Saltus, which another version may have retrained.
bool names_shipped_model(const std::string& key, const std::string& value) {
  const std::string move = "move[", model = ".model";
  return value == io::toml_quoted(kShippedPeptideModel) && key.compare(0, move.size(), move) == 0 &&
         key.size() > model.size() &&
         key.compare(key.size() - model.size(), model.size(), model) == 0;
}

/// Keys that moves gained after runs had been recorded, each with the value that means what runs
/// did before there was the key. A record without the key is of such a run.
bool means_as_before(const std::string& key, const std::string& value) {
  static const std::map<std::string, std::string> kLater = {{"half_turns", "0.0"}};
  const std::string move = "move[";
  const auto found = kLater.find(key.substr(key.find_last_of('.') + 1));
  return key.compare(0, move.size(), move) == 0 && found != kLater.end() && found->second == value;
}

bool is_free_key(const std::string& key) {
  static const std::set<std::string> kFree = {"title",
                                              "energy.threads",
                                              "run.steps",
                                              "observables.map_work",
                                              "leap.save",
                                              "run.checkpoint_period",
                                              "run.energy_check_period",
                                              "output.directory",
                                              "output.trajectory",
                                              "run.energy_tolerance",
                                              "output.overwrite"};
  const std::string proposal = "proposal[", save = "].save";
  const bool is_proposals_save = key.compare(0, proposal.size(), proposal) == 0 &&
                                 key.size() > save.size() &&
                                 key.compare(key.size() - save.size(), save.size(), save) == 0;
  return is_proposals_save || kFree.count(key) > 0;
}

}  // namespace

RunIdentity run_identity(const LoadedRunDeck& loaded, const Molecule& molecule) {
  const RunDeck& deck = loaded.deck;
  const auto move_files = files_of_moves(deck.moves);
  RunIdentity identity;
  for (const auto& [key, value] : loaded.values) {
    std::string content = value;
    if (key == "system.coordinates") content = checksum(deck.system.coordinates);
    if (key == "system.topology") content = checksum(deck.system.topology);
    if (key == "system.system_xml") content = checksum(deck.system.system_xml);
    if (key == "system.force_field" && !molecule.force_field_files.empty())
      content = checksums({molecule.force_field_files.begin(), molecule.force_field_files.end()});
    if (names_shipped_model(key, value)) content += shipped_peptide_model_version();
    std::vector<std::filesystem::path> named;
    const auto [first, last] = move_files.equal_range(key);
    for (auto file = first; file != last; ++file) named.push_back(file->second);
    if (!named.empty()) content = checksums(named);
    // A checkpoint has the checksum of its model, trained or loaded, which is compared by itself.
    for (const LeapDeck& leap : deck.leaps)
      if (key == leap.section + ".model" && !leap.train) content = "a file";
    identity.emplace_back(key, content);
  }
  return identity;
}

std::string identity_digest(const RunIdentity& identity) {
  std::string text;
  for (const auto& [key, value] : identity)
    if (!is_free_key(key)) text += key + " = " + value + "\n";
  return io::sha256_hex(text);
}

std::string differences(const RunIdentity& before, const RunIdentity& now, bool free) {
  std::vector<std::string> keys;
  for (const RunIdentity* identity : {&before, &now})
    for (const auto& [key, value] : *identity)
      if (is_free_key(key) == free && std::find(keys.begin(), keys.end(), key) == keys.end())
        keys.push_back(key);
  std::string text;
  for (const std::string& key : keys) {
    const std::string *old_value = find(before, key), *new_value = find(now, key);
    if (old_value && new_value && *old_value == *new_value) continue;
    if (!old_value && means_as_before(key, *new_value)) continue;
    text += (text.empty() ? "" : "; ") + key + " was " + (old_value ? *old_value : "not given") +
            " and is " + (new_value ? *new_value : "not given") + " now";
  }
  return text;
}

}  // namespace saltus::tools
