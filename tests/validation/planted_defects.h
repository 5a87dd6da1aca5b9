#pragma once

#include <string>
#include <vector>

namespace saltus::tests {

/// A defect of a move that a test of this source tree plants and has to catch.
struct PlantedDefect {
  std::string move = {};  ///< as in ValidationCase::move
  std::string what = {};
  std::string suite = {}, test = {};
  std::string file = {};  ///< below "tests"
};

std::vector<PlantedDefect> planted_defects();

/// Those of one move, as the table shows them; empty where there are none.
std::string planted_in(const std::string& move);

/// Whether the file has the test.
bool has_test(const PlantedDefect& defect);

}  // namespace saltus::tests
