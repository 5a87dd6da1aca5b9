#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace saltus::tests {

/// Exit codes of `saltus conformers`.
constexpr int kWrong = 1, kSomeFailed = 2, kInterrupted = 130;

/// Tests of `saltus conformers` in a folder of their own.
class Conformers : public ProgramTest {
 protected:
  void SetUp() override {}
  ProgramEnd conformers(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "conformers");
    return saltus(arguments);
  }
  void expect_refusal(std::vector<std::string> arguments, const std::string& message) const {
    arguments.insert(arguments.begin(), "conformers");
    expect_error(arguments, kWrong, message);
  }
  /// Status of each record of a list, from the report.
  std::vector<std::string> statuses(const std::string& list,
                                    const std::vector<std::string>& options = {}) const {
    write("list.smi", list);
    std::vector<std::string> arguments = {"list.smi", "-o",    "out.sdf",     "-n",       "2",
                                          "--report", "r.csv", "--overwrite", "--failed", "f.smi"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramEnd end = conformers(arguments);
    std::vector<std::string> found;
    std::istringstream report(read("r.csv"));
    std::string line;
    for (std::getline(report, line); std::getline(report, line);) {
      for (int column = 0; column < 4; ++column) line.erase(0, line.find(',') + 1);
      found.push_back(line.substr(0, line.find(',')));
    }
    const bool good = found == std::vector<std::string>(found.size(), "OK");
    EXPECT_EQ(end.exit_code, good ? 0 : kSomeFailed) << end.err;
    return found;
  }
};

}  // namespace saltus::tests
