#include "tools/saltus/conformers/tables.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/formats/visible_text.h"
#include "tools/conformers/populations.h"

namespace saltus::tools {

namespace {

/// Lowest energy of all isomers, kcal/mol.
double lowest_energy(const ConformerOutcome& outcome) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const IsomerConformers& isomer : outcome.isomers)
    for (const double energy : isomer.ensemble.energies)
      if (energy < lowest) lowest = energy;
  return lowest / engine::kKJPerKcal;
}

/// Of the isomer that has fewest; nothing where nothing was sampled.
std::string effective_text(const ConformerOutcome& outcome) {
  double fewest = std::numeric_limits<double>::infinity();
  for (const IsomerConformers& isomer : outcome.isomers)
    if (isomer.ensemble.facts.temperature_K > 0.0)
      fewest = std::min(fewest, isomer.ensemble.facts.n_effective);
  return number_text(fewest, 1);
}

/// "0.00; 3.21": how far the best conformer of each isomer is above that of the best one; empty
/// when there is one only.
std::string isomer_energies_text(const ConformerOutcome& outcome) {
  std::string text;
  if (outcome.isomers.size() < 2) return text;
  for (const IsomerConformers& isomer : outcome.isomers) {
    double lowest = std::numeric_limits<double>::infinity();
    for (const double energy : isomer.ensemble.energies)
      if (energy < lowest) lowest = energy;
    const double best = lowest_energy_of_siblings(outcome, isomer.part);
    text += (text.empty() ? "" : "; ") + number_text((lowest - best) / engine::kKJPerKcal, 2);
  }
  return text;
}

/// The coordinate that those are the samples of.
std::string slowest_text(const ConformerOutcome& outcome) {
  double fewest = std::numeric_limits<double>::infinity();
  std::string name;
  for (const IsomerConformers& isomer : outcome.isomers) {
    if (!(isomer.ensemble.facts.temperature_K > 0.0 && isomer.ensemble.facts.n_effective < fewest))
      continue;
    fewest = isomer.ensemble.facts.n_effective;
    name = isomer.ensemble.facts.slowest;
  }
  return name;
}

/// The force field that stepped in; empty where it is the one that was asked for.
std::string fallback_text(const ConformerOutcome& outcome) {
  for (const IsomerConformers& isomer : outcome.isomers)
    if (!isomer.force_field.empty()) return isomer.force_field;
  return "";
}

/// "hmc 0.71; torsions 0.35": means over the isomers.
std::string acceptance_text(const ConformerOutcome& outcome) {
  std::vector<std::string> order;
  std::map<std::string, std::pair<double, std::size_t>> sums;
  for (const IsomerConformers& isomer : outcome.isomers)
    for (const engine::MoveAcceptance& move : isomer.ensemble.facts.acceptances) {
      if (move.n_tried == 0) continue;
      if (sums.count(move.name) == 0) order.push_back(move.name);
      sums[move.name].first += move.share();
      ++sums[move.name].second;
    }
  std::string text;
  for (const std::string& move : order)
    text += (text.empty() ? "" : "; ") + move + " " +
            number_text(sums[move].first / static_cast<double>(sums[move].second), 3);
  return text;
}

std::string evaluations_text(const ConformerOutcome& outcome) {
  std::size_t n = 0;
  for (const IsomerConformers& isomer : outcome.isomers)
    n += isomer.ensemble.facts.n_energy_evaluations;
  return n > 0 ? std::to_string(n) : "";
}

/// "2026-03-01T12:00:00Z"
std::string time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[32];
  if (::gmtime_r(&now, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return "?";
  return text;
}

}  // namespace

std::string number_text(double value, int decimals) {
  return std::isfinite(value) ? engine::fixed_text(value, decimals) : "";
}

ConformerReport::ConformerReport(const std::filesystem::path& path, const OutputStart& start,
                                 std::string force_field)
    : file_(path, {false, start.overwrite, start.bytes()}), force_field_(std::move(force_field)) {
  if (start.mark) return;
  file_.write(
      "record,where,name,smiles,status,n_isomers,n_requested,n_embedded,n_stereo_rejected,n_kept,"
      "energy_min_kcal_mol,acceptance,n_effective,energy_evaluations,seconds,message,"
      "force_field,slowest,n_possible_isomers,isomer_energies_kcal_mol\n");
}

