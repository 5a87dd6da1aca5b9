#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "engine/system/elements.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

constexpr int kHydrogen = 1;
constexpr long kMaxAtomicNumber = 103;
constexpr double kHydrogenMass = 1.008;
// Repartitioning gives hydrogens 1.5 to 4 dalton; helium, which bonds to nothing, has 4.
constexpr double kMaxHydrogenMass = 4.6;

/// Whether a name or type in AMBER's manner means a hydrogen: "HB1", "1HB", "hc", or deuterium's
/// "D".
bool is_hydrogen_word(const std::string& word) {
  const std::size_t first = word.find_first_not_of("0123456789");
  if (first == std::string::npos) return false;
  const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(word[first])));
  return letter == 'H' || letter == 'D';
}

/// Finds the elements that section ATOMIC_NUMBER leaves open. Masses alone do not tell: with
/// hydrogens of 3 dalton an NH has the mass of carbon and an OH that of nitrogen.
class ElementFinder {
 public:
  ElementFinder(const PrmtopSections& sections, const std::vector<double>& masses,
                const engine::Topology& topology)
      : sections_(sections),
        masses_(masses),
        topology_(topology),
        neighbours_(topology.neighbours()),
        elements_(given_elements()) {
    if (sections.has("AMBER_ATOM_TYPE"))
      types_ = sections.strings("AMBER_ATOM_TYPE", masses.size());
  }

  std::vector<int> find() {
    // Hydrogens first: the masses of the others depend on them.
    for (std::size_t atom = 0; atom < masses_.size(); ++atom)
      if (elements_[atom] == 0 && is_hydrogen(atom)) elements_[atom] = kHydrogen;
    for (std::size_t atom = 0; atom < masses_.size(); ++atom)
      if (elements_[atom] == 0 && masses_[atom] > 0.0) elements_[atom] = heavy_element(atom);
    return std::move(elements_);
  }

 private:
  std::vector<int> given_elements() const {
    std::vector<int> elements(masses_.size(), 0);
    if (!sections_.has("ATOMIC_NUMBER")) return elements;
    const std::vector<long> numbers = sections_.integers("ATOMIC_NUMBER", masses_.size());
    for (std::size_t atom = 0; atom < numbers.size(); ++atom) {
      if (numbers[atom] > kMaxAtomicNumber)
        sections_.fail(
            "ATOMIC_NUMBER", atom,
            std::to_string(numbers[atom]) + ", expected the atomic number of an element");
      // Writers put -1 or 0 where they do not know.
      if (numbers[atom] > 0 && masses_[atom] > 0.0)
        elements[atom] = static_cast<int>(numbers[atom]);
    }
    return elements;
  }

  bool is_hydrogen(std::size_t atom) const {
    if (engine::atomic_number_of_mass(masses_[atom]) == kHydrogen) return true;
    return may_be_hydrogen(atom) && heavy_neighbours(atom) == 1;
  }

  bool may_be_hydrogen(std::size_t atom) const {
    return masses_[atom] > kHydrogenMass && masses_[atom] < kMaxHydrogenMass &&
           (is_hydrogen_word(topology_.atoms[atom].name) ||
            (!types_.empty() && is_hydrogen_word(types_[atom])));
  }

  /// Neighbours that are no hydrogens; those of rigid water are bonded to each other.
  std::size_t heavy_neighbours(std::size_t atom) const {
    std::size_t count = 0;
    for (std::size_t n : neighbours_[atom])
      if (elements_[n] != kHydrogen && !may_be_hydrogen(n)) ++count;
    return count;
  }

  /// The element of the mass before hydrogens took their share of it.
  int heavy_element(std::size_t atom) const {
    double mass = masses_[atom];
    for (std::size_t n : neighbours_[atom])
      if (elements_[n] == kHydrogen && heavy_neighbours(n) == 1) mass += masses_[n] - kHydrogenMass;
    const int element = engine::atomic_number_of_mass(mass);
    if (element > kHydrogen) return element;
    sections_.fail("MASS", atom,
                   "the element of atom " + std::to_string(atom + 1) + " (" +
                       topology_.atoms[atom].name + ") cannot be told from its mass, " +
                       std::to_string(masses_[atom]) +
                       ", and its bonds; add section ATOMIC_NUMBER (ParmEd writes it: load and "
                       "save the file there)");
  }

  const PrmtopSections& sections_;
  const std::vector<double>& masses_;
  const engine::Topology& topology_;
  const std::vector<std::vector<std::size_t>> neighbours_;
  std::vector<int> elements_;
  std::vector<std::string> types_;
};

/// The list of bonds with hydrogen must have hydrogens, or extra points, which some writers took
/// for such. The other one may have some: writers that did not know the elements put all bonds
/// there.
void check_bonds(const PrmtopSections& sections, const PrmtopPointers& pointers,
                 const engine::Topology& topology) {
  const std::string section = "BONDS_INC_HYDROGEN";
  for (const PrmtopTerm& bond : read_terms(sections, section, pointers[kBondsWithHydrogen], 2,
                                           pointers[kAtoms], pointers[kBondTypes])) {
    const std::size_t i = bond.atoms[0], j = bond.atoms[1];
    const int elements[] = {topology.atoms[i].atomic_number, topology.atoms[j].atomic_number};
    if (std::min(elements[0], elements[1]) <= kHydrogen) continue;
    sections.fail(section, bond.field,
                  "the bond of atoms " + std::to_string(i + 1) + " (" + topology.atoms[i].name +
                      ") and " + std::to_string(j + 1) + " (" + topology.atoms[j].name +
                      ") stands here, but neither is a hydrogen by ATOMIC_NUMBER, or by masses and "
                      "names where that is missing");
  }
}

}  // namespace

void find_elements(const PrmtopSections& sections, const PrmtopPointers& pointers,
                   const std::vector<double>& masses, engine::Topology& topology) {
  const std::vector<int> elements = ElementFinder(sections, masses, topology).find();
  for (std::size_t atom = 0; atom < elements.size(); ++atom)
    topology.atoms[atom].atomic_number = elements[atom];
  check_bonds(sections, pointers, topology);
}

}  // namespace saltus::forcefields::detail
