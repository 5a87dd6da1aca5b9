#include "tools/saltus/conformers/html_state.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "io/report/json_number.h"

namespace saltus::tools {

using nlohmann::json;
using Data = io::ConformerReportData;

namespace {

double number_from(const json& value) {
  return value.is_null() ? Data::kUnknown : value.get<double>();
}

json to_json(const Data::Row& row) {
  return {row.name,
          row.status,
          row.n_isomers,
          row.n_conformers,
          io::json_number<json>(row.energy_span),
          io::json_number<json>(row.rmsd),
          io::json_number<json>(row.n_effective),
          io::json_number<json>(row.seconds),
          row.possible_isomers,
          row.remark};
}

Data::Row row_from(const json& values) {
  return {values.at(0),
          values.at(1),
          values.at(2),
          values.at(3),
          number_from(values.at(4)),
          number_from(values.at(5)),
          number_from(values.at(6)),
          number_from(values.at(7)),
          values.at(8),
          values.at(9)};
}

json to_json(const io::MoleculePicture& picture) {
  json conformers = json::array();
  for (const auto& conformer : picture.conformers)
    conformers.push_back({conformer.xyz, conformer.label});
  return {picture.name,  picture.smiles, picture.elements,
          picture.bonds, conformers,     picture.drawing};
}

io::MoleculePicture picture_from(const json& values) {
  io::MoleculePicture picture{values.at(0), values.at(1), values.at(2),
                              values.at(3), {},           values.at(5)};
  for (const json& conformer : values.at(4))
    picture.conformers.push_back({conformer.at(0), conformer.at(1)});
  return picture;
}

json to_json(const Data::Torsions& torsions) {
  json histograms = json::array();
  for (const auto& histogram : torsions.histograms)
    histograms.push_back({histogram.name, histogram.probability});
  return {torsions.molecule, histograms, torsions.n_left_out};
}

Data::Torsions torsions_from(const json& values) {
  Data::Torsions torsions{values.at(0), {}, values.at(2)};
  for (const json& histogram : values.at(1))
    torsions.histograms.push_back({histogram.at(0), histogram.at(1)});
  return torsions;
}

}  // namespace

std::string page_state_text(const Data& data) {
  json state = {{"failures", json::array()},
                {"rows", json::array()},
                {"torsions", json::array()},
                {"pictures", json::array()}};
  for (const auto& failure : data.failures)
    state["failures"].push_back({failure.status, failure.count, failure.examples});
  for (const auto& row : data.rows) state["rows"].push_back(to_json(row));
  for (const auto& torsions : data.torsions) state["torsions"].push_back(to_json(torsions));
  for (const auto& picture : data.pictures) state["pictures"].push_back(to_json(picture));
  return state.dump(-1, ' ', false, json::error_handler_t::replace);
}

void restore_page_state(const std::string& text, Data& data) {
  try {
    const json state = json::parse(text);
    for (const json& failure : state.at("failures"))
      data.failures.push_back({failure.at(0), failure.at(1), failure.at(2)});
    for (const json& row : state.at("rows")) data.rows.push_back(row_from(row));
    for (const json& torsions : state.at("torsions"))
      data.torsions.push_back(torsions_from(torsions));
    for (const json& picture : state.at("pictures")) data.pictures.push_back(picture_from(picture));
  } catch (const json::exception&) {
    throw engine::InputError(
        "the state of the page in the progress file is damaged; start again with --overwrite");
  }
}

}  // namespace saltus::tools
