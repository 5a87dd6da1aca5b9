// Oracle: energies of OpenMM and AMBER's tables of radii, as the folder's README names them; one
// molecule by two ways; exact reasons for refusals. Each input is one on which the program gave
// another energy, or the wrong reason, without a word.
#include <cmath>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>

#include "tests/cases/cases.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// Asks the program for energies of decks and for reasons.
class ForceFieldCases : public CasesTest {
 protected:
  json energies(const std::vector<std::string>& deck) const {
    std::vector<std::string> arguments = {"energy"};
    arguments.insert(arguments.end(), deck.begin(), deck.end());
    arguments.push_back("--json");
    const ProgramEnd end = saltus(arguments);
    EXPECT_EQ(end.exit_code, 0) << end.err;
    return end.exit_code == 0 ? json::parse(end.out).at("backends") : json();
  }
  static double total(const json& backends, const std::string& backend) {
    return backends.is_null() ? NAN : backends.at(backend).at("total_kJ_mol").get<double>();
  }
  /// Expects that `saltus energy` refuses the deck as wrong input and says this.
  void expect_refused(const std::vector<std::string>& deck, const std::string& reason) const {
    std::vector<std::string> arguments = {"energy"};
    arguments.insert(arguments.end(), deck.begin(), deck.end());
    const ProgramEnd end = saltus(arguments);
    EXPECT_EQ(end.exit_code, 65) << end.out;
    EXPECT_EQ(end.out, "");
    EXPECT_THAT(end.err, HasSubstr(reason));
  }
  /// A deck of one move in the folder; `system` holds the lines of [system].
  std::string deck(const std::string& system, const std::string& move = "hmc") const {
    return write("deck.toml", "schema = 1\n[system]\n" + system +
                                  "\n[ensemble]\ntemperature = \"300 K\"\n[chains]\ncount = 1\n"
                                  "start = \"input\"\n[warm_up]\nsteps = 0\n[[move]]\nkind = \"" +
                                  move +
                                  "\"\n[run]\nsteps = 2\n[energy]\nthreads = 1\ncross_check = "
                                  "true\n[output]\ndirectory = \"out\"\n");
  }
};

TEST_F(ForceFieldCases, CarboxylatesHaveAmbersRadiusByBothWays) {
  constexpr double kRight = -1468.07, kTolerance = 0.005;
  copy_case("24_gbn2_carboxylate");
  for (const char* deck : {"24_gbn2_carboxylate/by_xml.toml", "24_gbn2_carboxylate/by_prmtop.toml"})
    for (const char* backend : {"native", "openmm"}) {
      SCOPED_TRACE(std::string(deck) + " " + backend);
      EXPECT_NEAR(total(energies({deck}), backend), kRight, kTolerance);
    }
  const std::string note = "OpenMM 7.7's own implicit/gbn2.xml gives them 1.5 angstrom by mistake";
  EXPECT_THAT(saltus({"energy", "24_gbn2_carboxylate/by_xml.toml"}).err, HasSubstr(note));
  EXPECT_THAT(saltus({"energy", "24_gbn2_carboxylate/by_prmtop.toml"}).err, Not(HasSubstr(note)));
}

TEST_F(ForceFieldCases, CarboxylatesDoNotTripTheCrossCheck) {
  copy_case("24_gbn2_carboxylate");
  for (const char* source : {"coordinates = \"24_gbn2_carboxylate/RE.pdb\"\nforce_field = "
                             "[\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"gbn2\"",
                             "coordinates = \"24_gbn2_carboxylate/RE.inpcrd\"\ntopology = "
                             "\"24_gbn2_carboxylate/RE.prmtop\"\nimplicit_solvent = \"gbn2\""}) {
    deck(source);
    const ProgramEnd end = saltus({"run", "deck.toml", "--set", "output.overwrite=true"});
    EXPECT_EQ(end.exit_code, 0) << end.err;
    EXPECT_THAT(end.err, HasSubstr("native and OpenMM energies agree"));
  }
}

TEST_F(ForceFieldCases, HeavyHydrogensAreHydrogens) {
  copy_case("28_prmtop_odd");
  const std::string deck_name = "28_prmtop_odd/heavy_hydrogens.toml";
  // The same molecule with atomic numbers and light hydrogens; GBn2 goes by elements.
  const std::string path = force_field_data("alanine_dipeptide.prmtop");
  deck("coordinates = \"28_prmtop_odd/x.inpcrd\"\ntopology = \"" + path +
       "\"\nimplicit_solvent = \"gbn2\"");
  const double right = total(energies({"deck.toml"}), "native");
  EXPECT_NEAR(total(energies({deck_name, "--set", "system.implicit_solvent=gbn2"}), "native"),
              right, 1e-9);
}

