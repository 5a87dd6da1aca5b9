#include "io/formats/mol_block_text.h"

#include <fmt/format.h>

#include "engine/core/units.h"
#include "engine/system/elements.h"
#include "io/formats/visible_text.h"

namespace saltus::io {

namespace {

std::string atom_line(std::size_t number, const engine::MoleculeTable::Atom& atom,
                      const double* x) {
  using engine::kAngstromPerNm;
  std::string line = fmt::format(FMT_STRING("M  V30 {} {} {:.6f} {:.6f} {:.6f} 0"), number,
                                 engine::element_symbol(atom.atomic_number), kAngstromPerNm * x[0],
                                 kAngstromPerNm * x[1], kAngstromPerNm * x[2]);
  if (atom.charge != 0) line += fmt::format(FMT_STRING(" CHG={}"), atom.charge);
  // The format counts multiplicities: doublet 2, triplet 3.
  if (atom.n_unpaired == 1 || atom.n_unpaired == 2)
    line += fmt::format(FMT_STRING(" RAD={}"), atom.n_unpaired + 1);
  if (atom.isotope != 0) line += fmt::format(FMT_STRING(" MASS={}"), atom.isotope);
  return line + "\n";
}

}  // namespace

std::string mol_block(const std::string& title, const engine::MoleculeTable& molecule,
                      engine::Span<const double> x) {
  std::string text = visible_text(title) + "\n  Saltus            3D\n\n" +
                     "  0  0  0     0  0            999 V3000\nM  V30 BEGIN CTAB\n";
  text += fmt::format(FMT_STRING("M  V30 COUNTS {} {} 0 0 0\nM  V30 BEGIN ATOM\n"),
                      molecule.atoms.size(), molecule.bonds.size());
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i)
    text += atom_line(i + 1, molecule.atoms[i], x.data() + 3 * i);
  text += "M  V30 END ATOM\nM  V30 BEGIN BOND\n";
  for (std::size_t b = 0; b < molecule.bonds.size(); ++b)
    text += fmt::format(FMT_STRING("M  V30 {} {} {} {}\n"), b + 1, molecule.bonds[b].order,
                        molecule.bonds[b].first + 1, molecule.bonds[b].second + 1);
  return text + "M  V30 END BOND\nM  V30 END CTAB\nM  END\n";
}

}  // namespace saltus::io
