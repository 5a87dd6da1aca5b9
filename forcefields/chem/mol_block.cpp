#include "forcefields/chem/mol_block.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/core/counted.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/system/elements.h"
#include "forcefields/chem/mol_block_detail.h"

namespace saltus::forcefields {

namespace detail {

MolLines::MolLines(const std::string& record, const MolPlace& place) : place_(place) {
  for (std::size_t at = 0; at < record.size();) {
    const std::size_t end = std::min(record.find('\n', at), record.size());
    lines_.push_back(record.substr(at, end - at));
    if (!lines_.back().empty() && lines_.back().back() == '\r') lines_.back().pop_back();
    at = end + 1;
  }
}

bool MolLines::is_blank(std::size_t line) const { return engine::trimmed(lines_[line]).empty(); }

void MolLines::refuse(std::size_t line, std::size_t column, const std::string& problem) const {
  throw engine::InputError(place_.path + ":" + std::to_string(place_.first_line + line) +
                           (column > 0 ? ":" + std::to_string(column) : "") + ": molecule " +
                           std::to_string(place_.record) + " is not mol data: " + problem);
}

void MolLines::refuse_end(const std::string& expected) const {
  refuse(lines_.empty() ? 0 : lines_.size() - 1, 0, "it ends here, expected " + expected);
}

long MolLines::integer(std::size_t line, std::size_t column, const std::string& text,
                       const char* what) const {
  const std::string number = engine::trimmed(text);
  long value = 0;
  const char* begin = number.data() + (number.size() > 1 && number[0] == '+' ? 1 : 0);
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (number.empty() || error != std::errc() || stop != end)
    refuse(
        line, column,
        "expected " + std::string(what) + ", a whole number, got '" + engine::trimmed(text) + "'");
  return value;
}

long MolLines::integer(std::size_t line, std::size_t column, const std::string& text,
                       const char* what, std::pair<long, long> range) const {
  const long value = integer(line, column, text, what);
  if (value < range.first || value > range.second)
    refuse(line, column,
           "expected " + std::string(what) + " from " + std::to_string(range.first) + " to " +
               std::to_string(range.second) + ", got " + std::to_string(value));
  return value;
}

double MolLines::coordinate(std::size_t line, std::size_t column, const std::string& text) const {
  constexpr double kFarthest = 1e5;  // angstrom; what ten columns with four decimals hold
  const std::string number = engine::trimmed(text);
  const char* begin = number.data() + (number.size() > 1 && number[0] == '+' ? 1 : 0);
  const char* end = number.data() + number.size();
  double value = 0.0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  const bool huge = error == std::errc::result_out_of_range;
  if (number.empty() || stop != end || (error != std::errc() && !huge))
    refuse(line, column, "expected a coordinate, a number, got '" + number + "'");
  if (!huge && !std::isfinite(value))
    refuse(line, column, "the coordinate " + number + " is not finite; correct the file");
  if (huge || std::abs(value) > kFarthest)
    refuse(line, column,
           "the coordinate " + number + " lies beyond 100000 angstrom; correct the file");
  return value;
}

void MolLines::check_symbol(std::size_t line, std::size_t column, const std::string& symbol) const {
  // Beyond those that Saltus knows, and what stands for one of several; both are refused by name.
  static const std::set<std::string> kOthers = {
      "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg",  "Cn",  "Nh",  "Fl", "Mc",
      "Lv", "Ts", "Og", "A",  "Q",  "L",  "*",  "LP",  "R",   "R#",  "X",  "M",
      "AH", "QH", "XH", "MH", "D",  "T",  "Du", "Gly", "Ala", "Pol", "Mod"};
  const bool r_group = symbol.size() > 1 && symbol[0] == 'R' &&
                       symbol.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!r_group && engine::atomic_number_of(symbol) == 0 && kOthers.count(symbol) == 0)
    refuse(line, column, "'" + symbol + "' is not an element");
}

void BondSet::add(std::size_t line, long first, long second) {
  if (first == second)
    lines_.refuse(line, 0, "a bond of atom " + std::to_string(first) + " with itself");
  if (!seen_.insert(std::minmax(first, second)).second)
    lines_.refuse(line, 0,
                  "atoms " + std::to_string(first) + " and " + std::to_string(second) +
                      " are bonded by an earlier line already");
}

}  // namespace detail

