#include "tools/saltus/conformers/resume.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "io/deck/sha256.h"
#include "io/files/durable_file.h"

namespace saltus::tools {

using engine::InputError;
using nlohmann::json;

namespace {

constexpr int kLayout = 1;

json to_json(const ConformerTotals& totals) {
  return {{"records", totals.n_records},
          {"read", totals.n_read},
          {"with_conformers", totals.n_with_conformers},
          {"isomers", totals.n_isomers},
          {"requested", totals.n_requested},
          {"embedded", totals.n_embedded},
          {"stereo_rejected", totals.n_stereo_rejected},
          {"conformers", totals.n_conformers},
          {"isomer_lists_cut", totals.n_isomer_lists_cut},
          {"fallback", totals.n_fallback},
          {"statuses", totals.statuses},
          {"seconds", totals.seconds}};
}

ConformerTotals totals_from(const json& values) {
  ConformerTotals totals;
  values.at("records").get_to(totals.n_records);
  values.at("read").get_to(totals.n_read);
  values.at("with_conformers").get_to(totals.n_with_conformers);
  values.at("isomers").get_to(totals.n_isomers);
  values.at("requested").get_to(totals.n_requested);
  values.at("embedded").get_to(totals.n_embedded);
  values.at("stereo_rejected").get_to(totals.n_stereo_rejected);
  values.at("conformers").get_to(totals.n_conformers);
  values.at("isomer_lists_cut").get_to(totals.n_isomer_lists_cut);
  values.at("fallback").get_to(totals.n_fallback);
  values.at("statuses").get_to(totals.statuses);
  values.at("seconds").get_to(totals.seconds);
  return totals;
}

using Settings = std::map<std::string, std::string>;

/// "--seed was 1 and is 2 now; --report was not given and is r.csv now"
std::string differences(const Settings& before, const Settings& now) {
  Settings all = before;
  all.insert(now.begin(), now.end());
  std::string text;
  const auto value = [](const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string("not given") : found->second;
  };
  for (const auto& [name, unused] : all) {
    const std::string old_value = value(before, name), new_value = value(now, name);
    if (old_value != new_value)
      text +=
          (text.empty() ? "" : "; ") + name + " was " + old_value + " and is " + new_value + " now";
  }
  return text;
}

}  // namespace

void RecordDigest::add(const ConformerRecord& record) {
  // Inputs may have been moved: their folder does not count.
  const std::string where = std::filesystem::path(record.where).filename().string();
  text_ = io::sha256_hex(text_ + '\0' + where + '\0' + record.name + '\0' + record.text);
}

bool ResumeFile::exists() const {
  std::error_code ignored;
  return std::filesystem::exists(path_, ignored);
}

ResumeState ResumeFile::read() const {
  const std::string text = io::read_whole_file(path_, "the state of the run:");
  const std::string damaged = "'" + path_.string() + "' is damaged; start again with --overwrite";
  ResumeState state;
  Settings before;
  try {
    const json file = json::parse(text);
    if (file.at("layout") != kLayout) throw InputError(damaged);
    file.at("settings").get_to(before);
    file.at("records").get_to(state.records);
    state.totals = totals_from(file.at("totals"));
    file.at("marks").get_to(state.marks);
  } catch (const json::exception&) {
    throw InputError(damaged);
  }
  const std::string differing = differences(before, {settings_.begin(), settings_.end()});
  if (!differing.empty())
    throw InputError("the interrupted run cannot be resumed: " + differing +
                     "; give the same options, or start again with --overwrite");
  return state;
}

void ResumeFile::write(const ResumeState& state) const {
  json file;
  file["layout"] = kLayout;
  file["settings"] = Settings(settings_.begin(), settings_.end());
  file["records"] = state.records;
  file["totals"] = to_json(state.totals);
  file["marks"] = state.marks;
  // Names of molecules may hold any bytes.
  io::write_file_durably(path_, file.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

void ResumeFile::remove() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace saltus::tools
