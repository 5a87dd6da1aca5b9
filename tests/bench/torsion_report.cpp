#include "tests/bench/torsion_report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/core/text.h"

namespace saltus::tests {

std::string number_text(double value, int digits) {
  return std::isfinite(value) ? engine::fixed_text(value, digits) : "-";
}

std::string text_of(const Estimate& estimate, int digits) {
  return number_text(estimate.value, digits) + " ± " + number_text(estimate.error, digits);
}

Json json_of(const Estimate& estimate) {
  return {{"value", estimate.value}, {"standard_error", estimate.error}, {"n", estimate.n}};
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + cell + " |";
  return row + "\n";
}

std::string table_rule(std::size_t n_cells) {
  return table_row(std::vector<std::string>(n_cells, "---"));
}

}  // namespace saltus::tests