TEST_F(ForceFieldCases, BondsToHeavyHydrogensAreConstrained) {
  copy_case("28_prmtop_odd");
  const std::string system =
      "coordinates = \"28_prmtop_odd/x.inpcrd\"\ntopology = "
      "\"28_prmtop_odd/heavy_hydrogens.prmtop\"\nconstraints = \"h_bonds\"";
  deck(system);
  EXPECT_EQ(saltus({"run", "deck.toml"}).exit_code, 0);
  // A move that cannot keep them says that they are there.
  deck(system, "mala");
  const ProgramEnd end = saltus({"run", "deck.toml", "--overwrite"});
  EXPECT_EQ(end.exit_code, 65);
  EXPECT_THAT(end.err, HasSubstr("system.constraints: the move mala cannot keep bonds"));
}

/// Two ions, AMBER's least file: no bonds, no hydrogens.
std::string ions_prmtop() {
  std::string text = "%VERSION  VERSION_STAMP = V0001.000  DATE = 01/01/26  00:00:00\n";
  const auto add = [&](const std::string& name, const std::string& format,
                       const std::string& values) {
    text += "%FLAG " + name + "\n%FORMAT(" + format + ")\n" + values + "\n";
  };
  add("TITLE", "20a4", "ions");
  add("POINTERS", "10I8",
      "       2       1       0       0       0       0       0       0       0       0\n"
      "       2       2       0       0       0       0       0       0       1       0\n"
      "       0       0       0       0       0       0       0       0       1       0\n"
      "       0");
  add("ATOM_NAME", "20a4", "Na+ Cl- ");
  add("CHARGE", "5E16.8", "  1.82223000E+01 -1.82223000E+01");
  add("ATOMIC_NUMBER", "10I8", "      11      17");
  add("MASS", "5E16.8", "  2.29900000E+01  3.54500000E+01");
  add("ATOM_TYPE_INDEX", "10I8", "       1       1");
  add("NUMBER_EXCLUDED_ATOMS", "10I8", "       1       1");
  add("NONBONDED_PARM_INDEX", "10I8", "       1");
  add("RESIDUE_LABEL", "20a4", "Na+ Cl- ");
  add("RESIDUE_POINTER", "10I8", "       1       2");
  for (const char* name :
       {"BOND_FORCE_CONSTANT", "BOND_EQUIL_VALUE", "ANGLE_FORCE_CONSTANT", "ANGLE_EQUIL_VALUE",
        "DIHEDRAL_FORCE_CONSTANT", "DIHEDRAL_PERIODICITY", "DIHEDRAL_PHASE"})
    add(name, "5E16.8", "");
  add("LENNARD_JONES_ACOEF", "5E16.8", "  1.00000000E+06");
  add("LENNARD_JONES_BCOEF", "5E16.8", "  1.00000000E+03");
  for (const char* name :
       {"BONDS_INC_HYDROGEN", "BONDS_WITHOUT_HYDROGEN", "ANGLES_INC_HYDROGEN",
        "ANGLES_WITHOUT_HYDROGEN", "DIHEDRALS_INC_HYDROGEN", "DIHEDRALS_WITHOUT_HYDROGEN"})
    add(name, "10I8", "");
  add("EXCLUDED_ATOMS_LIST", "10I8", "       0       0");
  return text;
}

TEST_F(ForceFieldCases, ConstraintsThatConstrainNothingAreRefused) {
  write("ions.prmtop", ions_prmtop());
  write("ions.inpcrd",
        "ions\n     2\n   0.0000000   0.0000000   0.0000000   3.0000000   0.0000000   "
        "0.0000000\n");
  const std::string prmtop = "coordinates = \"ions.inpcrd\"\ntopology = \"ions.prmtop\"\n";
  deck(prmtop);
  EXPECT_TRUE(std::isfinite(total(energies({"deck.toml"}), "native")));
  deck(prmtop + "constraints = \"h_bonds\"");
  expect_refused({"deck.toml"},
                 "system.constraints: \"h_bonds\" asks for bonds to hydrogen of fixed length, but "
                 "ions.prmtop has no bond to a hydrogen");
  deck(prmtop + "hydrogen_mass = \"3 amu\"");
  expect_refused({"deck.toml"}, "has no hydrogens whose mass could be set");

  write("ions.pdb",
        "HETATM    1 NA    NA A   1       0.000   0.000   0.000  1.00  0.00          NA\n"
        "HETATM    2 CL    CL A   2       3.000   0.000   0.000  1.00  0.00          CL\nEND\n");
  const std::string xml = "coordinates = \"ions.pdb\"\nforce_field = [\"amber14/tip3p.xml\"]\n";
  deck(xml);
  EXPECT_TRUE(std::isfinite(total(energies({"deck.toml"}), "native")));
  deck(xml + "constraints = \"h_bonds\"");
  expect_refused({"deck.toml"},
                 "system.constraints: \"h_bonds\" asks for bonds to hydrogen of fixed length, but "
                 "tip3p.xml has no bond to a hydrogen");
}

