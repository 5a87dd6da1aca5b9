#include "tests/cases/lists_program.h"

#include <algorithm>
#include <sstream>

namespace saltus::tests {

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
