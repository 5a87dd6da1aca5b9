#include "io/formats/molecule_lines.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::io {

using engine::InputError;

namespace {

constexpr std::size_t kMaxLineLength = 1 << 20;
constexpr std::size_t kMaxLinesOfRow = 20;  // of quoted text with line ends
constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

const std::vector<std::string>& usual_smiles_columns() {
  static const std::vector<std::string> kNames = {"smiles", "canonical_smiles", "isomeric_smiles",
                                                  "smi",    "structure",        "molecule"};
  return kNames;
}

const std::vector<std::string>& usual_name_columns() {
  static const std::vector<std::string> kNames = {"name",   "id",      "title",     "compound",
                                                  "mol_id", "molname", "chembl_id", "zinc_id"};
  return kNames;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), engine::lower_case(engine::trimmed(name))) !=
         names.end();
}

/// SMILES, followed by the CXSMILES block where there is one, and the rest of the line.
std::vector<std::string> split_smiles_line(const std::string& line) {
  const std::string text = engine::trimmed(line);
  const std::size_t end = text.find_first_of(" \t");
  if (end == std::string::npos) return {text};
  const std::string smiles = text.substr(0, end), rest = engine::trimmed(text.substr(end));
  if (rest[0] != '|') return {smiles, rest};
  const std::size_t close = rest.find('|', 1);
  // What is wrong with a block that is not closed is said by who reads it.
  if (close == std::string::npos) return {smiles + " " + rest};
  return {smiles + " " + rest.substr(0, close + 1), engine::trimmed(rest.substr(close + 1))};
}

std::size_t count_filled(const std::vector<std::string>& fields) {
  std::size_t n = fields.size();
  while (n > 0 && engine::trimmed(fields[n - 1]).empty()) --n;
  return n;
}

/// Whether it may be a SMILES string: no blanks, no characters that none has.
bool may_be_smiles(const std::string& text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789()[].=#$%@+-/\\:*~<>") == std::string::npos;
}

struct Fields {
  std::vector<std::string> values;
  bool open_quote = false;
  std::string problem;
};

Fields split_delimited(const std::string& text, char delimiter) {
  Fields fields;
  std::string value;
  bool quoted = false, was_quoted = false;
  const auto finish = [&] {
    fields.values.push_back(was_quoted ? value : engine::trimmed(value));
    value.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      value += '"';
      ++i;
    } else if (quoted && c == '"') {
      quoted = false;
    } else if (quoted) {
      value += c;
    } else if (c == delimiter) {
      finish();
    } else if (c == '"' && engine::trimmed(value).empty() && !was_quoted) {
      value.clear();
      quoted = was_quoted = true;
    } else if (was_quoted) {
      if (c != ' ')
        fields.problem = "there is text after a closing quote; inside quotes write \"\" for \"";
    } else {
      value += c;
    }
  }
  fields.open_quote = quoted;
  finish();
  return fields;
}

}  // namespace

MoleculeListReader::MoleculeListReader(std::istream& stream, std::string name,
                                       const MoleculeListOptions& options)
    : stream_(stream), name_(std::move(name)), options_(options) {
  first_row_ = next_row();
  if (!first_row_) return;
  const auto& fields = first_row_->fields;
  n_columns_ = fields.size();
  const bool smiles_file = options_.format == MoleculeListFormat::kSmiles;
  const auto usual = [](const std::string& field) {
    return contains(usual_smiles_columns(), field);
  };
  const bool looks_like_header =
      smiles_file ? !fields.empty() && usual(fields.front())
                  : std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
                      return usual(field) || (!options_.smiles_column.empty() &&
                                              engine::trimmed(field) == options_.smiles_column);
                    });
  if (options_.header.value_or(looks_like_header)) {
    header_ = fields;
    first_row_.reset();
  }
  if (!smiles_file) find_columns();
}

std::optional<MoleculeListReader::Line> MoleculeListReader::read_line() {
  Line line;
  constexpr auto kEnd = std::char_traits<char>::eof();
  std::streambuf& buffer = *stream_.rdbuf();
  try {
    int c = buffer.sbumpc();
    if (c == kEnd) return std::nullopt;
    for (; c != kEnd && c != '\n' && c != '\r'; c = buffer.sbumpc()) {
      line.too_long = line.too_long || line.text.size() >= kMaxLineLength;
      if (!line.too_long) line.text += static_cast<char>(c);
    }
    if (c == '\r' && buffer.sgetc() == '\n') buffer.sbumpc();
  } catch (const engine::FileError& error) {
    throw engine::FileError(std::string(error.what()) +
                            "; lines before: " + std::to_string(n_lines_));
  }
  line.number = ++n_lines_;
  const std::string byte_order_mark = "\xEF\xBB\xBF";
  if (line.number == 1 && line.text.compare(0, byte_order_mark.size(), byte_order_mark) == 0)
    line.text.erase(0, byte_order_mark.size());
  return line;
}

std::optional<MoleculeListReader::Line> MoleculeListReader::next_line() {
  if (waiting_.empty()) return read_line();
  Line line = std::move(waiting_.front());
  waiting_.pop_front();
  return line;
}