TEST_F(ForceFieldCases, HydrogensWithoutNeighboursCannotBecomeHeavy) {
  copy_case("29_system_xml");
  std::string pdb = read("29_system_xml/x.pdb");
  for (const char* name : {"ACE", "ALA", "NME"})
    for (std::size_t at = pdb.find(name); at != std::string::npos; at = pdb.find(name))
      pdb.replace(at, 3, "LIG");
  write("unknown.pdb", pdb);
  const std::string text = with_replaced(read("29_system_xml/direct_space.xml"),
                                         "includeDirectSpace=\"0\"", "includeDirectSpace=\"1\"");
  write("good.xml", text);
  deck("coordinates = \"unknown.pdb\"\nsystem_xml = \"good.xml\"\nhydrogen_mass = \"3 amu\"");
  expect_refused({"deck.toml"}, "system.hydrogen_mass: atom H1 of residue LIG 1 of chain A of ");
}

TEST_F(ForceFieldCases, SectionsThatAreNotComputedAreRefused) {
  copy_case("28_prmtop_odd");
  expect_refused({"28_prmtop_odd/les.toml"},
                 "les.prmtop:282: section LES_NTYP: locally enhanced sampling (LES) is not "
                 "supported");
  const std::string good = read_text(force_field_data("alanine_dipeptide.prmtop"));
  const auto refused = [&](const std::string& name, const std::string& reason) {
    write("odd.prmtop", good + "%FLAG " + name + "\n%FORMAT(10I8)\n       1\n");
    deck("coordinates = \"28_prmtop_odd/x.inpcrd\"\ntopology = \"odd.prmtop\"");
    expect_refused({"deck.toml"}, ": section " + name + ": " + reason);
  };
  refused("TORSION_TORSION", "this section is not known and may change the energy");
  refused("LENNARD_JONES_DCOEF", "the m12-6-4 ion model is not supported");
  refused("UREY_BRADLEY_COUNT", "Urey-Bradley terms are not supported");
}

TEST_F(ForceFieldCases, FilesOfCharmmAreNamedAsSuch) {
  copy_case("25_prmtop_chamber");
  for (const char* name : {"chamber", "type_line_only"}) {
    SCOPED_TRACE(name);
    expect_refused({"25_prmtop_chamber/" + std::string(name) + ".toml"},
                   "section FORCE_FIELD_TYPE: a CHAMBER file (CHARMM force field in AMBER format) "
                   "is not supported");
  }
}

TEST_F(ForceFieldCases, WordsOfASystemThatChangeTheEnergyAreRefused) {
  copy_case("29_system_xml");
  expect_refused({"29_system_xml/direct_space.toml"},
                 "direct_space.xml:145: <Force>: attribute 'includeDirectSpace' is 0, expected 1");
  expect_refused({"29_system_xml/newer_version.toml"},
                 "newer_version.xml:145: <Force>: attribute 'version' is 5, expected 1 to 4: "
                 "versions of NonbondedForce that Saltus understands");
  const std::string good = with_replaced(read("29_system_xml/direct_space.xml"),
                                         "includeDirectSpace=\"0\"", "includeDirectSpace=\"1\"");
  const auto refused = [&](const std::string& from, const std::string& to,
                           const std::string& reason) {
    write("odd.xml", with_replaced(good, from, to));
    deck("coordinates = \"29_system_xml/x.pdb\"\nsystem_xml = \"odd.xml\"");
    expect_refused({"deck.toml"}, reason);
  };
  refused("type=\"System\" version=\"1\"", "type=\"System\" version=\"2\"",
          "odd.xml:2: <System>: attribute 'version' is 2");
  refused("exceptionsUsePeriodic=\"0\"", "exceptionsUsePeriodic=\"1\"",
          "odd.xml:145: <Force>: attribute 'exceptionsUsePeriodic' is 1");
  refused("<Bond d=\".1522\"", "<Bond scale=\"0.5\" d=\".1522\"",
          "odd.xml:36: <Bond>: attribute 'scale' is not known here");
  refused("<Constraints/>", "<Constraints/><Restraints/>",
          "odd.xml:32: <Restraints>: this tag is not supported inside <System>");
}

