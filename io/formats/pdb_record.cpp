#include "io/formats/pdb_record.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"

namespace saltus::io {

namespace {

constexpr std::size_t kLastCoordinateColumn = 54;

template <class T>
std::optional<T> parse_whole(const std::string& text) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+') ++begin;
  T value{};
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end || begin == end) return std::nullopt;
  return value;
}

bool has_letters_only(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isalpha(c) != 0; });
}

std::string columns(std::size_t first, std::size_t last) {
  return "columns " + std::to_string(first) + "-" + std::to_string(last);
}

}  // namespace

PdbLine::PdbLine(const std::string& path, std::size_t number, const std::string& text)
    : path_(path), number_(number), text_(text) {
  if (!text_.empty() && text_.back() == '\r') text_.pop_back();
}

std::string PdbLine::where() const { return path_ + ":" + std::to_string(number_); }

void PdbLine::fail(const std::string& what) const {
  throw engine::InputError(where() + ": " + what);
}

std::string PdbLine::field(std::size_t first, std::size_t last) const {
  if (text_.size() < first) return "";
  const std::string raw = text_.substr(first - 1, last - first + 1);
  constexpr unsigned char kFirstPrintable = 0x20, kLastPrintable = 0x7e;
  if (std::any_of(raw.begin(), raw.end(),
                  [](unsigned char c) { return c < kFirstPrintable || c > kLastPrintable; }))
    fail(columns(first, last) + ": expected printable ASCII characters, as PDB files have");
  const std::size_t start = raw.find_first_not_of(' ');
  if (start == std::string::npos) return "";
  return raw.substr(start, raw.find_last_not_of(' ') - start + 1);
}

double PdbLine::number(std::size_t first, std::size_t last, const char* what) const {
  const std::string text = field(first, last);
  const std::optional<double> value = parse_whole<double>(text);
  if (!value || !std::isfinite(*value))
    fail(std::string(what) + " in " + columns(first, last) + " is '" + text +
         "', expected a finite number");
  return *value;
}

int PdbLine::integer(std::size_t first, std::size_t last, const char* what) const {
  const std::string text = field(first, last);
  const std::optional<int> value = parse_whole<int>(text);
  if (!value)
    fail(std::string(what) + " in " + columns(first, last) + " is '" + text +
         "', expected an integer");
  return *value;
}

PdbAtomRecord PdbLine::atom() const {
  if (record() != "ATOM" && record() != "HETATM")
    fail("the record name in columns 1-6 is '" + record() + "', expected ATOM or HETATM");
  if (text_.size() < kLastCoordinateColumn)
    fail("the " + record() + " record ends at column " + std::to_string(text_.size()) +
         ", before its coordinates do (column 54)");
  if (text_.find('\t') != std::string::npos)
    fail("the " + record() + " record contains a tab, expected fixed columns");
  PdbAtomRecord atom;
  atom.serial = field(7, 11);
  atom.name = field(13, 16);
  if (atom.name.empty()) fail("the atom name in columns 13-16 is missing");
  atom.name_starts_early = text_[12] != ' ';
  atom.alternate_location = text_[16];
  atom.residue_name = field(18, 21);
  if (atom.residue_name.empty()) fail("the residue name in columns 18-20 is missing");
  // Four-letter residue names reach into column 21, which the format leaves blank.
  atom.chain = field(22, 22);
  atom.residue_number = integer(23, 26, "the residue number");
  atom.insertion_code = field(27, 27);
  atom.position_nm = {number(31, 38, "x") * engine::kNmPerAngstrom,
                      number(39, 46, "y") * engine::kNmPerAngstrom,
                      number(47, 54, "z") * engine::kNmPerAngstrom};
  if (!field(55, 60).empty()) atom.occupancy = number(55, 60, "the occupancy");
  const std::string element = field(77, 78);
  if (has_letters_only(element)) atom.element = element;
  atom.line = number_;
  return atom;
}

std::vector<std::string> PdbLine::connected_serials() const {
  constexpr std::size_t kFields = 5, kWidth = 5, kFirstColumn = 7;
  std::vector<std::string> serials;
  for (std::size_t n = 0; n < kFields; ++n) {
    const std::size_t first = kFirstColumn + n * kWidth;
    const std::string serial = field(first, first + kWidth - 1);
    if (!serial.empty()) serials.push_back(serial);
  }
  if (serials.size() < 2) fail("the CONECT record names fewer than two atoms");
  return serials;
}

int element_of_record(const PdbAtomRecord& record, bool alone_in_residue) {
  if (!record.element.empty()) return engine::atomic_number_of(record.element);
  const std::size_t start =
      record.name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  if (start == std::string::npos) return 0;
  const std::string two = record.name.substr(start, 2);
  const int two_letters = has_letters_only(two) ? engine::atomic_number_of(two) : 0;
  // Two letters are an element in an ion, and for halogens that start where two-letter elements do.
  constexpr int kChlorine = 17, kBromine = 35;
  const bool is_halogen = two_letters == kChlorine || two_letters == kBromine;
  if (two.size() == 2 && two_letters > 0 &&
      (alone_in_residue || (is_halogen && record.name_starts_early)))
    return two_letters;
  return engine::atomic_number_of(record.name.substr(start, 1));
}

}  // namespace saltus::io
