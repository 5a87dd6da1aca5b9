#include "io/formats/pdb_record.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"

namespace saltus::io {

using engine::is_digit;

namespace {

constexpr std::size_t kLastCoordinateColumn = 54, kLastCellColumn = 54;

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

/// Place of the letter that tells the element; npos when the name has none.
std::size_t first_letter(const std::string& name) {
  return name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/// "D" or "T" when a name without element is one of that isotope's: the letter, and after it
/// nothing, a digit or, for deuterium, the letters of places in residues. "DUM" is none.
std::string isotope_of_name(const std::string& name) {
  const std::size_t start = first_letter(name);
  if (start == std::string::npos) return "";
  const char next = start + 1 < name.size() ? name[start + 1] : '0';
  if (name[start] == 'T' && is_digit(next)) return "T";
  const bool is_place = is_digit(next) || std::string("ABGDEZHNO").find(next) != std::string::npos;
  return name[start] == 'D' && is_place ? "D" : "";
}

}  // namespace

std::string PdbAtomName::describe() const {
  return name + " of " + residue_name + " " + std::to_string(residue_number) + insertion_code +
         (chain.empty() ? "" : " of chain " + chain);
}

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
         "', expected a finite number" +
         (text.find(' ') != std::string::npos
              ? "; a number before it may be too wide for its columns"
              : ""));
  return *value;
}

double PdbLine::coordinate(std::size_t first, std::size_t last, const char* what) const {
  const double value = number(first, last, what);
  if (std::abs(value) > kMaxCoordinateAngstrom)
    fail(std::string("the coordinate ") + what + " in " + columns(first, last) + " is '" +
         field(first, last) +
         "' angstrom, which is not a valid coordinate; expected -999.999 to 9999.999, as the "
         "columns "
         "hold");
  return value;
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
  read_residue_number(atom);
  atom.position_nm = {coordinate(31, 38, "x") * engine::kNmPerAngstrom,
                      coordinate(39, 46, "y") * engine::kNmPerAngstrom,
                      coordinate(47, 54, "z") * engine::kNmPerAngstrom};
  if (!field(55, 60).empty()) atom.occupancy = number(55, 60, "the occupancy");
  const std::string element = field(77, 78);
  if (has_letters_only(element)) atom.element = element;
  atom.charge = field(79, 80);
  atom.line = number_;
  return atom;
}

