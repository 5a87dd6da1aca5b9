#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace saltus::io {

/// One ATOM or HETATM line of a PDB file.
struct PdbAtomRecord {
  std::string serial;  ///< as written: beyond 99999 programs count in different ways
  std::string name, residue_name, chain, insertion_code;
  bool name_starts_early = false;  ///< in column 13, where two-letter elements start
  char alternate_location = ' ';
  int residue_number = 0;
  std::array<double, 3> position_nm{};
  double occupancy = 1.0;
  std::string element;  ///< columns 77-78 when they hold letters, else empty
  std::size_t line = 0;
};

/// Splits a PDB line into fields; every error names file and line.
class PdbLine {
 public:
  PdbLine(const std::string& path, std::size_t number, const std::string& text);

  std::string record() const { return field(1, 6); }
  PdbAtomRecord atom() const;
  /// Serial numbers of a CONECT record: the atom and its partners.
  std::vector<std::string> connected_serials() const;
  std::string where() const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  /// Columns first..last, counted from 1, without blanks at the ends.
  std::string field(std::size_t first, std::size_t last) const;
  double number(std::size_t first, std::size_t last, const char* what) const;
  int integer(std::size_t first, std::size_t last, const char* what) const;

  std::string path_;
  std::size_t number_;
  std::string text_;
};

/// Atomic number of an atom; 0 when neither element nor name tell it.
int element_of_record(const PdbAtomRecord& record, bool alone_in_residue);

}  // namespace saltus::io
