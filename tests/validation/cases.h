#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/program.h"

namespace saltus::tests {

/// A system, or a sampler of one, that is run at two temperatures.
struct ValidationCase {
  std::string name = {};  ///< in the table
  std::string id = {};    ///< of the test
  std::string move = {};  ///< kind of the deck's move that is validated, or "KIND with ..."
  DeckText deck = {};     ///< its ensemble is written by the test
  double colder_K = 300.0, warmer_K = 375.0;
  std::string pressure = {};  ///< "1 bar"; empty at constant volume
  /// For replica exchange: a second temperature, so many times the first; 0: none.
  double ladder_ratio = 0.0;
  /// Of the warmer run, by moves that have rows of their own, where a model is made for one
  /// temperature.
  std::optional<DeckText> reference = {};
  /// Files that the deck needs, by name in the test's folder: paths of the source; "=CCO" is made
  /// from SMILES, "waters 40" is a box of so many.
  std::vector<std::pair<std::string, std::string>> files = {};
};

/// What a failing test says of its parameter.
inline void PrintTo(const ValidationCase& of, std::ostream* out) { *out << of.name; }

/// Kinds of force fields, all with hybrid Monte Carlo.
std::vector<ValidationCase> force_field_cases();
/// Moves, all of which leave the distribution of their temperature invariant or, where they say
/// so, nearly; with hybrid Monte Carlo where they do not change all coordinates.
std::vector<ValidationCase> move_cases();

}  // namespace saltus::tests
