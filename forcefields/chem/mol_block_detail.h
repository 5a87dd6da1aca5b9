#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "forcefields/chem/mol_block.h"

namespace saltus::forcefields::detail {

/// Lines of a record, with what both versions of connection tables check in the same way.
class MolLines {
 public:
  MolLines(const std::string& record, const MolPlace& place);

  std::size_t size() const { return lines_.size(); }
  /// Without the line's end.
  const std::string& operator[](std::size_t line) const { return lines_[line]; }
  bool is_blank(std::size_t line) const;

  /// @param line    from 0, in the record
  /// @param column  from 1; 0: the whole line
  [[noreturn]] void refuse(std::size_t line, std::size_t column, const std::string& problem) const;
  /// The same for a line that should have come at the end.
  [[noreturn]] void refuse_end(const std::string& expected) const;

  /// A whole number in all of `text`, blanks around it allowed.
  long integer(std::size_t line, std::size_t column, const std::string& text,
               const char* what) const;
  /// The same from `least` to `most`.
  long integer(std::size_t line, std::size_t column, const std::string& text, const char* what,
               std::pair<long, long> range) const;
  /// A finite coordinate, angstrom.
  double coordinate(std::size_t line, std::size_t column, const std::string& text) const;
  /// An element, or one of the placeholders that stand for several.
  void check_symbol(std::size_t line, std::size_t column, const std::string& symbol) const;

 private:
  MolPlace place_;
  std::vector<std::string> lines_;
};

/// Bonds that were read, each between two different atoms and only once.
class BondSet {
 public:
  explicit BondSet(const MolLines& lines) : lines_(lines) {}
  void add(std::size_t line, long first, long second);

 private:
  const MolLines& lines_;
  std::set<std::pair<long, long>> seen_;
};

/// Checks what follows the counts line of a V3000 record; fills the counts and marks with
/// `dropped` the lines that RDKit should not see.
void check_v3000(const MolLines& lines, MolBlock& block, std::vector<bool>& dropped);

}  // namespace saltus::forcefields::detail