namespace {

using detail::MolLines;

constexpr std::size_t kCountsLine = 3;

/// Columns first to last, both from 1, as far as the line has them.
std::string columns(const std::string& line, std::size_t first, std::size_t last) {
  return line.size() < first ? "" : line.substr(first - 1, last + 1 - first);
}

/// Checks a V2000 table.
class V2000 {
 public:
  V2000(const MolLines& lines, MolBlock& block, std::vector<bool>& dropped)
      : lines_(lines), block_(block), dropped_(dropped) {}

  void check() {
    const std::string& counts = lines_[kCountsLine];
    const std::pair<long, long> range = {0, 999};
    block_.n_atoms = static_cast<std::size_t>(lines_.integer(
        kCountsLine, 1, columns(counts, 1, 3), "the number of atoms in columns 1-3", range));
    block_.n_bonds = static_cast<std::size_t>(lines_.integer(
        kCountsLine, 4, columns(counts, 4, 6), "the number of bonds in columns 4-6", range));
    n_lists_ = engine::trimmed(columns(counts, 7, 9)).empty()
                   ? 0
                   : lines_.integer(kCountsLine, 7, columns(counts, 7, 9),
                                    "the number of atom lists in columns 7-9", range);
    at_ = kCountsLine + 1;
    for (std::size_t i = 0; i < block_.n_atoms; ++i) atom(i);
    detail::BondSet bonds(lines_);
    for (std::size_t i = 0; i < block_.n_bonds; ++i) bond(i, bonds);
    properties();
    if (flat_ && wedged_ && columns(lines_[1], 21, 22) == "3D") block_.remarks.push_back(kDrawing);
  }

  static constexpr const char* kDrawing =
      "it is tagged 3D, but all z are 0 and there are wedges: read as 2D";

 private:
  std::string counts_text() const {
    return "; the counts line says " + engine::counted(block_.n_atoms, "atom") + " and " +
           engine::counted(block_.n_bonds, "bond");
  }
  /// Whether the line that must come next is there.
  void expect_line(const std::string& what) const {
    if (at_ >= lines_.size()) lines_.refuse_end(what + counts_text());
    if (engine::starts_with(lines_[at_], "M  ") || lines_.is_blank(at_) ||
        engine::starts_with(lines_[at_], ">"))
      lines_.refuse(at_, 0, "expected " + what + counts_text());
  }

  void atom(std::size_t i) {
    const std::string what = "atom " + std::to_string(i + 1);
    expect_line(what);
    const std::string& line = lines_[at_];
    for (const std::size_t first : {1, 11, 21}) {
      const double x = lines_.coordinate(at_, first, columns(line, first, first + 9));
      if (first == 21 && x != 0.0) flat_ = false;
    }
    const std::string symbol = engine::trimmed(columns(line, 32, 34));
    if (symbol.empty())
      lines_.refuse(at_, 32, "expected the element of " + what + " in columns 32-34");
    lines_.check_symbol(at_, 32, symbol);
    optional_integers(35, 36, 36);
    optional_integers(37, 69, 39);
    ++at_;
  }

  /// Numbers of three columns that may be missing, the first of which ends in a column.
  void optional_integers(std::size_t first, std::size_t last, std::size_t end) const {
    const std::string& line = lines_[at_];
    for (std::size_t begin = first; begin <= last; begin = end + 1, end += 3) {
      const std::string text = columns(line, begin, end);
      if (!engine::trimmed(text).empty()) lines_.integer(at_, begin, text, "a property");
    }
  }

  void bond(std::size_t i, detail::BondSet& bonds) {
    expect_line("bond " + std::to_string(i + 1));
    const std::string& line = lines_[at_];
    const std::pair<long, long> range = {1, static_cast<long>(block_.n_atoms)};
    const long first = lines_.integer(at_, 1, columns(line, 1, 3), "an atom in columns 1-3", range);
    const long second =
        lines_.integer(at_, 4, columns(line, 4, 6), "an atom in columns 4-6", range);
    lines_.integer(at_, 7, columns(line, 7, 9), "a bond type in columns 7-9", {0, 10});
    optional_integers(10, 21, 12);
    const std::string stereo = engine::trimmed(columns(line, 10, 12));
    wedged_ = wedged_ || stereo == "1" || stereo == "6";
    bonds.add(at_, first, second);
    ++at_;
  }

