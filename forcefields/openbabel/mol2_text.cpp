#include "forcefields/openbabel/mol2_text.h"

#include "engine/core/error.h"
#include "engine/core/one_line.h"

#ifdef SALTUS_WITH_OPENBABEL

#include <openbabel/atom.h>
#include <openbabel/bond.h>
#include <openbabel/generic.h>
#include <openbabel/mol.h>
#include <openbabel/obconversion.h>
#include <openbabel/oberror.h>
#include <openbabel/residue.h>

#include "engine/core/units.h"
#include "engine/system/atom_names.h"

#endif

namespace saltus::forcefields {

std::string why_no_mol2() {
  return can_write_mol2() ? ""
                          : "this saltus was built without Open Babel, which writes MOL2; install "
                            "libopenbabel-dev and build again";
}

#ifdef SALTUS_WITH_OPENBABEL

namespace {

using engine::kAngstromPerNm;

void add_atoms(const engine::MoleculeTable& molecule, engine::Span<const double> x,
               OpenBabel::OBMol& out) {
  std::vector<int> elements;
  for (const auto& atom : molecule.atoms) elements.push_back(atom.atomic_number);
  const std::vector<std::string> names = engine::unique_atom_names(elements);
  OpenBabel::OBResidue* residue = out.NewResidue();
  residue->SetName("UNL");
  residue->SetNum(1);
  for (std::size_t i = 0; i < molecule.atoms.size(); ++i) {
    OpenBabel::OBAtom* atom = out.NewAtom();
    atom->SetAtomicNum(molecule.atoms[i].atomic_number);
    atom->SetFormalCharge(molecule.atoms[i].charge);
    atom->SetIsotope(static_cast<unsigned>(molecule.atoms[i].isotope));
    atom->SetVector(x[3 * i] * kAngstromPerNm, x[3 * i + 1] * kAngstromPerNm,
                    x[3 * i + 2] * kAngstromPerNm);
    residue->AddAtom(atom);
    residue->SetAtomID(atom, names[i]);
  }
}

/// What Open Babel calls charges that are not its own.
constexpr const char* kGiven = "USER_CHARGES";

/// Charges that are given must not be replaced by Gasteiger's.
void set_charges(const std::vector<double>& charges, OpenBabel::OBMol& out) {
  auto* kind = new OpenBabel::OBPairData;  // which the molecule owns
  kind->SetAttribute("PartialCharges");
  kind->SetValue(kGiven);
  out.SetData(kind);
  for (std::size_t i = 0; i < out.NumAtoms(); ++i)
    out.GetAtom(static_cast<int>(i + 1))->SetPartialCharge(charges.empty() ? 0.0 : charges[i]);
  out.SetPartialChargesPerceived();
}

}  // namespace

bool can_write_mol2() { return true; }

std::string mol2_record(const std::string& title, const std::vector<std::string>& comments,
                        const engine::MoleculeTable& molecule, engine::Span<const double> x,
                        const std::vector<double>& partial_charges) {
  OpenBabel::obErrorLog.StopLogging();  // what it would say goes to standard error
  OpenBabel::OBConversion conversion;
  OpenBabel::OBMol out;
  out.BeginModify();
  add_atoms(molecule, x, out);
  for (const auto& bond : molecule.bonds)
    out.AddBond(static_cast<int>(bond.first + 1), static_cast<int>(bond.second + 1), bond.order);
  out.EndModify();
  out.SetChainsPerceived();
  std::string plain_title = engine::one_line(title);
  out.SetTitle(plain_title);
  set_charges(partial_charges, out);
  if (!conversion.SetOutFormat("mol2"))
    throw engine::InputError(
        "Open Babel does not find its writer of MOL2; check its installation (BABEL_LIBDIR)");
  std::string text;
  for (const std::string& comment : comments) text += "# " + engine::one_line(comment) + "\n";
  std::string record = conversion.WriteString(&out);
  const std::size_t kind = record.find(std::string("\n") + kGiven + "\n");
  if (kind == std::string::npos)
    throw engine::InputError("'" + title + "': Open Babel cannot write it as MOL2");
  record.replace(kind + 1, std::string(kGiven).size(),
                 partial_charges.empty() ? "NO_CHARGES" : "MMFF94_CHARGES");
  return text + record;
}

#else

bool can_write_mol2() { return false; }

std::string mol2_record(const std::string&, const std::vector<std::string>&,
                        const engine::MoleculeTable&, engine::Span<const double>,
                        const std::vector<double>&) {
  throw engine::InputError(why_no_mol2());
}

#endif

}  // namespace saltus::forcefields
