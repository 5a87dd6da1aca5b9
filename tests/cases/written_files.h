#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

/// What tests read of the files that `saltus conformers` writes; by no code of the program.
namespace saltus::tests {

/// A row of a CSV table by the names of its columns.
using TableRow = std::map<std::string, std::string>;

/// The rows of a CSV table, quotes as in RFC 4180.
std::vector<TableRow> parse_table(const std::string& text);

using Point = std::array<double, 3>;  ///< angstrom

/// A record of an SD file (V2000).
struct WrittenMolecule {
  std::string name;
  std::vector<Point> x;
  std::map<std::string, std::string> fields;
};

std::vector<WrittenMolecule> parse_sd_file(const std::string& text);

Point minus(const Point& a, const Point& b);
double dot(const Point& a, const Point& b);
Point cross(const Point& a, const Point& b);

/// Degrees, of four points.
double dihedral(const Point& a, const Point& b, const Point& c, const Point& d);

}  // namespace saltus::tests
