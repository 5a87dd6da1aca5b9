#include "tests/cases/written_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace saltus::tests {

std::vector<TableRow> parse_table(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string cell;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '\n')) {
      rows.back().push_back(cell);
      cell.clear();
      if (c == '\n') rows.emplace_back();
    } else {
      cell += c;
    }
  }
  std::vector<TableRow> table;
  for (std::size_t r = 1; r + 1 < rows.size(); ++r) {
    EXPECT_EQ(rows[r].size(), rows[0].size()) << "row " << r;
    TableRow row;
    for (std::size_t i = 0; i < std::min(rows[0].size(), rows[r].size()); ++i)
      row[rows[0][i]] = rows[r][i];
    table.push_back(row);
  }
  return table;
}

std::vector<WrittenMolecule> parse_sd_file(const std::string& file) {
  std::vector<WrittenMolecule> molecules;
  std::istringstream text(file);
  std::string line;
  while (std::getline(text, line)) {
    WrittenMolecule molecule;
    molecule.name = line;
    std::getline(text, line);
    std::getline(text, line);
    std::getline(text, line);
    const std::size_t n = std::stoul(line.substr(0, 3));
    for (std::size_t i = 0; i < n; ++i) {
      std::getline(text, line);
      molecule.x.push_back({std::stod(line.substr(0, 10)), std::stod(line.substr(10, 10)),
                            std::stod(line.substr(20, 10))});
    }
    while (std::getline(text, line) && line != "$$$$")
      if (line.compare(0, 4, ">  <") == 0 || line.compare(0, 3, "> <") == 0) {
        const std::string name =
            line.substr(line.find('<') + 1, line.find('>', 2) - line.find('<') - 1);
        std::getline(text, molecule.fields[name]);
      }
    molecules.push_back(std::move(molecule));
  }
  return molecules;
}

Point minus(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

double dot(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Point cross(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dihedral(const Point& a, const Point& b, const Point& c, const Point& d) {
  const Point n1 = cross(minus(b, a), minus(c, b)), n2 = cross(minus(c, b), minus(d, c));
  const double length = std::sqrt(dot(minus(c, b), minus(c, b)));
  return std::atan2(length * dot(minus(b, a), n2), dot(n1, n2)) * 180.0 / std::acos(-1.0);
}

}  // namespace saltus::tests
