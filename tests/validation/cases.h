#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/program.h"

namespace saltus::tests {

/// A system, or a sampler of one, that is run at two temperatures.
struct ValidationCase {
  std::string name = {};  ///< in the table
  std::string id = {};    ///< of the test
  DeckText deck = {};     ///< its ensemble is written by the test
  double colder_K = 300.0, warmer_K = 375.0;
  std::string pressure = {};  ///< "1 bar"; empty at constant volume
  bool is_ladder = false;     ///< with a second temperature above, for replica exchange
  /// Files that the deck needs, by name in the test's folder: of "data/molecules" or of
  /// "tests/forcefields/data"; "=CCO" is made from SMILES, "waters 40" is a box of so many.
  std::vector<std::pair<std::string, std::string>> files = {};
};

/// Kinds of force fields, all with hybrid Monte Carlo.
std::vector<ValidationCase> force_field_cases();
/// Moves, all of which leave the distribution of their temperature invariant or, where they say
/// so, nearly.
std::vector<ValidationCase> move_cases();

}  // namespace saltus::tests
