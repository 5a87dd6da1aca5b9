#include <regex>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "forcefields/amber/prmtop_sections_detail.h"
#include "forcefields/amber/text_lines_detail.h"

namespace saltus::forcefields::detail {

PrmtopSections::PrmtopSections(const std::string& path) : path_(path) {
  read(read_text_lines(path));
}

void PrmtopSections::read(const std::vector<std::string>& lines) {
  if (lines.empty() || !engine::starts_with(lines.front(), "%VERSION"))
    fail_at(
        1,
        "expected a line that starts with %VERSION; this is not a prmtop file, or one from before "
        "AMBER 7 (read and write it once with ParmEd to bring it up to date)");
  for (std::size_t n = 1; n < lines.size(); ++n) {
    const std::string& line = lines[n];
    if (engine::starts_with(line, "%FLAG"))
      start_section(line, n + 1);
    else if (engine::starts_with(line, "%FORMAT"))
      read_format(line, n + 1);
    else if (engine::starts_with(line, "%COMMENT"))
      continue;
    else if (engine::starts_with(line, "%"))
      fail_at(n + 1, "unknown directive \"" + line.substr(0, line.find(' ')) +
                         "\", expected %FLAG, %FORMAT or %COMMENT");
    else if (!engine::trimmed(line).empty())
      read_fields(line, n + 1);
  }
  if (names_.empty()) fail_at(1, "the file has no %FLAG, expected the sections of a prmtop file");
}

void PrmtopSections::start_section(const std::string& line, std::size_t number) {
  const std::string name = engine::trimmed(line.substr(std::string("%FLAG").size()));
  if (name.empty()) fail_at(number, "%FLAG without a name");
  Section section;
  section.line = number;
  if (!sections_.emplace(name, section).second)
    fail_at(number, "section " + name + " is given a second time, first on line " +
                        std::to_string(sections_.at(name).line));
  names_.push_back(name);
}

void PrmtopSections::read_format(const std::string& line, std::size_t number) {
  static const std::regex pattern(
      R"(%FORMAT\s*\(\s*\d*(\(?)[aAiIeEfF](\d{1,4})(\.\d+)?(\)?)\s*\)\s*)");
  constexpr std::size_t kMaxLineLength = 80;  // the regular expression recurses on each character
  std::smatch match;
  if (names_.empty()) fail_at(number, "%FORMAT before the first %FLAG");
  // Mixed fields, (i2,a78), which no section has whose values are read.
  if (names_.back() == "FORCE_FIELD_TYPE") {
    sections_.at(names_.back()).width = kMaxLineLength;
    return;
  }
  if (line.size() > kMaxLineLength || !std::regex_match(line, match, pattern) ||
      match[1].length() != match[4].length() || std::stoul(match[2]) == 0)
    fail_at(number, "cannot read \"" + engine::trimmed(line.substr(0, kMaxLineLength)) +
                        "\", expected a Fortran format such as %FORMAT(5E16.8)");
  sections_.at(names_.back()).width = std::stoul(match[2]);
}

void PrmtopSections::read_fields(const std::string& line, std::size_t number) {
  if (names_.empty()) fail_at(number, "data before the first %FLAG");
  Section& section = sections_.at(names_.back());
  if (section.width == 0)
    fail_at(number, "section " + names_.back() + " has data but no %FORMAT before it");
  const std::string text = line.substr(0, line.find_last_not_of(" \t") + 1);
  for (std::size_t first = 0; first < text.size(); first += section.width)
    section.fields.push_back({engine::trimmed(text.substr(first, section.width)), number});
}

std::vector<long> PrmtopSections::integers(const std::string& section, std::size_t count) const {
  const Section& found = find(section, count);
  std::vector<long> values;
  for (std::size_t n = 0; n < found.fields.size(); ++n) {
    const auto value = parse_integer(found.fields[n].text);
    if (!value) fail(section, n, "\"" + found.fields[n].text + "\", expected an integer");
    values.push_back(*value);
  }
  return values;
}

std::vector<double> PrmtopSections::reals(const std::string& section, std::size_t count) const {
  const Section& found = find(section, count);
  std::vector<double> values;
  for (std::size_t n = 0; n < found.fields.size(); ++n) {
    const auto value = parse_real(found.fields[n].text);
    if (!value) fail(section, n, "\"" + found.fields[n].text + "\", expected a number");
    values.push_back(*value);
  }
  return values;
}

std::vector<std::string> PrmtopSections::strings(const std::string& section,
                                                 std::size_t count) const {
  std::vector<std::string> values;
  for (const Field& field : find(section, count).fields) values.push_back(field.text);
  return values;
}

const PrmtopSections::Section& PrmtopSections::find(const std::string& section) const {
  const auto found = sections_.find(section);
  if (found == sections_.end())
    throw engine::InputError(path_ + ": section " + section + " is missing");
  return found->second;
}

const PrmtopSections::Section& PrmtopSections::find(const std::string& section,
                                                    std::size_t count) const {
  const Section& found = find(section);
  if (found.fields.size() != count)
    fail(section, "has " + std::to_string(found.fields.size()) + " values, expected " +
                      std::to_string(count));
  return found;
}

void PrmtopSections::fail(const std::string& section, const std::string& what) const {
  fail_at(find(section).line, "section " + section + ": " + what);
}

void PrmtopSections::fail(const std::string& section, std::size_t field,
                          const std::string& what) const {
  fail_at(find(section).fields.at(field).line,
          "section " + section + ", value " + std::to_string(field + 1) + ": " + what);
}

void PrmtopSections::fail_at(std::size_t line, const std::string& what) const {
  throw engine::InputError(path_ + ":" + std::to_string(line) + ": " + what);
}

}  // namespace saltus::forcefields::detail