  void properties() {
    for (long i = 0;
         i < n_lists_ && at_ < lines_.size() && !engine::starts_with(lines_[at_], "M  "); ++i)
      ++at_;
    for (; at_ < lines_.size(); ++at_) {
      const std::string& line = lines_[at_];
      if (engine::starts_with(line, "M  END")) return;
      if (lines_.is_blank(at_)) {
        dropped_[at_] = true;
      } else if (engine::starts_with(line, "M  CHG")) {
        pairs("a charge", {-15, 15});
      } else if (engine::starts_with(line, "M  RAD")) {
        pairs("a kind of radical", {0, 3});
      } else if (engine::starts_with(line, "M  ISO")) {
        pairs("a mass number", {0, 999});
      } else if (engine::starts_with(line, "M  ALS")) {
        atom_list();
      } else if (engine::starts_with(line, "A  ") || engine::starts_with(line, "G  ")) {
        ++at_;  // the text of an alias
      } else if (engine::starts_with(line, "S  SKP")) {
        at_ += static_cast<std::size_t>(lines_.integer(
            at_, 7, columns(line, 7, 9), "a number of lines in columns 7-9", {0, 999}));
      } else if (!engine::starts_with(line, "M  ") && !engine::starts_with(line, "V  ")) {
        lines_.refuse(at_, 0,
                      "expected a line of properties or M  END, got '" + line.substr(0, 40) + "'" +
                          counts_text());
      }
    }
    lines_.refuse_end("M  END");
  }

  /// "M  CHGnn8 aaa vvv ...": pairs of an atom and a value, four columns each.
  void pairs(const char* what, std::pair<long, long> range) const {
    const std::string& line = lines_[at_];
    const long n =
        lines_.integer(at_, 7, columns(line, 7, 9), "the number of entries in columns 7-9",
                       {0, static_cast<long>(block_.n_atoms)});
    std::size_t column = 10;
    for (long i = 0; i < n; ++i, column += 8) {
      lines_.integer(at_, column, columns(line, column, column + 3), "an atom in four columns",
                     {1, static_cast<long>(block_.n_atoms)});
      lines_.integer(at_, column + 4, columns(line, column + 4, column + 7), what, range);
    }
    const std::string rest = engine::trimmed(columns(line, column, line.size()));
    if (!rest.empty())
      lines_.refuse(at_, column,
                    "the line gives " + std::to_string(n) +
                        " as the number of its entries, but continues: '" + rest + "'");
  }

  void atom_list() {
    const std::string& line = lines_[at_];
    lines_.integer(at_, 8, columns(line, 8, 10), "an atom in columns 8-10",
                   {1, static_cast<long>(block_.n_atoms)});
    const long n = lines_.integer(at_, 11, columns(line, 11, 13),
                                  "the number of elements in columns 11-13", {0, 16});
    if (n > 0) return;
    dropped_[at_] = true;
    block_.remarks.emplace_back("an atom list without elements is left out");
  }

  const MolLines& lines_;
  MolBlock& block_;
  std::vector<bool>& dropped_;
  std::size_t at_ = 0;
  long n_lists_ = 0;
  bool flat_ = true, wedged_ = false;
};

void refuse_zero_bytes(const MolLines& lines) {
  for (std::size_t i = 0; i < lines.size() && !engine::starts_with(lines[i], "M  END"); ++i)
    if (const std::size_t at = lines[i].find('\0'); at != std::string::npos)
      lines.refuse(i, at + 1, "a zero byte; the file is damaged or not text");
}

}  // namespace

MolBlock check_mol_block(const std::string& record, const MolPlace& place) {
  const MolLines lines(record, place);
  refuse_zero_bytes(lines);
  if (lines.size() <= kCountsLine)
    lines.refuse_end("a counts line as the fourth line of the record");
  const std::string version = columns(lines[kCountsLine], 35, 39);
  MolBlock block;
  std::vector<bool> dropped(lines.size());
  if (version == "V3000")
    detail::check_v3000(lines, block, dropped);
  else if (version == "V2000" || engine::trimmed(version).empty())
    V2000(lines, block, dropped).check();
  else
    lines.refuse(kCountsLine, 35,
                 "expected V2000 or V3000 in columns 35-39, got '" + version + "'");
  const auto drawing = std::find(block.remarks.begin(), block.remarks.end(), V2000::kDrawing);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (dropped[i]) continue;
    std::string line = lines[i];
    if (i == 1 && drawing != block.remarks.end()) line.replace(20, 2, "2D");
    block.text += line + "\n";
    block.line_of_file.push_back(place.first_line + i);
    if (i > kCountsLine && engine::starts_with(line, "M  END")) break;
  }
  return block;
}

}  // namespace saltus::forcefields
