#include "forcefields/chem/pdb_text.h"

#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/MonomerInfo.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>

#include "engine/core/error.h"
#include "engine/core/one_line.h"
#include "engine/core/units.h"
#include "engine/system/atom_names.h"
#include "engine/system/elements.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

using engine::kAngstromPerNm;

namespace {

/// As much of a title as a line has room for.
std::string short_line(const std::string& text) {
  constexpr std::size_t kMaxLength = 60;
  return engine::one_line(text).substr(0, kMaxLength);
}

/// Four columns: symbols of one letter begin in the second one, unless four are needed.
std::string padded_name(const std::string& name, int atomic_number) {
  constexpr std::size_t kColumns = 4;
  const bool shifted = engine::element_symbol(atomic_number).size() == 1 && name.size() < kColumns;
  std::string padded = (shifted ? " " : "") + name;
  padded.resize(kColumns, ' ');
  return padded;
}

RDKit::RWMol graph_of(const engine::MoleculeTable& molecule) {
  RDKit::RWMol graph;
  std::vector<int> elements;
  for (const auto& atom : molecule.atoms) elements.push_back(atom.atomic_number);
  const std::vector<std::string> names = engine::unique_atom_names(elements);
  constexpr bool kUpdateLabel = false, kTakeOwnership = true;
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i) {
    auto atom = std::make_unique<RDKit::Atom>(molecule.atoms[i].atomic_number);
    atom->setFormalCharge(molecule.atoms[i].charge);
    atom->setNoImplicit(true);
    auto info = std::make_unique<RDKit::AtomPDBResidueInfo>(padded_name(names[i], elements[i]),
                                                            static_cast<int>(i + 1), "", "UNL", 1);
    info->setIsHeteroAtom(true);
    atom->setMonomerInfo(info.release());
    graph.addAtom(atom.release(), kUpdateLabel, kTakeOwnership);
  }
  for (const auto& bond : molecule.bonds)
    graph.addBond(static_cast<unsigned>(bond.first), static_cast<unsigned>(bond.second),
                  bond.order == 3   ? RDKit::Bond::TRIPLE
                  : bond.order == 2 ? RDKit::Bond::DOUBLE
                                    : RDKit::Bond::SINGLE);
  constexpr bool kStrict = false;
  graph.updatePropertyCache(kStrict);
  RDKit::MolOps::symmetrizeSSSR(graph);
  return graph;
}

void refuse_what_does_not_fit(const std::string& title, engine::ConstCoordinates frames) {
  constexpr double kMaxAngstrom = 999.0;  // eight columns, three decimals, a sign
  for (std::size_t i = 0; i < 3 * frames.n_chains * frames.n_atoms; ++i)
    if (!(std::abs(frames.data[i] * kAngstromPerNm) < kMaxAngstrom))
      throw engine::InputError("'" + title + "': a coordinate does not fit into a PDB file");
}

void add_frames(engine::ConstCoordinates frames, RDKit::RWMol& graph) {
  constexpr bool kNumber = true;
  for (std::size_t f = 0; f < frames.n_chains; ++f) {
    const engine::Span<const double> x = frames.chain(f);
    auto conformer = std::make_unique<RDKit::Conformer>(graph.getNumAtoms());
    for (unsigned i = 0; i < graph.getNumAtoms(); ++i)
      conformer->setAtomPos(i, {x[3 * i] * kAngstromPerNm, x[3 * i + 1] * kAngstromPerNm,
                                x[3 * i + 2] * kAngstromPerNm});
    conformer->set3D(true);
    graph.addConformer(conformer.release(), kNumber);
  }
}

std::string model_line(std::size_t number) {
  constexpr std::size_t kColumns = 9;
  const std::string text = std::to_string(number);
  return "MODEL" + std::string(kColumns - std::min(kColumns - 1, text.size()), ' ') + text + "\n";
}

/// The lines of a block that begin with a word.
std::string lines_of(const std::string& block, const std::string& word) {
  std::string found;
  for (std::size_t begin = 0; begin < block.size();) {
    const std::size_t end = std::min(block.find('\n', begin), block.size() - 1) + 1;
    if (block.compare(begin, word.size(), word) == 0) found += block.substr(begin, end - begin);
    begin = end;
  }
  return found;
}

}  // namespace

std::string pdb_models(const std::string& title, const std::vector<std::string>& remarks,
                       const engine::MoleculeTable& molecule, engine::ConstCoordinates frames) {
  refuse_what_does_not_fit(title, frames);
  return detail::translate_errors("'" + title + "'", [&] {
    RDKit::RWMol graph = graph_of(molecule);
    add_frames(frames, graph);
    std::string text = "COMPND    " + short_line(title) + "\n";
    for (const std::string& remark : remarks) text += "REMARK   6 " + short_line(remark) + "\n";
    for (std::size_t f = 0; f < frames.n_chains; ++f) {
      const std::string block = RDKit::MolToPDBBlock(graph, static_cast<int>(f));
      text += model_line(f + 1) + lines_of(block, "HETATM");
      // Once: repeated bonds mean double ones. RDKit and Open Babel see those of the first model
      // only.
      if (f == 0) text += lines_of(block, "CONECT");
      text += "ENDMDL\n";
    }
    return text + "END\n";
  });
}

}  // namespace saltus::forcefields