std::optional<MoleculeListReader::Row> MoleculeListReader::next_row() {
  while (auto line = next_line()) {
    if (engine::trimmed(line->text).empty()) continue;
    if (options_.format == MoleculeListFormat::kSmiles && engine::trimmed(line->text)[0] == '#')
      continue;
    Row row;
    row.line = line->number;
    row.text = std::move(line->text);
    if (line->too_long) {
      row.problem = "the line has more than " + std::to_string(kMaxLineLength) + " characters";
      row.text.resize(80);
      return row;
    }
    if (const std::size_t at = row.text.find('\0'); at != std::string::npos) {
      row.problem =
          "character " + std::to_string(at + 1) +
          " is a zero byte; the file is damaged, not text, or UTF-16 without a byte-order "
          "mark";
      return row;
    }
    split(row);
    return row;
  }
  return std::nullopt;
}

void MoleculeListReader::split(Row& row) {
  if (options_.format == MoleculeListFormat::kSmiles) {
    row.fields = split_smiles_line(row.text);
    return;
  }
  const char delimiter = options_.format == MoleculeListFormat::kCsv ? ',' : '\t';
  Fields fields = split_delimited(row.text, delimiter);
  std::deque<Line> more;
  std::string text = row.text;
  while (fields.open_quote && more.size() < kMaxLinesOfRow) {
    auto line = next_line();
    if (!line) break;
    text += "\n" + line->text;
    more.push_back(std::move(*line));
    fields = split_delimited(text, delimiter);
  }
  if (fields.open_quote || (!fields.problem.empty() && !more.empty())) {
    // The lines after it are read again, on their own.
    waiting_.insert(waiting_.begin(), more.begin(), more.end());
    row.problem = "a quote is opened but not closed";
    return;
  }
  if (!more.empty() && hides_molecules(more)) {
    waiting_.insert(waiting_.begin(), more.begin(), more.end());
    row.problem =
        "a quote is opened, and closed only after lines that look like molecules of their "
        "own; close it on its line, or remove it";
    return;
  }
  row.text = std::move(text);
  row.fields = std::move(fields.values);
  row.problem = std::move(fields.problem);
}

/// Whether one of the lines that a quoted cell runs over is a whole row with a SMILES string.
bool MoleculeListReader::hides_molecules(const std::deque<Line>& more) const {
  const char delimiter = options_.format == MoleculeListFormat::kCsv ? ',' : '\t';
  return std::any_of(more.begin(), more.end(), [&](const Line& line) {
    const Fields fields = split_delimited(line.text, delimiter);
    // Where a cell from the line before ends, a quote follows its text.
    const bool stray = std::any_of(fields.values.begin(), fields.values.end(),
                                   [](const auto& f) { return f.find('"') != std::string::npos; });
    return fields.values.size() > 1 && fields.values.size() == n_columns_ && !stray &&
           smiles_column_ < fields.values.size() && may_be_smiles(fields.values[smiles_column_]);
  });
}

std::size_t MoleculeListReader::find_column(const std::string& wanted,
                                            const std::vector<std::string>& usual,
                                            std::size_t without_header) const {
  if (wanted.empty() && header_.empty()) return without_header;
  for (std::size_t i = 0; i < header_.size(); ++i)
    if (wanted.empty() ? contains(usual, header_[i]) : engine::trimmed(header_[i]) == wanted)
      return i;
  if (wanted.empty()) return kNoColumn;
  const bool number =
      wanted.size() < 7 && std::all_of(wanted.begin(), wanted.end(), engine::is_digit);
  if (number && std::stoul(wanted) > 0) return std::stoul(wanted) - 1;
  std::string list;
  for (const std::string& column : header_)
    list += (list.empty() ? "" : ", ") + engine::trimmed(column);
  throw InputError(
      name_ + ": there is no column '" + wanted + "'; " +
      (header_.empty() ? "it has no header, name columns by their number" : "it has: " + list));
}

void MoleculeListReader::find_columns() {
  smiles_column_ = find_column(options_.smiles_column, usual_smiles_columns(), 0);
  name_column_ = find_column(options_.name_column, usual_name_columns(), 1);
  if (smiles_column_ != kNoColumn) return;
  std::string list;
  for (const std::string& column : header_)
    list += (list.empty() ? "" : ", ") + engine::trimmed(column);
  throw InputError(name_ + ": which column holds SMILES strings? It has: " + list +
                   "; say so with --smiles-col");
}

std::optional<MoleculeLine> MoleculeListReader::next() {
  std::optional<Row> row = std::move(first_row_);
  first_row_.reset();
  if (!row) row = next_row();
  if (!row) return std::nullopt;
  MoleculeLine molecule;
  molecule.line = row->line;
  molecule.text = std::move(row->text);
  molecule.problem = std::move(row->problem);
  if (!molecule.problem.empty()) return molecule;
  const auto field = [&](std::size_t column) {
    return column < row->fields.size() ? engine::trimmed(row->fields[column]) : std::string();
  };
  if (smiles_column_ >= row->fields.size())
    molecule.problem = "it has " + std::to_string(row->fields.size()) +
                       " columns, the SMILES string is expected in column " +
                       std::to_string(smiles_column_ + 1);
  else if (!header_.empty() && options_.format != MoleculeListFormat::kSmiles &&
           count_filled(row->fields) > header_.size())
    molecule.problem = "it has " + std::to_string(count_filled(row->fields)) +
                       " cells, the header names " + std::to_string(header_.size()) +
                       "; put cells that hold the separator into quotes";
  molecule.smiles = field(smiles_column_);
  molecule.name = field(name_column_);
  return molecule;
}

}  // namespace saltus::io
