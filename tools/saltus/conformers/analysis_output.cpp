#include "tools/saltus/conformers/analysis_output_detail.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/core/units.h"
#include "io/formats/structure_text.h"
#include "io/formats/visible_text.h"
#include "io/report/json_number.h"
#include "saltus_version.h"
#include "tools/conformers/populations.h"
#include "tools/saltus/conformers/tables.h"

namespace saltus::tools {

using engine::kAngstromPerNm;
using engine::kDegreePerRadian;
using engine::kKJPerKcal;
using Json = nlohmann::ordered_json;

namespace {

constexpr double kCalPerKcal = 1000.0;

/// A number without a sign where it is rounded to 0.
std::string text_of(double value, int decimals) {
  const double smallest = 0.5 * std::pow(10.0, -decimals);
  return number_text(std::abs(value) < smallest ? 0.0 : value, decimals);
}

/// A cell, a field and a value of JSON, all from one list.
class Row {
 public:
  void number(const char* name, double value, int decimals) {
    add(name, text_of(value, decimals), io::json_number<Json>(value));
  }
  void count(const char* name, std::size_t value) { add(name, std::to_string(value), value); }
  void text(const char* name, const std::string& value) {
    cells_ += (cells_.empty() ? "" : ",") + io::csv_cell(io::without_formula(value));
    header_ += (header_.empty() ? "" : ",") + std::string(name);
    json_[name] = value;
    if (!value.empty()) fields_.emplace_back(name, value);
  }

  std::string header() const { return header_ + "\n"; }
  std::string csv() const { return cells_ + "\n"; }
  const Json& json() const { return json_; }
  std::vector<std::pair<std::string, std::string>> fields() const {
    auto fields = fields_;
    fields.emplace_back("program", "saltus " SALTUS_VERSION);
    return fields;
  }

 private:
  template <class Value>
  void add(const char* name, const std::string& text, const Value& value) {
    cells_ += (header_.empty() ? "" : ",") + text;
    header_ += (header_.empty() ? "" : ",") + std::string(name);
    json_[name] = value;
    if (!text.empty()) fields_.emplace_back(name, text);
  }

