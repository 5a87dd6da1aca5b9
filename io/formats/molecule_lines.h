#pragma once

#include <cstddef>
#include <deque>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace saltus::io {

/// Lists of molecules, one to a line.
enum class MoleculeListFormat {
  kSmiles,  ///< SMILES string, blanks or a tab, perhaps a CXSMILES block between bars, name (the
            ///< rest of the line); # begins a comment line
  kCsv,     ///< commas, quotes as in RFC 4180
  kTsv,     ///< tabs, the same quotes
};

/// How to read a list of molecules.
struct MoleculeListOptions {
  MoleculeListFormat format = MoleculeListFormat::kSmiles;
  /// Whether the first line has names of columns; by default it has when one is a usual name for
  /// SMILES strings ("smiles", "canonical_smiles", "structure" ...).
  std::optional<bool> header;
  /// Columns of kCsv and kTsv, by name or by number from 1. Empty: the column with a usual name,
  /// or, without header, the first and the second.
  std::string smiles_column, name_column;
};

/// One molecule of a list.
struct MoleculeLine {
  std::size_t line = 0;  ///< its first line, from 1
  std::string smiles;    ///< with the CXSMILES block that follows it
  std::string name;
  std::string text;     ///< the line as it was
  std::string problem;  ///< why it cannot be used; usually empty
};

/// Reads a list of molecules one after the other. Lines may end with LF, CRLF or CR, the file may
/// begin with a UTF-8 byte-order mark; blank lines are passed over. A line that is wrong is
/// returned with its problem (a quote that includes other rows, more cells than the header has,
/// zero bytes); the reader continues after it.
class MoleculeListReader {
 public:
  /// @param name  of the source, for messages
  /// @throws InputError  when a column that was asked for is not there
  MoleculeListReader(std::istream& stream, std::string name, const MoleculeListOptions& options);

  /// The next molecule; nothing at the end.
  std::optional<MoleculeLine> next();

 private:
  struct Line {
    std::string text;
    bool too_long = false;
    std::size_t number = 0;
  };
  struct Row {
    std::size_t line = 0;
    std::string text, problem;
    std::vector<std::string> fields;
  };
  std::optional<Line> read_line();
  std::optional<Line> next_line();
  std::optional<Row> next_row();
  void split(Row& row);
  bool hides_molecules(const std::deque<Line>& more) const;
  void find_columns();
  std::size_t find_column(const std::string& wanted, const std::vector<std::string>& usual,
                          std::size_t without_header) const;

  std::istream& stream_;
  std::string name_;
  MoleculeListOptions options_;
  std::size_t n_lines_ = 0;
  std::deque<Line> waiting_;
  std::optional<Row> first_row_;
  std::vector<std::string> header_;
  std::size_t n_columns_ = 0;  ///< of the first row
  std::size_t smiles_column_ = 0, name_column_ = 1;
};

}  // namespace saltus::io
