#include "io/formats/structure_text.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/utf8.h"
#include "engine/system/elements.h"

namespace saltus::io {

using engine::InputError;
using engine::kAngstromPerNm;

namespace {

/// On one line, without control characters, and never what ends a record.
std::string one_line(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const engine::Utf8Character character = engine::utf8_character(text, i);
    const bool control = character.code < ' ' || character.code == 0x7F ||
                         (character.size == 2 && character.code < 0xA0);
    for (std::size_t k = 0; control && k < character.size; ++k) text[i + k] = ' ';
  }
  return text.compare(0, 4, "$$$$") == 0 ? " " + text : text;
}

void refuse_what_does_not_fit(const std::string& title, const engine::MoleculeTable& molecule,
                              engine::Span<const double> x) {
  if (molecule.atoms.size() > kMaxV2000Atoms || molecule.bonds.size() > kMaxV2000Atoms)
    throw InputError("'" + title + "': an SD file (V2000) holds at most 999 atoms and bonds");
  constexpr double kMaxAngstrom = 9999.0;  // angstrom, in ten columns
  for (const double value : x)
    if (!(std::abs(value * kAngstromPerNm) < kMaxAngstrom))
      throw InputError("'" + title + "': a coordinate does not fit into an SD file");
}

/// "M  CHG" lines and their like: up to eight atoms each.
std::string property_lines(const char* name,
                           const std::vector<std::pair<std::size_t, int>>& values) {
  constexpr std::size_t kMaxPerLine = 8;
  std::string text;
  for (std::size_t first = 0; first < values.size(); first += kMaxPerLine) {
    const std::size_t n = std::min(kMaxPerLine, values.size() - first);
    text += fmt::format(FMT_STRING("M  {}{:3}"), name, n);
    for (std::size_t i = first; i < first + n; ++i)
      text += fmt::format(FMT_STRING(" {:3} {:3}"), values[i].first, values[i].second);
    text += "\n";
  }
  return text;
}

std::string properties(const engine::MoleculeTable& molecule) {
  std::vector<std::pair<std::size_t, int>> charges, isotopes, radicals;
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i) {
    const auto& atom = molecule.atoms[i];
    if (atom.charge != 0) charges.emplace_back(i + 1, atom.charge);
    if (atom.isotope != 0) isotopes.emplace_back(i + 1, atom.isotope);
    // The format counts multiplicities: doublet 2, triplet 3.
    if (atom.n_unpaired == 1 || atom.n_unpaired == 2)
      radicals.emplace_back(i + 1, atom.n_unpaired + 1);
  }
  return property_lines("CHG", charges) + property_lines("RAD", radicals) +
         property_lines("ISO", isotopes);
}

}  // namespace

std::string sdf_record(const std::string& title, const std::string& program,
                       const engine::MoleculeTable& molecule, engine::Span<const double> x,
                       const std::vector<std::pair<std::string, std::string>>& fields) {
  refuse_what_does_not_fit(title, molecule, x);
  std::string text = one_line(title) + "\n";
  text += fmt::format(FMT_STRING("  {:<8.8}          3D\n\n"), program);
  text += fmt::format(FMT_STRING("{:3}{:3}  0  0  0  0  0  0  0  0999 V2000\n"),
                      molecule.atoms.size(), molecule.bonds.size());
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i)
    text += fmt::format(
        FMT_STRING("{:>10.4f}{:>10.4f}{:>10.4f} {:<3} 0  0  0  0  0  0  0  0  0  0  0  0\n"),
        kAngstromPerNm * x[3 * i], kAngstromPerNm * x[3 * i + 1], kAngstromPerNm * x[3 * i + 2],
        engine::element_symbol(molecule.atoms[i].atomic_number));
  for (const auto& bond : molecule.bonds)
    text +=
        fmt::format(FMT_STRING("{:3}{:3}{:3}  0\n"), bond.first + 1, bond.second + 1, bond.order);
  text += properties(molecule) + "M  END\n";
  for (const auto& [name, value] : fields)
    text += ">  <" + one_line(name) + ">\n" + one_line(value) + "\n\n";
  return text + "$$$$\n";
}

std::string xyz_frame(const std::string& comment, const engine::MoleculeTable& molecule,
                      engine::Span<const double> x) {
  std::string text = std::to_string(molecule.atoms.size()) + "\n" + one_line(comment) + "\n";
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i)
    text += fmt::format(FMT_STRING("{:<2} {:>14.6f} {:>14.6f} {:>14.6f}\n"),
                        engine::element_symbol(molecule.atoms[i].atomic_number),
                        kAngstromPerNm * x[3 * i], kAngstromPerNm * x[3 * i + 1],
                        kAngstromPerNm * x[3 * i + 2]);
  return text;
}

}  // namespace saltus::io