void ConformerReport::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  const std::string fallback = fallback_text(outcome);
  const std::string force_field = outcome.isomers.empty() ? ""
                                  : fallback.empty()      ? force_field_
                                                          : fallback;
  std::string line;
  for (const std::string& cell :
       {std::to_string(record.number),
        io::without_formula(record.where),
        io::without_formula(record.name),
        outcome.smiles,
        engine::status_word(outcome.status),
        std::to_string(outcome.isomers.size()),
        std::to_string(outcome.n_requested),
        std::to_string(outcome.n_embedded),
        std::to_string(outcome.n_stereo_rejected),
        std::to_string(outcome.n_kept),
        number_text(lowest_energy(outcome), 4),
        acceptance_text(outcome),
        effective_text(outcome),
        evaluations_text(outcome),
        number_text(outcome.seconds, 3),
        io::without_formula(outcome.message),
        force_field,
        slowest_text(outcome),
        outcome.n_possible_isomers > 0 ? possible_isomers_text(outcome) : "",
        isomer_energies_text(outcome)})
    line += (line.empty() ? "" : ",") + io::csv_cell(cell);
  file_.write(line + "\n");
}

FailedRecords::FailedRecords(const std::filesystem::path& path, const OutputStart& start)
    : file_(path, {false, start.overwrite, start.bytes()}),
      separators_(path.extension() == ".csv" ? "\t\n,;" : "\t\n") {}

void FailedRecords::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  if (outcome.status == engine::MoleculeStatus::kOk) return;
  file_.write("# " + record.where + ": " + engine::status_word(outcome.status) + ": " +
              io::visible_text(outcome.message) + "\n");
  // As it was, but for what terminals and spreadsheets would obey.
  if (!record.text.empty())
    file_.write(io::harmless_line(record.text, separators_) + "\n");
  else if (!outcome.smiles.empty())
    file_.write(io::harmless_line(outcome.smiles + "\t" + record.name, separators_) + "\n");
}

ConformerLog::ConformerLog(const std::filesystem::path& path, const OutputStart& start)
    : path_(path) {
  io::require_file_place(path);
  if (!start.mark) io::refuse_to_overwrite(path, start.overwrite);
  file_.reset(std::fopen(path.c_str(), start.mark ? "ae" : "we"));
  if (!file_)
    throw engine::FileError("cannot write '" + path.string() + "': " + io::system_reason(errno));
  add(start.mark ? "resumed" : "started");
}

void ConformerLog::add(const std::string& line) {
  errno = 0;
  const std::string text = time_text() + "\t" + line + "\n";
  if (std::fputs(text.c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0)
    throw engine::FileError("cannot write '" + path_.string() + "': " + io::system_reason(errno));
}

void ConformerLog::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  add(std::to_string(record.number) + "\t" + engine::status_word(outcome.status) + "\t" +
      number_text(outcome.seconds, 3) + " s\t" + record.where + "\t" +
      io::visible_text(record.name) + "\t" + std::to_string(outcome.n_kept) + " conformers" +
      (outcome.message.empty() ? "" : "\t" + io::visible_text(outcome.message)));
}

void ConformerLog::commit(bool complete) { add(complete ? "finished" : "interrupted"); }

void ConformerTotals::add(const ConformerOutcome& outcome) {
  ++n_records;
  n_read += outcome.smiles.empty() ? 0 : 1;
  n_with_conformers += engine::has_conformers(outcome.status) ? 1 : 0;
  n_isomers += outcome.isomers.size();
  n_requested += outcome.n_requested;
  n_embedded += outcome.n_embedded;
  n_stereo_rejected += outcome.n_stereo_rejected;
  n_conformers += outcome.n_kept;
  n_isomer_lists_cut += outcome.isomers_cut ? 1 : 0;
  n_fallback += fallback_text(outcome).empty() ? 0 : 1;
  ++statuses[engine::status_word(outcome.status)];
}

}  // namespace saltus::tools
