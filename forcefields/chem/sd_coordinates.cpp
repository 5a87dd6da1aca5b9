#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "engine/core/error.h"
#include "forcefields/chem/sd_coordinates_detail.h"

namespace saltus::forcefields::detail {

namespace {

constexpr double kLargestAngstrom = 1e5;
constexpr std::size_t kHeaderLines = 4;  // of a V2000 record: title, program, comment, counts

/// Where a coordinate stands.
struct Place {
  std::size_t line = 0;       ///< of the record, from 0
  std::string columns, text;  ///< "columns 11-20" and what is there
};

std::vector<std::string> lines_of(const std::string& record) {
  std::vector<std::string> lines;
  std::istringstream stream(record);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Place place_in_v2000(const std::vector<std::string>& lines, std::size_t atom, std::size_t axis) {
  constexpr std::size_t kWidth = 10;
  const std::size_t index = kHeaderLines + atom, first = axis * kWidth;
  Place place{index, "columns " + std::to_string(first + 1) + "-" + std::to_string(first + kWidth),
              ""};
  if (index < lines.size() && lines[index].size() > first)
    place.text = lines[index].substr(first, kWidth);
  return place;
}

/// "M  V30 index type x y z map": the words are counted.
Place place_in_v3000(const std::vector<std::string>& lines, std::size_t atom, std::size_t axis) {
  constexpr std::size_t kWordsBefore = 4;
  std::size_t index = 0;
  while (index < lines.size() && lines[index].find("BEGIN ATOM") == std::string::npos) ++index;
  index += 1 + atom;
  if (index >= lines.size()) return {};
  std::size_t end = 0, start = 0;
  for (std::size_t word = 0; word <= kWordsBefore + axis; ++word) {
    start = lines[index].find_first_not_of(" \t", end);
    if (start == std::string::npos) return {index, "", ""};
    end = std::min(lines[index].find_first_of(" \t\r", start), lines[index].size());
  }
  return {index, "column " + std::to_string(start + 1), lines[index].substr(start, end - start)};
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

void check_sd_coordinates(const RDKit::Conformer& conformer, const std::string& record,
                          std::size_t first_line, const std::string& path,
                          const std::string& label) {
  for (unsigned atom = 0; atom < conformer.getNumAtoms(); ++atom) {
    const auto& point = conformer.getAtomPos(atom);
    const double x[] = {point.x, point.y, point.z};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (std::abs(x[axis]) <= kLargestAngstrom) continue;
      const std::vector<std::string> lines = lines_of(record);
      const bool v3000 = lines.size() >= kHeaderLines &&
                         lines[kHeaderLines - 1].find("V3000") != std::string::npos;
      const Place place =
          v3000 ? place_in_v3000(lines, atom, axis) : place_in_v2000(lines, atom, axis);
      throw engine::InputError(path + ":" + std::to_string(first_line + place.line) + ": " +
                               place.columns + (place.columns.empty() ? "" : ": ") + label +
                               ": the coordinate " + "xyz"[axis] + " of atom " +
                               std::to_string(atom + 1) + " is '" + trimmed(place.text) +
                               "' angstrom, which is no place of an atom; expected -9999.9999 to "
                               "99999.9999, as the columns hold");
    }
  }
}

}  // namespace saltus::forcefields::detail
