#include "tools/saltus/commands/energy_table.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "io/formats/visible_text.h"

namespace saltus::tools {

namespace {

std::string exact(double value) {
  return std::isfinite(value) ? engine::significant_text(value, 10) : "";
}

std::vector<std::string> columns_of(const std::vector<EnergyRow>& rows) {
  std::vector<std::string> columns;
  for (const EnergyRow& row : rows)
    for (const auto& [name, value] : row.values)
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  return columns;
}

}  // namespace

std::string energy_csv(const std::vector<EnergyRow>& rows) {
  const std::vector<std::string> columns = columns_of(rows);
  std::string text = "record,where,name,status,n_atoms";
  for (const std::string& column : columns) text += "," + column;
  text += ",message\n";
  for (const EnergyRow& row : rows) {
    text += std::to_string(row.record) + "," + io::csv_cell(io::without_formula(row.where)) + "," +
            io::csv_cell(io::without_formula(row.name)) + "," +
            (row.error.empty() ? "OK" : "FAILED") + "," +
            (row.n_atoms > 0 ? std::to_string(row.n_atoms) : "");
    for (const std::string& column : columns) {
      const auto found = std::find_if(row.values.begin(), row.values.end(),
                                      [&](const auto& value) { return value.first == column; });
      text += "," + (found == row.values.end() ? std::string() : exact(found->second));
    }
    text += "," + io::csv_cell(io::without_formula(row.error)) + "\n";
  }
  return text;
}

}  // namespace saltus::tools
