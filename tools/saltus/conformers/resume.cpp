#include "tools/saltus/conformers/resume.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "tools/saltus/common/json_fields_detail.h"

namespace saltus::tools {

using engine::InputError;
using nlohmann::json;

namespace {

constexpr int kLayout = 2;

constexpr auto kTotalsFields = [](auto& totals, const auto& field) {
  field("records", totals.n_records);
  field("read", totals.n_read);
  field("with_conformers", totals.n_with_conformers);
  field("isomers", totals.n_isomers);
  field("requested", totals.n_requested);
  field("embedded", totals.n_embedded);
  field("stereo_rejected", totals.n_stereo_rejected);
  field("conformers", totals.n_conformers);
  field("isomer_lists_cut", totals.n_isomer_lists_cut);
  field("fallback", totals.n_fallback);
  field("statuses", totals.statuses);
  field("seconds", totals.seconds);
};

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
    state.totals = fields_from_json<ConformerTotals>(file.at("totals"), kTotalsFields);
    file.at("all_written").get_to(state.all_written);
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
  file["totals"] = fields_to_json(state.totals, kTotalsFields);
  file["all_written"] = state.all_written;
  file["marks"] = state.marks;
  // Names of molecules may hold any bytes.
  io::write_file_durably(path_, file.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

void ResumeFile::remove() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace saltus::tools
