#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace saltus::forcefields::detail {

/// The sections of a prmtop file: %FLAG name, %FORMAT(count type width) or %FORMAT(count(type
/// width)), lines of fields of that width. Numbers are checked when asked for. Every error is an
/// InputError that starts with file:line and names the section.
/// Source: https://ambermd.org/prmtop.pdf
class PrmtopSections {
 public:
  /// @throws FileError   when the file cannot be read
  /// @throws InputError  when it is not such a file
  explicit PrmtopSections(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& section) const { return sections_.count(section) > 0; }
  std::size_t size(const std::string& section) const { return find(section).fields.size(); }

  /// All fields; there must be `count` of them.
  std::vector<long> integers(const std::string& section, std::size_t count) const;
  std::vector<double> reals(const std::string& section, std::size_t count) const;
  std::vector<std::string> strings(const std::string& section, std::size_t count) const;

  [[noreturn]] void fail(const std::string& section, const std::string& what) const;
  /// As above, at the line of one field.
  [[noreturn]] void fail(const std::string& section, std::size_t field,
                         const std::string& what) const;

 private:
  struct Field {
    std::string text;
    std::size_t line = 0;
  };
  struct Section {
    std::size_t line = 0, width = 0;  ///< width 0: no %FORMAT yet
    std::vector<Field> fields;
  };

  void read(const std::vector<std::string>& lines);
  void start_section(const std::string& line, std::size_t number);
  void read_format(const std::string& line, std::size_t number);
  void read_fields(const std::string& line, std::size_t number);
  [[noreturn]] void fail_at(std::size_t line, const std::string& what) const;
  const Section& find(const std::string& section) const;
  const Section& find(const std::string& section, std::size_t count) const;

  std::string path_;
  std::vector<std::string> names_;  ///< in the order of the file
  std::map<std::string, Section> sections_;
};

}  // namespace saltus::forcefields::detail