void PdbLine::read_residue_number(PdbAtomRecord& atom) const {
  const std::string code = field(27, 27), wide = field(23, 27);
  constexpr std::size_t kDigitsOfWideNumbers = 5;
  // An insertion code is a letter: a digit belongs to a number that is too wide.
  if (wide.size() == kDigitsOfWideNumbers && std::all_of(wide.begin(), wide.end(), is_digit)) {
    atom.residue_number = integer(23, 27, "the residue number");
    return;
  }
  atom.residue_number = integer(23, 26, "the residue number");
  if (!code.empty() && is_digit(code.front()))
    fail("the insertion code in column 27 is '" + code +
         "', expected a letter or a blank; the fields before it may be shifted");
  atom.insertion_code = code;
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

PdbBox PdbLine::box() const {
  if (text_.size() < kLastCellColumn)
    fail("the CRYST1 record ends at column " + std::to_string(text_.size()) +
         ", before its edges and angles do (column 54)");
  PdbBox box;
  box.line = number_;
  const char* const edges[] = {"edge a", "edge b", "edge c"};
  const char* const angles[] = {"angle alpha", "angle beta", "angle gamma"};
  for (std::size_t n = 0; n < 3; ++n) {
    box.edges_nm[n] = number(7 + 9 * n, 15 + 9 * n, edges[n]) * engine::kNmPerAngstrom;
    box.angles_rad[n] = number(34 + 7 * n, 40 + 7 * n, angles[n]) * engine::kRadianPerDegree;
    if (box.edges_nm[n] < 0.0)
      fail(std::string(edges[n]) + " in " + columns(7 + 9 * n, 15 + 9 * n) +
           " is negative, expected the length of the unit cell in angstrom");
  }
  box.space_group = field(56, 66);
  return box;
}

bool PdbLine::same_copy() const { return field(60, 65) == field(67, 72); }

PdbLink PdbLine::link() const {
  constexpr std::size_t kShift = 30;  // columns from the first atom to the second
  PdbLink link;
  for (std::size_t n = 0; n < 2; ++n) {
    PdbAtomName& atom = n == 0 ? link.first : link.second;
    const std::size_t shift = n * kShift;
    atom.name = field(13 + shift, 16 + shift);
    if (atom.name.empty())
      fail("the " + record() + " record has no atom name in " + columns(13 + shift, 16 + shift));
    const std::string location = field(17 + shift, 17 + shift);
    if (!location.empty()) atom.alternate_location = location.front();
    atom.residue_name = field(18 + shift, 21 + shift);
    atom.chain = field(22 + shift, 22 + shift);
    atom.residue_number = integer(23 + shift, 26 + shift, "the residue number");
    atom.insertion_code = field(27 + shift, 27 + shift);
  }
  link.same_copy = same_copy();
  return link;
}

PdbLink PdbLine::disulfide() const {
  constexpr std::size_t kShift = 14;
  PdbLink link;
  for (std::size_t n = 0; n < 2; ++n) {
    PdbAtomName& atom = n == 0 ? link.first : link.second;
    const std::size_t shift = n * kShift;
    atom.name = "SG";
    atom.residue_name = field(12 + shift, 14 + shift);
    atom.chain = field(16 + shift, 16 + shift);
    atom.residue_number = integer(18 + shift, 21 + shift, "the residue number");
    atom.insertion_code = field(22 + shift, 22 + shift);
  }
  link.same_copy = same_copy();
  return link;
}

bool PdbLine::asks_for_a_copy() const { return field(60, 60) != "1"; }

bool PdbLine::builds_an_assembly() const {
  return field(1, 10) == "REMARK 350" && field(14, 18) == "BIOMT" && field(20, 23) != "1";
}

int element_of_record(const PdbAtomRecord& record, bool alone_in_residue) {
  if (!record.element.empty()) return engine::atomic_number_of(record.element);
  const std::size_t start = first_letter(record.name);
  if (start == std::string::npos) return 0;
  const std::string two = record.name.substr(start, 2);
  const int two_letters = has_letters_only(two) ? engine::atomic_number_of(two) : 0;
  // Two letters are an element in an ion, and for halogens that start where two-letter elements do.
  constexpr int kChlorine = 17, kBromine = 35;
  const bool is_halogen = two_letters == kChlorine || two_letters == kBromine;
  if (two.size() == 2 && two_letters > 0 &&
      (alone_in_residue || (is_halogen && record.name_starts_early)))
    return two_letters;
  const std::string one = record.name.substr(start, 1);
  if (engine::isotope_mass_of(one) > 0.0)
    return engine::atomic_number_of(isotope_of_name(record.name));
  return engine::atomic_number_of(one);
}

bool is_extra_particle(const PdbAtomRecord& record) {
  static const std::set<std::string> kNames = {"M",   "M1",  "M2",  "MW",  "EP",
                                               "EPW", "EP1", "EP2", "LP1", "LP2"};
  return record.element.empty() ? kNames.count(record.name) > 0 : record.element == kExtraParticle;
}

double isotope_mass_of_record(const PdbAtomRecord& record) {
  return engine::isotope_mass_of(record.element.empty() ? isotope_of_name(record.name)
                                                        : record.element);
}

std::string site_name(const PdbAtomRecord& record) {
  std::string name = record.name;
  const std::size_t start = first_letter(name);
  if (start == std::string::npos || isotope_mass_of_record(record) == 0.0) return name;
  if (name[start] == 'D' || name[start] == 'T') name[start] = 'H';
  return name;
}

}  // namespace saltus::io
