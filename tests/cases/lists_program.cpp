#include "tests/cases/lists_program.h"

#include <algorithm>
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

std::vector<TableRow> ListsTest::report(const std::string& input,
                                        const std::vector<std::string>& options) const {
  std::vector<std::string> arguments = {"conformers", input,   "-o",         "out.sdf",  "-n",
                                        "1",          "-j",    "1",          "--report", "r.csv",
                                        "--failed",   "f.smi", "--overwrite"};
  // Most tests are about reading.
  if (std::find(options.begin(), options.end(), "--minimize") == options.end())
    arguments.insert(arguments.end(), {"--minimize", "none"});
  arguments.insert(arguments.end(), options.begin(), options.end());
  const ProgramEnd end = saltus(arguments);
  EXPECT_TRUE(end.exit_code == 0 || end.exit_code == 2) << end.exit_code << end.err;
  return parse_table(read("r.csv"));
}

std::vector<std::string> ListsTest::verdicts(const std::vector<TableRow>& rows) {
  std::vector<std::string> found;
  for (const TableRow& row : rows)
    found.push_back(row.at("status") + " " + row.at("name") + " " + row.at("smiles"));
  return found;
}

std::vector<std::string> ListsTest::written(const std::string& field) const {
  std::vector<std::string> values;
  std::istringstream lines(read("out.sdf"));
  for (std::string line; std::getline(lines, line);)
    if (line == ">  <" + field + ">" && std::getline(lines, line)) values.push_back(line);
  return values;
}

}  // namespace saltus::tests
