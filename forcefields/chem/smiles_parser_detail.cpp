#include "forcefields/chem/smiles_parser_detail.h"

#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/StereoGroup.h>

#include <algorithm>
#include <optional>

#include "engine/conformers/molecule_status.h"
#include "engine/core/text.h"
#include "forcefields/chem/cxsmiles.h"
#include "forcefields/chem/smiles_text.h"

namespace saltus::forcefields::detail {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

constexpr const char* kNoSmiles =
    "not a SMILES string: a symbol is unknown, or a bracket, ring or branch is left open";

[[noreturn]] void refuse(const std::string& message) {
  throw MoleculeFailure(MoleculeStatus::kParseSyntax, message);
}

/// @param extensions  a CXSMILES block that read_cxsmiles has checked, or nothing
std::unique_ptr<RDKit::RWMol> parse(const std::string& smiles, const std::string& extensions,
                                    bool sanitise) {
  RDKit::SmilesParserParams parameters;
  parameters.sanitize = sanitise;
  parameters.removeHs = sanitise;
  parameters.allowCXSMILES = !extensions.empty();
  parameters.strictCXSMILES = true;
  parameters.parseName = false;
  const std::string text = extensions.empty() ? smiles : smiles + " " + extensions;
  std::unique_ptr<RDKit::RWMol> molecule(RDKit::SmilesToMol(text, parameters));
  if (!molecule) refuse(kNoSmiles);
  return molecule;
}

/// As the parser does itself when it is asked to sanitise.
void sanitise(RDKit::RWMol& molecule) {
  RDKit::MolOps::RemoveHsParameters parameters;
  parameters.updateExplicitCount = true;
  RDKit::MolOps::removeHs(molecule, parameters);
  constexpr bool kClean = true, kForce = true, kFlagPossible = true;
  RDKit::MolOps::assignStereochemistry(molecule, kClean, kForce, kFlagPossible);
}

bool is_marked(const RDKit::RWMol& molecule, std::size_t atom) {
  return molecule.getAtomWithIdx(static_cast<unsigned>(atom))->getChiralTag() !=
         RDKit::Atom::CHI_UNSPECIFIED;
}

void refuse_contradictions(const Cxsmiles& extensions, const RDKit::RWMol& raw) {
  constexpr unsigned kMinBonds = 3;  // of an atom that a wedge can say something about
  for (const std::size_t atom : extensions.wavy)
    if (is_marked(raw, atom))
      refuse("CXSMILES: a wavy bond says that the configuration of atom " + std::to_string(atom) +
             " is unknown, but it is marked with @; leave one of them out");
  for (const std::size_t atom : extensions.wedged)
    if (!is_marked(raw, atom) &&
        raw.getAtomWithIdx(static_cast<unsigned>(atom))->getDegree() >= kMinBonds)
      refuse("CXSMILES: a wedge at atom " + std::to_string(atom) +
             " gives a configuration, which is read from @ and @@ only; mark the atom");
}

unsigned n_radicals(const RDKit::RWMol& molecule) {
  unsigned n = 0;
  for (const RDKit::Atom* atom : molecule.atoms()) n += atom->getNumRadicalElectrons();
  return n;
}

std::size_t n_grouped(const RDKit::RWMol& molecule) {
  std::size_t n = 0;
  for (const RDKit::StereoGroup& group : molecule.getStereoGroups()) n += group.getAtoms().size();
  return n;
}

/// What the block says and the molecule does not have.
void add_remarks(const Cxsmiles& extensions, const RDKit::RWMol& raw, ParsedSmiles& parsed) {
  if (!extensions.left_out.empty())
    parsed.remarks.push_back("CXSMILES: left out: " + engine::joined(extensions.left_out));
  if (extensions.grouped.size() == n_grouped(*parsed.molecule)) return;
  std::vector<std::string> unmarked;
  for (const std::size_t atom : extensions.grouped)
    if (!is_marked(raw, atom)) unmarked.push_back(std::to_string(atom));
  parsed.remarks.push_back(
      unmarked.empty()
          ? "CXSMILES: atoms in groups of stereo centres that are none are left out"
          : "CXSMILES: left out of groups of stereo centres, as not marked with @: atom " +
                engine::joined(unmarked));
}

[[noreturn]] void refuse_radical(const RDKit::Atom& atom) {
  refuse("CXSMILES: the hydrogens and bonds of atom " + std::to_string(atom.getIdx()) +
         " do not fit its radical");
}

/// Radicals that were asked for and are gone: releases after 2022.09 drop those that do not fit.
void refuse_lost_radicals(const RDKit::RWMol& asked, const RDKit::RWMol& molecule) {
  if (n_radicals(molecule) >= n_radicals(asked)) return;
  for (const RDKit::Atom* atom : asked.atoms())
    if (atom->getNumRadicalElectrons() > 0 && atom->getNoImplicit()) refuse_radical(*atom);
  refuse("CXSMILES: a radical does not fit the bonds of its atom");
}

/// Radicals on bracket atoms whose hydrogens and bonds leave no room for them.
void refuse_crowded_radicals(const RDKit::RWMol& molecule) {
  RDKit::RWMol copy(molecule);
  for (RDKit::Atom* atom : copy.atoms())
    if (atom->getNoImplicit()) atom->setNumRadicalElectrons(0);
  RDKit::MolOps::assignRadicals(copy);
  for (const RDKit::Atom* atom : molecule.atoms())
    if (atom->getNumRadicalElectrons() !=
        copy.getAtomWithIdx(atom->getIdx())->getNumRadicalElectrons())
      refuse_radical(*atom);
}

bool is_main_group(const RDKit::Atom* atom) {
  // B to F, Si to Cl, Ge to Br, Te, I: atoms whose valences RDKit checks.
  static const std::vector<int> kNumbers = {5,  6,  7,  8,  9,  13, 14, 15, 16,
                                            17, 31, 32, 33, 34, 35, 51, 52, 53};
  return std::find(kNumbers.begin(), kNumbers.end(), atom->getAtomicNum()) != kNumbers.end();
}

}  // namespace

