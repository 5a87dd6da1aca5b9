#include "forcefields/chem/given_charges.h"

#include <fmt/format.h>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/given_charges_detail.h"

namespace saltus::forcefields {

using engine::InputError;

namespace {

constexpr const char* kField = "atom.dprop.PartialCharge";
/// Properties of RDKit's atoms and molecules that nothing else writes.
constexpr const char* kChargeOfAtom = "saltus.given_charge";
constexpr const char* kProblem = "saltus.given_charges_problem";

/// The values of the field, blank-separated; nothing when the record does not have it.
std::optional<std::string> field_text(const std::string& record) {
  std::istringstream lines(record);
  const std::string name = std::string("<") + kField + ">";
  std::string line, text;
  while (std::getline(lines, line))
    if (!line.empty() && line[0] == '>' && line.find(name) != std::string::npos) {
      while (std::getline(lines, line) && line.find_first_not_of(" \t\r") != std::string::npos)
        text += line + " ";
      return text;
    }
  return std::nullopt;
}

/// The number that a word is, and nothing else.
std::optional<double> number_of(const std::string& word) {
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  if (end != word.c_str() + word.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

namespace detail {

void keep_given_charges(const std::string& record, RDKit::RWMol& molecule) {
  const std::optional<std::string> text = field_text(record);
  if (!text) return;
  std::vector<double> charges;
  std::istringstream words(*text);
  for (std::string word; words >> word;) {
    const std::optional<double> charge = number_of(word);
    if (!charge) {
      molecule.setProp(kProblem, fmt::format(FMT_STRING("the data field {} has '{}' as value {}, "
                                                        "expected a number (charge in e)"),
                                             kField, word, charges.size() + 1));
      return;
    }
    charges.push_back(*charge);
  }
  if (charges.size() != molecule.getNumAtoms()) {
    molecule.setProp(kProblem, fmt::format(FMT_STRING("the data field {} has {} values, expected "
                                                      "one for each of the {} atoms"),
                                           kField, charges.size(), molecule.getNumAtoms()));
    return;
  }
  for (RDKit::Atom* atom : molecule.atoms()) atom->setProp(kChargeOfAtom, charges[atom->getIdx()]);
}

}  // namespace detail

std::vector<double> given_charges(const ChemMolecule& molecule) {
  const RDKit::RWMol& graph = molecule.graph->molecule();
  std::string problem;
  if (graph.getPropIfPresent(kProblem, problem)) throw InputError(molecule.source + ": " + problem);
  std::vector<double> charges;
  std::optional<std::size_t> bare;
  double sum = 0.0;
  int formal = 0;
  for (const RDKit::Atom* atom : graph.atoms()) {
    double charge = 0.0;
    if (atom->getPropIfPresent(kChargeOfAtom, charge))
      charges.push_back(charge);
    else if (!bare)
      bare = atom->getIdx();
    sum += charge;
    formal += atom->getFormalCharge();
  }
  if (charges.empty())
    throw InputError(molecule.source + ": no partial charges; expected the data field " + kField +
                     " of an SD file, one number for each atom");
  if (bare)
    throw InputError(molecule.source + ": " + molecule.describe_atom(*bare) +
                     " has no partial charge in the field " + kField +
                     "; the file must hold all hydrogens, each with its charge");
  if (std::abs(sum - formal) > kChargeSumTolerance)
    throw InputError(
        fmt::format(FMT_STRING("{}: its partial charges add up to {:.4f} e, but its formal charge "
                               "is {}; correct the field {} or the charges of its atoms"),
                    molecule.source, sum, formal, kField));
  return charges;
}

}  // namespace saltus::forcefields
