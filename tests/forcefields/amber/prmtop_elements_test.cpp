// Oracle: alanine dipeptide, whose elements are known, with masses repartitioned here to several
// hydrogen masses and without ATOMIC_NUMBER; exact messages where an element cannot be told.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "engine/core/error.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using forcefields::PrmtopOptions;

const std::vector<int> kElements = {1, 6, 1, 1, 6, 8, 7, 1, 6, 1, 6,
                                    1, 1, 1, 6, 8, 7, 1, 6, 1, 1, 1};

std::string good_text() { return read_text(data_path("alanine_dipeptide.prmtop")); }

/// The text without one section.
std::string without(const std::string& text, const std::string& name) {
  const std::size_t first = text.find("%FLAG " + name);
  return text.substr(0, first) + text.substr(text.find("%FLAG", first + 1));
}

/// The text with other values in section MASS.
std::string with_masses(const std::string& text, const std::vector<double>& masses) {
  const std::size_t first = text.find("%FLAG MASS");
  std::string section = "%FLAG MASS\n%FORMAT(5E16.8)\n";
  for (std::size_t n = 0; n < masses.size(); ++n) {
    section += fmt::format(FMT_STRING("{:16.8E}{}"), masses[n],
                           n % 5 == 4 || n + 1 == masses.size() ? "\n" : "");
  }
  return text.substr(0, first) + section + text.substr(text.find("%FLAG", first + 1));
}

forcefields::AmberMolecule read(const std::string& text, const PrmtopOptions& options = {}) {
  return forcefields::read_prmtop(write_text(testing::TempDir(), "masses.prmtop", text), options);
}

/// Masses of the good file with hydrogens of `hydrogen_mass`.
std::vector<double> repartitioned(double hydrogen_mass) {
  const forcefields::AmberMolecule molecule = read(good_text());
  std::vector<double> masses = molecule.system.masses;
  for (const engine::Bond& bond : molecule.topology.bonds)
    for (const auto& [h, heavy] : std::array<std::pair<std::size_t, std::size_t>, 2>{
             {{bond.first, bond.second}, {bond.second, bond.first}}}) {
      if (kElements[h] != 1) continue;
      masses[heavy] -= hydrogen_mass - masses[h];
      masses[h] = hydrogen_mass;
    }
  return masses;
}

void expect_elements(const forcefields::AmberMolecule& molecule) {
  ASSERT_EQ(molecule.topology.n_atoms(), kElements.size());
  for (std::size_t n = 0; n < kElements.size(); ++n)
    EXPECT_EQ(molecule.topology.atoms[n].atomic_number, kElements[n]) << "atom " << n;
}

TEST(PrmtopElements, ComeFromAtomicNumbers) {
  expect_elements(read(good_text()));
  expect_elements(read(with_masses(good_text(), repartitioned(3.0))));
}

TEST(PrmtopElements, OfRepartitionedMassesComeFromNamesAndBonds) {
  // With 4 dalton a methyl's carbon has less mass than its hydrogens, which have helium's.
  for (double mass : {1.00794, 1.5, 2.014, 3.024, 4.0}) {
    SCOPED_TRACE(mass);
    expect_elements(read(without(with_masses(good_text(), repartitioned(mass)), "ATOMIC_NUMBER")));
  }
}

TEST(PrmtopElements, OfHydrogensMayComeFromTheirTypes) {
  std::string text = without(with_masses(good_text(), repartitioned(3.0)), "ATOMIC_NUMBER");
  text = with_replaced(text, "H1  CH3 H2  H3  C   O   N   H   CA  HA  CB  HB1 HB2 HB3",
                       "X1  CH3 1H2 H3  C   O   N   H   CA  HA  CB  HB1 HB2 HB3");
  expect_elements(read(text));
}

TEST(PrmtopElements, ZeroesAmongAtomicNumbersAreFilledIn) {
  const std::string text = with_replaced(with_masses(good_text(), repartitioned(3.0)),
                                         "       1       6       1       1       6       8",
                                         "       0      -1       1       0       6       0");
  expect_elements(read(text));
}

TEST(PrmtopElements, LetBondsToHydrogenBeConstrained) {
  PrmtopOptions options;
  options.molecule.constraints = forcefields::BondConstraints::kHydrogenBonds;
  const std::string text = without(with_masses(good_text(), repartitioned(3.024)), "ATOMIC_NUMBER");
  EXPECT_EQ(read(text, options).system.constraints.size(), 12u);
}

TEST(PrmtopElements, NotListsOfBondsSayWhatIsConstrained) {
  // All bonds in the list of those without hydrogen, as a writer puts them that knows no elements.
  std::string text = with_replaced(good_text(), "      22       7      12       9",
                                   "      22       7       0      21");
  text =
      with_replaced(text, "      99       3       9      11", "      99       3      21      11");
  const std::string format = "\n%FORMAT(10I8)\n";
  text = with_replaced(text, "%FLAG BONDS_WITHOUT_HYDROGEN" + format, "");
  text = with_replaced(
      text, "%FLAG BONDS_INC_HYDROGEN" + format,
      "%FLAG BONDS_INC_HYDROGEN" + format + "\n%FLAG BONDS_WITHOUT_HYDROGEN" + format);
  PrmtopOptions options;
  options.molecule.constraints = forcefields::BondConstraints::kHydrogenBonds;
  const engine::System system = read(text, options).system;
  EXPECT_EQ(system.constraints.size(), 12u);
  EXPECT_EQ(system.bonds.size(), 9u);
}

std::string message_about(const std::string& text) {
  const std::string message = message_of<engine::InputError>([&] { read(text); });
  return message.substr(message.find("masses.prmtop"));
}

TEST(PrmtopElements, ThatCannotBeToldAreRefused) {
  std::vector<double> masses = read(good_text()).system.masses;
  masses[8] = 72.0;
  EXPECT_EQ(message_about(without(with_masses(good_text(), masses), "ATOMIC_NUMBER")),
            "masses.prmtop:25: section MASS, value 9: the element of atom 9 (CA) cannot be told "
            "from its mass, 72.000000, and its bonds; add section ATOMIC_NUMBER (ParmEd writes it: "
            "load and save the file there)");
}

TEST(PrmtopElements, MustFitTheBondsWithHydrogen) {
  const std::string why = ", or by masses and names where that is missing";
  EXPECT_EQ(
      message_about(with_replaced(good_text(), "       1       6       1       1       6       8",
                                  "       2       6       1       1       6       8")),
      "masses.prmtop:161: section BONDS_INC_HYDROGEN, value 1: the bond of atoms 2 (CH3) and "
      "1 (H1) stands here, but neither is a hydrogen by ATOMIC_NUMBER" +
          why);
}

}  // namespace
}  // namespace saltus::tests