  std::string cells_, header_;
  Json json_ = Json::object();
  std::vector<std::pair<std::string, std::string>> fields_;
};

double kcal(double value) { return value / kKJPerKcal; }

Row row_of(const PoseStrain& pose, const MoleculeStrain& outcome) {
  Row row;
  row.count("record", pose.number);
  row.text("where", pose.where);
  row.text("name", pose.name);
  row.text("status", pose.status);
  row.number("strain_kcal_mol", kcal(pose.strain), 4);
  row.number("strain_of_minimum_kcal_mol", kcal(pose.strain_of_minimum), 4);
  row.number("energy_given_kcal_mol", kcal(pose.energy_given), 4);
  row.number("energy_relaxed_kcal_mol", kcal(pose.energy_relaxed), 4);
  row.number("energy_minimum_kcal_mol", kcal(pose.energy_minimum), 4);
  row.number("global_minimum_kcal_mol", kcal(outcome.global_minimum), 4);
  row.number("rmsd_relaxed_angstrom", kAngstromPerNm * pose.moved_nm, 4);
  row.number("rmsd_minimum_angstrom", kAngstromPerNm * pose.moved_to_minimum_nm, 4);
  row.count("searches", outcome.n_searches);
  row.count("searches_that_found_it", outcome.n_found);
  row.text("force_field", outcome.force_field);
  row.text("smiles", outcome.smiles);
  const std::string both = pose.message.empty() || outcome.note.empty() ? "" : "; ";
  row.text("message", pose.message + both + outcome.note);
  return row;
}

/// "OK", "PARTIAL" where only some could be used, or why none could.
std::string status_of(const RescoredEnsemble& outcome) {
  std::string first;
  for (const RescoredConformer& conformer : outcome.conformers)
    if (conformer.status != "OK" && conformer.status != "DUPLICATE" && first.empty())
      first = conformer.status;
  if (first.empty()) return "OK";
  return outcome.populations.empty() ? first : "PARTIAL";
}

/// The messages of its conformers, each once.
std::string message_of(const RescoredEnsemble& outcome) {
  std::string text = outcome.note;
  for (const RescoredConformer& conformer : outcome.conformers)
    if (!conformer.message.empty() && text.find(conformer.message) == std::string::npos)
      text += (text.empty() ? "" : "; ") + conformer.message;
  return text;
}

Row row_of(const RescoredEnsemble& outcome) {
  const auto n_of = [&](const char* status) {
    return static_cast<std::size_t>(
        std::count_if(outcome.conformers.begin(), outcome.conformers.end(),
                      [&](const RescoredConformer& c) { return c.status == status; }));
  };
  const bool any = !outcome.populations.empty();
  const double nothing = RescoredConformer::kUnknown;
  const EnsembleThermodynamics& sums = outcome.thermodynamics;
  const double lowest = any ? *std::min_element(outcome.distinct.ensemble.energies.begin(),
                                                outcome.distinct.ensemble.energies.end())
                            : nothing;
  Row row;
  row.count("record", outcome.conformers.front().number);
  row.text("where", outcome.conformers.front().where);
  row.text("name", outcome.conformers.front().name);
  row.text("status", status_of(outcome));
  row.count("conformers", outcome.conformers.size());
  row.count("distinct", outcome.populations.size());
  row.count("duplicates", n_of("DUPLICATE"));
  row.number("temperature_K", outcome.temperature_K, 2);
  row.number("lowest_energy_kcal_mol", kcal(lowest), 4);
  row.number("mean_energy_kcal_mol", any ? kcal(sums.mean_energy - lowest) : nothing, 4);
  row.number("entropy_cal_mol_K", any ? kCalPerKcal * kcal(sums.entropy) : nothing, 4);
  row.number("temperature_times_entropy_kcal_mol",
             any ? kcal(outcome.temperature_K * sums.entropy) : nothing, 4);
  row.number("free_energy_kcal_mol", any ? kcal(sums.free_energy - lowest) : nothing, 4);
  row.number("distance_to_populations_in_file", outcome.distance_to_file, 4);
  row.text("force_field", outcome.force_field);
  row.text("smiles", outcome.smiles);
  row.text("message", message_of(outcome));
  return row;
}

Row row_of(const RescoredConformer& conformer, double lowest) {
  Row row;
  row.count("record", conformer.number);
  row.text("where", conformer.where);
  row.text("name", conformer.name);
  row.text("status", conformer.status);
  row.number("energy_kcal_mol", kcal(conformer.energy), 4);
  row.number("relative_energy_kcal_mol", kcal(conformer.energy - lowest), 4);
  row.number("degeneracy", conformer.degeneracy, 2);
  row.number("population", conformer.population, 6);
  row.number("population_in_file", conformer.population_in_file, 6);
  if (conformer.duplicate_of > 0) row.count("duplicate_of_record", conformer.duplicate_of);
  row.text("message", conformer.message);
  return row;
}

Row row_of(const TorsionScan& scan, const ScanPoint& point) {
  Row row;
  row.count("record", scan.number);
  row.text("where", scan.where);
  row.text("name", scan.name);
  row.text("status", scan.status);
  row.text("torsion", scan.torsion);
  row.number("angle_degrees", kDegreePerRadian * point.angle_rad, 4);
  row.number("relative_energy_kcal_mol", kcal(point.energy - scan.lowest), 4);
  row.number("energy_kcal_mol", kcal(point.energy), 4);
  row.text("force_field", scan.force_field);
  row.text("smiles", scan.smiles);
  row.text("message", scan.message);
  return row;
}

Json extrema_json(const std::vector<ScanExtremum>& extrema, double lowest) {
  Json list = Json::array();
  for (const ScanExtremum& extremum : extrema)
    list.push_back({{"angle_degrees", kDegreePerRadian * extremum.angle_rad},
                    {"relative_energy_kcal_mol", kcal(extremum.energy - lowest)}});
  return list;
}

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::string analysis_header(Analysis kind) {
  if (kind == Analysis::kStrain) return row_of(PoseStrain(), MoleculeStrain()).header();
  if (kind == Analysis::kScan) return row_of(TorsionScan(), ScanPoint()).header();
  RescoredEnsemble none;
  none.conformers.emplace_back();
  return row_of(none).header();
}

AnalysisRows rows_of(const MoleculeStrain& outcome, const AnalysisRequest& request) {
  AnalysisRows rows;
  rows.json["smiles"] = outcome.smiles;
  rows.json["poses"] = Json::array();
  for (const PoseStrain& pose : outcome.poses) {
    const Row row = row_of(pose, outcome);
    rows.csv += row.csv();
    rows.json["poses"].push_back(row.json());
    ++rows.n_rows;
    rows.n_ok += pose.status == "OK" ? 1 : 0;
    if (request.output.empty() || pose.relaxed.n_chains() == 0) continue;
    rows.sdf +=
        io::sdf_record(pose.name, "Saltus", outcome.molecule, pose.relaxed.chain(0), row.fields());
  }
  return rows;
}

AnalysisRows rows_of(const RescoredEnsemble& outcome, const AnalysisRequest& request) {
  AnalysisRows rows;
  const Row whole = row_of(outcome);
  const engine::ConformerEnsemble& ensemble = outcome.distinct.ensemble;
  const double lowest = outcome.populations.empty()
                            ? kUnknown
                            : *std::min_element(ensemble.energies.begin(), ensemble.energies.end());
  rows.csv = whole.csv();
  rows.json = whole.json();
  rows.json["members"] = Json::array();
  rows.n_rows = 1;
  rows.n_ok = status_of(outcome) == "OK" ? 1 : 0;
  for (const RescoredConformer& conformer : outcome.conformers)
    rows.json["members"].push_back(row_of(conformer, lowest).json());
  if (request.output.empty()) return rows;
  for (std::size_t c = 0; c < outcome.populations.size(); ++c) {
    const RescoredConformer& conformer = outcome.conformers[ensemble.ancestors[c]];
    auto fields = row_of(conformer, lowest).fields();
    fields.emplace_back("temperature_K", number_text(outcome.temperature_K, 2));
    fields.emplace_back("force_field", outcome.force_field);
    rows.sdf += io::sdf_record(conformer.name, "Saltus", outcome.distinct.molecule,
                               ensemble.positions.chain(c), fields);
  }
  return rows;
}

AnalysisRows rows_of(const TorsionScan& outcome, const AnalysisRequest& request) {
  AnalysisRows rows;
  rows.n_rows = 1;
  rows.n_ok = outcome.status == "OK" ? 1 : 0;
  rows.json = {{"record", outcome.number},
               {"where", outcome.where},
               {"name", outcome.name},
               {"status", outcome.status},
               {"torsion", outcome.torsion},
               {"force_field", outcome.force_field},
               {"smiles", outcome.smiles},
               {"message", outcome.message},
               {"lowest_energy_kcal_mol", io::json_number<Json>(kcal(outcome.lowest))}};
  rows.json["points"] = Json::array();
  for (std::size_t p = 0; p < outcome.points.size(); ++p) {
    const ScanPoint& point = outcome.points[p];
    const Row row = row_of(outcome, point);
    rows.csv += row.csv();
    rows.json["points"].push_back(
        {{"angle_degrees", kDegreePerRadian * point.angle_rad},
         {"relative_energy_kcal_mol", io::json_number<Json>(kcal(point.energy - outcome.lowest))}});
    if (request.output.empty() || !std::isfinite(point.energy)) continue;
    rows.sdf += io::sdf_record(outcome.name, "Saltus", outcome.molecule, outcome.positions.chain(p),
                               row.fields());
  }
  rows.json["minima"] = extrema_json(outcome.minima, outcome.lowest);
  rows.json["barriers"] = extrema_json(outcome.barriers, outcome.lowest);
  if (!outcome.points.empty()) return rows;
  ScanPoint nowhere;
  nowhere.angle_rad = kUnknown;
  rows.csv = row_of(outcome, nowhere).csv();
  return rows;
}

io::TorsionScanReportData::Scan shown_scan(const TorsionScan& outcome) {
  io::TorsionScanReportData::Scan scan;
  scan.name = outcome.name;
  scan.smiles = outcome.smiles;
  scan.torsion = outcome.torsion;
  scan.force_field = outcome.force_field;
  scan.status = outcome.status;
  scan.message = outcome.message;
  for (const ScanPoint& point : outcome.points)
    scan.points.push_back(
        {kDegreePerRadian * point.angle_rad, kcal(point.energy - outcome.lowest)});
  const auto add = [&](const std::vector<ScanExtremum>& extrema, auto& list) {
    for (const ScanExtremum& extremum : extrema)
      list.push_back(
          {kDegreePerRadian * extremum.angle_rad, kcal(extremum.energy - outcome.lowest)});
  };
  add(outcome.minima, scan.minima);
  add(outcome.barriers, scan.barriers);
  return scan;
}

}  // namespace saltus::tools
