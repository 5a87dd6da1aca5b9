#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "io/formats/pdb.h"

namespace saltus::io {

/// Larger coordinates are damage, not places: a PDB file's columns hold less than 10,000 angstrom.
constexpr double kMaxCoordinateAngstrom = 1e5;

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
  std::string charge;   ///< columns 79-80: "2+"
  std::size_t line = 0;

  bool same_residue(const PdbAtomRecord& other) const {
    return residue_number == other.residue_number && insertion_code == other.insertion_code;
  }
};

/// An atom as LINK and SSBOND records name it.
struct PdbAtomName {
  std::string name, residue_name, chain, insertion_code;
  char alternate_location = ' ';
  int residue_number = 0;

  std::string describe() const;
};

/// A bond as LINK and SSBOND records write it.
struct PdbLink {
  PdbAtomName first, second;
  bool same_copy = true;  ///< false when one end lies in a symmetry copy of the molecule
};

/// Splits a PDB line into fields; every error names file and line.
class PdbLine {
 public:
  PdbLine(const std::string& path, std::size_t number, const std::string& text);

  std::string record() const { return field(1, 6); }
  PdbAtomRecord atom() const;
  /// Serial numbers of a CONECT record: the atom and its partners.
  std::vector<std::string> connected_serials() const;
  /// Unit cell of a CRYST1 record.
  PdbBox box() const;
  /// Of a LINK or SSBOND record.
  PdbLink link() const;
  PdbLink disulfide() const;
  /// True for a MTRIX record whose copy of the atoms is not in the file.
  bool asks_for_a_copy() const;
  /// True for an operator of REMARK 350 other than the first.
  bool builds_an_assembly() const;
  std::string where() const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  /// Columns first..last, counted from 1, without blanks at the ends.
  std::string field(std::size_t first, std::size_t last) const;
  double number(std::size_t first, std::size_t last, const char* what) const;
  double coordinate(std::size_t first, std::size_t last, const char* what) const;
  int integer(std::size_t first, std::size_t last, const char* what) const;
  void read_residue_number(PdbAtomRecord& atom) const;
  bool same_copy() const;

  std::string path_;
  std::size_t number_;
  std::string text_;
};

/// Atomic number of an atom; 0 when neither element nor name tell it.
int element_of_record(const PdbAtomRecord& record, bool alone_in_residue);

/// What OpenMM calls particles that are no atoms in columns 77-78.
constexpr const char* kExtraParticle = "EP";

/// Whether it is a particle without element, such as the charge M of four-site water: by columns
/// 77-78 or, where these are blank, by one of the names that programs give virtual sites.
bool is_extra_particle(const PdbAtomRecord& record);

/// Mass of an atom of deuterium or tritium, dalton; 0 for every other atom.
double isotope_mass_of_record(const PdbAtomRecord& record);

/// Name of the atom's place in its residue: names of deuterium with H for D ("DB2" is "HB2").
std::string site_name(const PdbAtomRecord& record);

}  // namespace saltus::io