TEST_F(ForceFieldCases, TheSecondOpinionOnASystemReadsTheFileItself) {
  copy_case("29_system_xml");
  // OpenMM's reader insists on a number of Ewald sums, which Saltus has no use for.
  const std::string good = with_replaced(read("29_system_xml/direct_space.xml"),
                                         "includeDirectSpace=\"0\"", "includeDirectSpace=\"1\"");
  write("good.xml", good);
  write("odd.xml", with_replaced(good, "ewaldTolerance=\".0005\" ", ""));
  deck("coordinates = \"29_system_xml/x.pdb\"\nsystem_xml = \"good.xml\"");
  const json answer = energies({"deck.toml"});
  EXPECT_NEAR(total(answer, "native"), total(answer, "openmm"), 1e-6);
  EXPECT_EQ(answer.at("native").at("terms_kJ_mol").size(),
            answer.at("openmm").at("terms_kJ_mol").size());
  EXPECT_THAT(saltus({"energy", "deck.toml"}).out, HasSubstr("good.xml as OpenMM itself reads it"));
  deck("coordinates = \"29_system_xml/x.pdb\"\nsystem_xml = \"odd.xml\"");
  expect_refused({"deck.toml"},
                 "odd.xml: read by OpenMM itself: OpenMM says: Unknown property 'ewaldTolerance'");
  const ProgramEnd run = saltus({"run", "deck.toml"});
  EXPECT_EQ(run.exit_code, 65);
  EXPECT_THAT(run.err, HasSubstr("odd.xml: read by OpenMM itself"));
}

TEST_F(ForceFieldCases, TheSecondOpinionSaysWhatItShares) {
  copy_case("24_gbn2_carboxylate");
  EXPECT_THAT(saltus({"energy", "24_gbn2_carboxylate/by_prmtop.toml"}).out,
              HasSubstr("as Saltus read it; the reader is not checked"));
}

TEST_F(ForceFieldCases, ForceFieldsIncludeNothingFromOutside) {
  copy_case("24_gbn2_carboxylate");
  const std::string secret = write("secret.xml", "<ForceField><AtomTypes/></ForceField>");
  std::filesystem::create_directories(file("downloaded"));
  std::filesystem::copy(file("24_gbn2_carboxylate/RE.pdb"), file("downloaded/RE.pdb"));
  std::filesystem::create_symlink(secret, file("downloaded/link.xml"));
  deck("coordinates = \"downloaded/RE.pdb\"\nforce_field = [\"downloaded/all.xml\"]");
  for (const std::string& name : {std::string("../secret.xml"), secret, std::string("link.xml"),
                                  std::string("../../../../../../../../etc/passwd")}) {
    SCOPED_TRACE(name);
    write("downloaded/all.xml", "<ForceField>\n<Include file=\"" + name + "\"/>\n</ForceField>\n");
    expect_refused({"deck.toml"}, "all.xml:2: <Include>: '" + name +
                                      "' leads out of the folder of this file and of the search "
                                      "path, and is not opened");
  }
  // Beside it, or installed, is fine.
  write("downloaded/all.xml",
        "<ForceField><Include file=\"amber14/protein.ff14SB.xml\"/></ForceField>");
  EXPECT_TRUE(std::isfinite(total(energies({"deck.toml"}), "native")));
}

TEST_F(ForceFieldCases, ForceFieldsWithRulesThatAreNotKnownAreRefused) {
  copy_case("24_gbn2_carboxylate");
  const auto refused = [&](const std::string& text, const std::string& reason) {
    write("24_gbn2_carboxylate/odd.xml", text);
    deck(
        "coordinates = \"24_gbn2_carboxylate/RE.pdb\"\nforce_field = "
        "[\"amber14/protein.ff14SB.xml\", \"24_gbn2_carboxylate/odd.xml\"]");
    expect_refused({"deck.toml"}, reason);
  };
  refused("<ForceField combining_rule=\"geometric\"/>",
          "odd.xml:1: <ForceField>: attribute 'combining_rule' is not known here");
  refused("<ForceField><HarmonicBondForce energy=\"k*r^4\"/></ForceField>",
          "odd.xml:1: <HarmonicBondForce>: attribute 'energy' is not known here");
  refused(
      "<ForceField><HarmonicBondForce><Bond class1=\"a\" class2=\"b\" length=\"1\" k=\"1\">"
      "<Scale by=\"2\"/></Bond></HarmonicBondForce></ForceField>",
      "odd.xml:1: <Scale>: this tag is not supported inside <Bond>");
}

}  // namespace
}  // namespace saltus::tests
