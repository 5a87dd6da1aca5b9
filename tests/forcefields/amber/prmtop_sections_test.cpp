// Oracle: the exact message for each section or count that changes the energy in a way that is not
// computed, added to a good file; and sections that say nothing.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

std::string good_text() { return read_text(data_path("alanine_dipeptide.prmtop")); }

/// What read_prmtop says about `text`, from the file's name on.
std::string message_about(const std::string& text) {
  const std::string path = write_text(testing::TempDir(), "bad.prmtop", text);
  const std::string message =
      message_of<engine::InputError>([&] { forcefields::read_prmtop(path, {}); });
  return message.substr(message.find("bad.prmtop"));
}

/// The same for the good file with a section before its first.
std::string message_with(const std::string& section) {
  return message_about(with_replaced(good_text(), "%FLAG TITLE", section + "%FLAG TITLE"));
}

std::string section_of(const std::string& name) {
  return "%FLAG " + name + "\n%FORMAT(10I8)\n       1\n";
}

TEST(PrmtopSections, ThatChangeTheEnergyAreRefusedByName) {
  const auto message_for = [](const std::string& name) {
    const std::string message = message_with(section_of(name));
    const std::string start = "bad.prmtop:2: section " + name + ": ";
    EXPECT_EQ(message.substr(0, start.size()), start);
    return message.substr(start.size());
  };
  const std::string les =
      "locally enhanced sampling (LES) is not supported: its copies of atoms do not interact and "
      "its interactions are scaled; make the file without addles";
  EXPECT_EQ(message_for("LES_NTYP"), les);
  EXPECT_EQ(message_for("LES_ID"), les);
  EXPECT_EQ(message_for("PERT_BOND_ATOMS"), "perturbed atoms are not supported");
  EXPECT_EQ(message_for("LENNARD_JONES_DCOEF"), "the m12-6-4 ion model is not supported");
  EXPECT_EQ(message_for("CHARMM_UREY_BRADLEY_COUNT"),
            "CHARMM force-field terms are not supported; this is a CHAMBER file (CHARMM force "
            "field in AMBER format)");
  EXPECT_EQ(message_for("CMAP_ANGLES"), "not expected here: CMAP_COUNT is missing");
}

TEST(PrmtopSections, ThatAreNotKnownAreRefused) {
  const std::string why =
      "this section is not known and may change the energy; if it does not, delete it from a copy "
      "of the file, from its %FLAG line to before the next %FLAG";
  EXPECT_EQ(message_with(section_of("COLOURS")), "bad.prmtop:2: section COLOURS: " + why);
  // Names are taken whole.
  EXPECT_EQ(message_with(section_of("RADII2")), "bad.prmtop:2: section RADII2: " + why);
  EXPECT_EQ(message_with("%FLAG les_fac\n%FORMAT(5E16.8)\n"),
            "bad.prmtop:2: section les_fac: " + why);
}

TEST(PrmtopSections, ThatSayNothingAreAccepted) {
  for (const char* name : {"RESIDUE_NUMBER", "ATOM_BFACTOR", "ATOM_ELEMENT", "RESIDUE_CHAINID"}) {
    const std::string path =
        write_text(testing::TempDir(), "good.prmtop",
                   with_replaced(good_text(), "%FLAG TITLE", section_of(name) + "%FLAG TITLE"));
    EXPECT_EQ(forcefields::read_prmtop(path, {}).topology.n_atoms(), 22u);
  }
}

TEST(PrmtopSections, CharmmIsNamedWhereverItShows) {
  const std::string why =
      "bad.prmtop:2: section FORCE_FIELD_TYPE: a CHAMBER file (CHARMM force field in AMBER format) "
      "is not supported; give Saltus a file of an AMBER force field, or an OpenMM System XML of "
      "supported forces";
  EXPECT_EQ(message_with("%FLAG FORCE_FIELD_TYPE\n%FORMAT(i2,a78)\n 1 CHARMM  36  CHARMM36\n"),
            why);
  EXPECT_EQ(message_with("%FLAG FORCE_FIELD_TYPE\n%FORMAT(20a4)\n 2 CHARMM  31  *>CHARMM22\n"
                         "   CHARMM  31  second line\n"),
            why);
  EXPECT_EQ(message_with("%FLAG FORCE_FIELD_TYPE\n%FORMAT(i2,a78)\n 1 OPLS\n"),
            "bad.prmtop:2: section FORCE_FIELD_TYPE: names the force field \"1 OPLS\", expected "
            "AMBER: only AMBER's terms are known");
  // Counts of such files differ, too; they are not what is wrong.
  EXPECT_EQ(message_about(with_replaced(
                with_replaced(good_text(), "      22       7      12", "      22       7     -12"),
                "%FLAG TITLE", "%FLAG CTITLE")),
            "bad.prmtop:2: section CTITLE: a CHAMBER file (CHARMM force field) is not supported");
}

TEST(PrmtopSections, CountsOfWhatIsNotSupportedAreRefusedByName) {
  const std::string row = "      25      11      39      19       0       0\n";
  EXPECT_EQ(message_about(with_replaced(good_text(), row,
                                        "      25      11      39      19       0       1\n")),
            "bad.prmtop:7: section POINTERS, value 10: NPARM is 1: locally enhanced sampling (LES) "
            "is not supported; make the file without addles");
  const std::string zeros = "       0       0       0       0       0       0       0       0";
  EXPECT_EQ(
      message_about(with_replaced(
          good_text(), zeros, "       0       2       0       0       0       0       0       0")),
      "bad.prmtop:9: section POINTERS, value 22: NBPER is 2: perturbed bonds are not "
      "supported");
  EXPECT_EQ(message_about(with_replaced(good_text(), "      10       0\n       0\n",
                                        "      10       0\n       0       4\n")),
            "bad.prmtop:10: section POINTERS, value 32: NCOPY is 4: copies of the molecule (path "
            "integrals) are not supported");
}

}  // namespace
}  // namespace saltus::tests
