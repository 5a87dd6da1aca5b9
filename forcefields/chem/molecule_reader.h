#pragma once

#include <cstddef>
#include <exception>
#include <fstream>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Reads the molecules of an MDL mol or SD file (V2000 or V3000) one after the other; lines may end
/// with LF, CRLF or CR. Hydrogens stay as they are, data fields are passed over but for partial
/// charges (see given_charges.h); connection tables are checked by check_mol_block first.
/// Coordinates are taken when the record is tagged "3D" or has a z that is not 0, otherwise they
/// are a drawing: positions_nm is empty and a note says so; stereo centres come from the
/// coordinates or, in drawings, from wedges. Format: Dalby et al., J. Chem. Inf. Comput. Sci. 32,
/// 244 (1992), doi:10.1021/ci00007a012.
class SdfReader {
 public:
  /// @throws FileError   when the file cannot be opened or read
  /// @throws InputError  when it holds nothing but blank lines
  explicit SdfReader(const std::string& path);
  /// @param stream  outlives the reader
  /// @param name    of the stream, for messages
  /// @throws InputError  when it holds nothing but blank lines
  SdfReader(std::istream& stream, const std::string& name);

  /// True when nothing but blank lines is left. (Between two ends of records, they are a record
  /// without atoms.)
  bool at_end() const { return !record_ && !pending_; }
  /// The next molecule; nothing at the end. After an error the reader is at the next record.
  /// @throws FileError   when the file cannot be read on
  /// @throws InputError  with file, line and record: when it is not mol data or has no atoms, a
  ///                     valence is impossible, or it has dummy atoms or query features
  std::optional<ChemMolecule> next();
  /// Which kind of problem next() threw last.
  engine::MoleculeStatus problem() const { return problem_; }
  /// "x.sdf:17", where the record that next() took last begins, and its first line.
  const std::string& place() const { return place_; }
  const std::string& title() const { return title_; }
  /// Names and values of the data fields of that record, which are no part of the molecule, lines
  /// of a value joined by "\n"; of a record that next() has refused, nothing.
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  struct Record {
    std::string text;
    std::size_t number = 0, first_line = 0;  ///< both counted from 1
  };
  void begin();
  void read_ahead();
  [[noreturn]] void refuse_empty(const std::string& source);

  std::string path_, place_, title_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::unique_ptr<std::ifstream> file_;  ///< when it is ours
  std::istream& stream_;
  std::optional<Record> record_;  ///< read, but not yet understood
  std::exception_ptr pending_;    ///< why the one after it cannot be read
  std::size_t n_records_ = 0, n_lines_ = 0;
  engine::MoleculeStatus problem_ = engine::MoleculeStatus::kOk;
};

/// All molecules of an MDL mol or SD file.
/// @throws FileError, InputError  as SdfReader does
std::vector<ChemMolecule> read_sdf(const std::string& path);

/// The molecule of a SMILES string, hydrogens added, without positions. Text after the first blank
/// is its name, but for a CXSMILES block between bars.
/// @throws InputError  when it is no SMILES string, a valence is impossible, or there are dummy
///                     atoms
ChemMolecule parse_smiles(const std::string& text);

/// The same molecule with the hydrogens that its valences ask for as atoms of their own, after the
/// others; when there are positions, theirs are built from ideal bond lengths and angles.
/// @throws InputError  when RDKit fails
ChemMolecule with_hydrogens(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