bool charge_coordinate_bonds(RDKit::RWMol& molecule) {
  bool any = false;
  for (RDKit::Bond* bond : molecule.bonds()) {
    RDKit::Atom *donor = bond->getBeginAtom(), *acceptor = bond->getEndAtom();
    if (bond->getBondType() != RDKit::Bond::DATIVE || !is_main_group(donor) ||
        !is_main_group(acceptor))
      continue;
    bond->setBondType(RDKit::Bond::SINGLE);
    donor->setFormalCharge(donor->getFormalCharge() + 1);
    acceptor->setFormalCharge(acceptor->getFormalCharge() - 1);
    any = true;
  }
  return any;
}

ParsedSmiles parse_smiles_text(const std::string& text, std::size_t max_atoms) {
  const SmilesText parts = split_smiles(text);
  const std::size_t n_atoms = count_smiles_atoms(parts.smiles);
  const auto refuse_more = [&](std::size_t n) {
    if (n > max_atoms)
      throw MoleculeFailure(MoleculeStatus::kTooLarge,
                            std::to_string(n) + " heavy atoms, at most " +
                                std::to_string(max_atoms) + " are allowed; see --max-atoms");
  };
  // Fewer characters cannot be more atoms; the parser would be busy with the longest for long.
  constexpr std::size_t kMaxCharacters = 100'000;
  if (parts.smiles.size() > kMaxCharacters) refuse_more(parts.smiles.size());
  const auto raw = parse(parts.smiles, "", false);
  refuse_more(raw->getNumHeavyAtoms());
  // The proof that nothing was cut off.
  if (raw->getNumAtoms() != n_atoms)
    refuse(std::string(kNoSmiles) + " (" + std::to_string(raw->getNumAtoms()) + " of " +
           std::to_string(n_atoms) + " atoms are understood)");
  Cxsmiles extensions;
  if (!parts.extensions.empty())
    extensions = read_cxsmiles(parts.extensions, n_atoms, raw->getNumBonds());
  refuse_contradictions(extensions, *raw);
  ParsedSmiles parsed;
  parsed.smiles = parts.smiles;
  parsed.rest = parts.rest;
  auto unsanitised = parse(parts.smiles, extensions.decisive, false);
  std::optional<RDKit::RWMol> with_radicals;  // as asked for
  if (n_radicals(*unsanitised) > 0) with_radicals.emplace(*unsanitised);
  if (charge_coordinate_bonds(*unsanitised)) {
    sanitise(*unsanitised);
    parsed.molecule = std::move(unsanitised);
    parsed.remarks.emplace_back("coordinate bonds are written as single bonds between charges");
  } else {
    parsed.molecule = parse(parts.smiles, extensions.decisive, true);
  }
  if (with_radicals) {
    refuse_lost_radicals(*with_radicals, *parsed.molecule);
    refuse_crowded_radicals(*parsed.molecule);
  }
  add_remarks(extensions, *raw, parsed);
  return parsed;
}

}  // namespace saltus::forcefields::detail
