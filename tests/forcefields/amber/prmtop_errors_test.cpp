// Oracle: the exact message for each way a prmtop file can be wrong, made by one edit of a good
// one.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using engine::GeneralizedBornModel;
using forcefields::PrmtopOptions;

std::string good_text() { return read_text(data_path("alanine_dipeptide.prmtop")); }

/// What read_prmtop says about `text`, from the file's name on.
std::string message_about(const std::string& text, const PrmtopOptions& options = {}) {
  const std::string path = write_text(testing::TempDir(), "bad.prmtop", text);
  const std::string message =
      message_of<engine::InputError>([&] { forcefields::read_prmtop(path, options); });
  return message.substr(message.find("bad.prmtop"));
}

std::string message_after(const std::string& from, const std::string& to,
                          const PrmtopOptions& options = {}) {
  return message_about(with_replaced(good_text(), from, to), options);
}

TEST(PrmtopErrors, MissingFile) {
  EXPECT_EQ(message_of<engine::FileError>([] { forcefields::read_prmtop("/no/such.prmtop", {}); }),
            "/no/such.prmtop: cannot be opened for reading");
}

TEST(PrmtopErrors, Folder) {
  const std::string folder = testing::TempDir();
  EXPECT_EQ(message_of<engine::FileError>([&] { forcefields::read_prmtop(folder, {}); }),
            folder + ": cannot be opened for reading");
}

TEST(PrmtopErrors, OldOrForeignFormat) {
  const std::string expected =
      "bad.prmtop:1: expected a line that starts with %VERSION; this is not a prmtop file, or one "
      "from before AMBER 7 (read and write it once with ParmEd to bring it up to date)";
  EXPECT_EQ(message_about("ACE\n    22     7\n"), expected);
  EXPECT_EQ(message_about(""), expected);
}

TEST(PrmtopErrors, NothingAfterTheVersion) {
  EXPECT_EQ(message_about("%VERSION  VERSION_STAMP = V0001.000\n"),
            "bad.prmtop:1: the file has no %FLAG, expected the sections of a prmtop file");
}

TEST(PrmtopErrors, UnknownDirective) {
  EXPECT_EQ(message_after("%FLAG TITLE", "%FLOG TITLE"),
            "bad.prmtop:2: unknown directive \"%FLOG\", expected %FLAG, %FORMAT or %COMMENT");
}

TEST(PrmtopErrors, Format) {
  EXPECT_EQ(message_after("%FLAG CHARGE\n%FORMAT(5E16.8)", "%FLAG CHARGE\n%FORMAT(five)"),
            "bad.prmtop:16: cannot read \"%FORMAT(five)\", expected a Fortran format such as "
            "%FORMAT(5E16.8)");
  EXPECT_EQ(message_after("%FLAG CHARGE\n%FORMAT(5E16.8)\n", "%FLAG CHARGE\n"),
            "bad.prmtop:16: section CHARGE has data but no %FORMAT before it");
}

TEST(PrmtopErrors, SectionTwiceOrMissing) {
  EXPECT_EQ(message_after("%FLAG SOLTY", "%FLAG MASS"),
            "bad.prmtop:140: section MASS is given a second time, first on line 27");
  EXPECT_EQ(message_after("%FLAG MASS", "%FLAG MESS").substr(10), ": section MASS is missing");
}

TEST(PrmtopErrors, NotANumber) {
  EXPECT_EQ(message_after("2.04636429E+00", "2.0463642xE+00"),
            "bad.prmtop:17: section CHARGE, value 1: \"2.0463642xE+00\", expected a number");
  EXPECT_EQ(message_after("2.04636429E+00", "           nan"),
            "bad.prmtop:17: section CHARGE, value 1: \"nan\", expected a number");
  EXPECT_EQ(message_after("      22       7", "      22     7.0"),
            "bad.prmtop:7: section POINTERS, value 2: \"7.0\", expected an integer");
}

TEST(PrmtopErrors, TooFewValues) {
  const std::string text = good_text();
  const std::size_t last = text.find("  1.77849648E+00\n  1.77849648E+00  1.77849648E+00");
  ASSERT_NE(last, std::string::npos);
  EXPECT_EQ(message_about(std::string(text).erase(last, 17)),
            "bad.prmtop:15: section CHARGE: has 21 values, expected 22");
  EXPECT_EQ(message_about(text.substr(0, text.find("%FLAG ATOM_NAME"))),
            "bad.prmtop: section MASS is missing");
}

TEST(PrmtopErrors, Pointers) {
  EXPECT_EQ(message_after("      22       7      12", "      22       7     -12"),
            "bad.prmtop:7: section POINTERS, value 3: -12, expected 0 to 100000000");
}

TEST(PrmtopErrors, UnsupportedByPointer) {
  const std::string row =
      "       0       0       0       0       0       0       0       0      10";
  const auto with_row = [&](const std::string& to) { return message_after(row, to); };
  EXPECT_EQ(with_row("       1       0       0       0       0       0       0       0      10"),
            "bad.prmtop:9: section POINTERS, value 21: IFPERT is 1: perturbed atoms are not "
            "supported");
  EXPECT_EQ(message_after(row + "       0\n       0", row + "       1\n       0"),
            "bad.prmtop:9: section POINTERS, value 30: IFCAP is 1: a solvent cap is not supported");
  EXPECT_EQ(message_after(row + "       0\n       0", row + "       0\n       4"),
            "bad.prmtop:10: section POINTERS, value 31: NUMEXTRA is 4, but the file has 0 "
            "atoms without mass");
}

TEST(PrmtopErrors, UnsupportedBySection) {
  EXPECT_EQ(message_after("%FLAG TITLE", "%FLAG CTITLE"),
            "bad.prmtop:2: section CTITLE: a CHAMBER file (CHARMM force field) is not supported");
  EXPECT_EQ(message_after("%FLAG SOLTY", "%FLAG LENNARD_JONES_CCOEF"),
            "bad.prmtop:140: section LENNARD_JONES_CCOEF: the 12-6-4 ion model is not supported");
  EXPECT_EQ(message_after("%FLAG SOLTY", "%FLAG POLARIZABILITY"),
            "bad.prmtop:140: section POLARIZABILITY: polarisable force fields are not supported");
  EXPECT_EQ(
      message_after("%FLAG IPOL\n%FORMAT(1I8)\n       0", "%FLAG IPOL\n%FORMAT(1I8)\n       1"),
      "bad.prmtop:279: section IPOL: polarisable force fields are not supported");
}

TEST(PrmtopErrors, TenTwelve) {
  // One 10-12 pair of types (NPHB), with coefficients that are not 0.
  std::string text =
      with_replaced(good_text(), "      51       1       0", "      51       1       1");
  text = with_replaced(text, "%FLAG HBOND_ACOEF\n%FORMAT(5E16.8)\n",
                       "%FLAG HBOND_ACOEF\n%FORMAT(5E16.8)\n  7.55700000E+03");
  EXPECT_EQ(message_about(text),
            "bad.prmtop:237: section HBOND_ACOEF, value 1: 10-12 terms are not supported");
  EXPECT_EQ(message_after("       1       2       4       7      11      16      22",
                          "      -1       2       4       7      11      16      22"),
            "bad.prmtop:46: section NONBONDED_PARM_INDEX, value 1: a 10-12 term of type 1 (H1) "
            "with itself; 10-12 terms are not supported");
}

TEST(PrmtopErrors, PairSpecificLennardJones) {
  // The coefficient A of types 1 and 2, 0.1 % off.
  EXPECT_EQ(message_after("9.71708117E+04", "9.72679825E+04"),
            "bad.prmtop:46: section NONBONDED_PARM_INDEX, value 2: the Lennard-Jones parameters "
            "of types 1 (H1) and 2 (C1) are not those of the Lorentz-Berthelot rule; "
            "pair-specific parameters (NBFIX) are not supported");
}

TEST(PrmtopErrors, AtomsOfTerms) {
  EXPECT_EQ(message_after("       3       0       3       3       6",
                          "       3       1       3       3       6"),
            "bad.prmtop:161: section BONDS_INC_HYDROGEN, value 2: 1, expected 3 times the index of "
            "one of 22 atoms, counted from 0");
  EXPECT_EQ(message_after("       3       0       3       3       6",
                          "       3      66       3       3       6"),
            "bad.prmtop:161: section BONDS_INC_HYDROGEN, value 2: 66, expected 3 times the index "
            "of one of 22 atoms, counted from 0");
  EXPECT_EQ(message_after("       3       0       3       3       6",
                          "      -3       0       3       3       6"),
            "bad.prmtop:161: section BONDS_INC_HYDROGEN, value 1: -3, expected an index of 0 or "
            "more");
  EXPECT_EQ(message_after("       3       0       3       3       6",
                          "       3       0       8       3       6"),
            "bad.prmtop:161: section BONDS_INC_HYDROGEN, value 3: type 8, expected 1 to 7");
}

TEST(PrmtopErrors, DihedralWhoseSignCannotBeWritten) {
  EXPECT_EQ(message_after("       0       3      12      15      11",
                          "      15      12       3       0      11"),
            "bad.prmtop:191: section DIHEDRALS_INC_HYDROGEN, value 4: atom 0 is the third or "
            "fourth atom of the torsion, where a sign marks an excluded 1-4 pair or an improper "
            "torsion; list the torsion's atoms in reverse order");
}

TEST(PrmtopErrors, PairCountedTwice) {
  EXPECT_EQ(
      message_after("       3     -12      15       1\n", "       3      12      15       1\n"),
      "bad.prmtop:191: section DIHEDRALS_INC_HYDROGEN, value 6: the 1-4 pair of atoms 1 and "
      "6 is counted a second time, or is not in EXCLUDED_ATOMS_LIST");
}

TEST(PrmtopErrors, ScaleOfACountedPair) {
  const std::string header = "%FLAG SCEE_SCALE_FACTOR\n%FORMAT(5E16.8)\n";
  std::string text = good_text();
  const std::size_t at = text.find(header) + header.size() + 16 * 10 + 2;  // 11th value
  EXPECT_EQ(message_about(text.replace(at, 16, "  0.00000000E+00")),
            "bad.prmtop:118: section SCEE_SCALE_FACTOR, value 11: 0.000000, expected more than 0: "
            "a torsion of this type counts its 1-4 pair");
}

TEST(PrmtopErrors, Periodicity) {
  EXPECT_EQ(message_after("  3.00000000E+00  2.00000000E+00  1.00000000E+00",
                          "  3.50000000E+00  2.00000000E+00  1.00000000E+00"),
            "bad.prmtop:90: section DIHEDRAL_PERIODICITY, value 1: 3.500000, expected a whole "
            "number of 1 or more");
}

TEST(PrmtopErrors, Exclusions) {
  EXPECT_EQ(message_after("       6       7       4       3       7       3",
                          "      60      70       4       3       7       3"),
            "bad.prmtop:41: section NUMBER_EXCLUDED_ATOMS, value 2: 70 does not fit the 99 values "
            "of EXCLUDED_ATOMS_LIST");
  EXPECT_EQ(message_after("       2       3       4       5       6       7       3",
                          "       1       3       4       5       6       7       3"),
            "bad.prmtop:225: section EXCLUDED_ATOMS_LIST, value 1: 1, expected another atom than "
            "1, 1 to 22");
}

TEST(PrmtopErrors, Residues) {
  EXPECT_EQ(message_after("       1       7      17", "       1      17       7"),
            "bad.prmtop:56: section RESIDUE_POINTER, value 3: 7, expected the first atoms of the "
            "residues: 1 for the first residue, then rising, none above 22");
}

TEST(PrmtopErrors, MasslessAtom) {
  EXPECT_EQ(message_after("1.00794700E+00", "0.00000000E+00"),
            "bad.prmtop:29: section MASS, value 1: the mass of atom H1 is 0.000000, expected more "
            "than 0, as for all but extra points, whose names begin with EP or LP");
}

TEST(PrmtopErrors, ImplicitSolventWithoutRadii) {
  PrmtopOptions options;
  options.molecule.implicit_solvent = GeneralizedBornModel::kObc2;
  EXPECT_EQ(message_after("%FLAG RADII", "%FLAG RADDII", options),
            "bad.prmtop: section RADII is missing, expected the implicit solvent's radii; make "
            "the file with them (tleap: set default PBRadii mbondi2)");
  EXPECT_EQ(message_after("1.20000000E+00  1.70000000E+00  1.20000000E+00  1.20000000E+00",
                          "0.00000000E+00  1.70000000E+00  1.20000000E+00  1.20000000E+00", options)
                .substr(16),
            "section RADII, value 1: the radius of atom 1 is 0.000000, expected more than 0; make "
            "the file with implicit-solvent radii (tleap: set default PBRadii mbondi2)");
}

TEST(PrmtopErrors, Cutoff) {
  PrmtopOptions options;
  options.molecule.nonbonded_method = engine::NonbondedMethod::kCutoffNonPeriodic;
  options.molecule.cutoff_nm = -1.0;
  EXPECT_EQ(message_about(good_text(), options),
            "bad.prmtop: nonbonded 0: the cutoff must be positive");
}

TEST(PrmtopErrors, AnyCutOffOrDamagedFileIsAnErrorOrAMolecule) {
  const std::string text = good_text();
  const std::string path = testing::TempDir() + "damaged.prmtop";
  PrmtopOptions options;
  options.molecule.implicit_solvent = GeneralizedBornModel::kGbn2;
  std::size_t errors = 0;
  for (std::size_t n = 0; n < text.size(); n += 37) {
    std::string damaged = n % 2 == 0 ? text.substr(0, n) : text;
    if (n % 2 == 1) damaged[n] = "9-% x"[n % 5];
    write_text("", path, damaged);
    try {
      forcefields::read_prmtop(path, options);
    } catch (const engine::InputError&) {
      ++errors;
    }
  }
  EXPECT_GT(errors, text.size() / 37 / 2);
}

TEST(PrmtopBox, IsReadWhateverTheMethod) {
  const std::string row =
      "       0       0       0       0       0       0       0       0      10";
  const auto with_kind = [&](const std::string& kind, const std::string& box) {
    return with_replaced(good_text(), row,
                         "       0       0       0       0       0       0       0       " + kind +
                             "      10") +
           "%FLAG BOX_DIMENSIONS\n%FORMAT(5E16.8)\n" + box;
  };
  const std::string edges = "  2.00000000E+01  3.00000000E+01  4.00000000E+01\n";
  const std::string right = "  9.00000000E+01" + edges, oblique = "  6.00000000E+01" + edges;
  const auto read = [&](const std::string& text) {
    return forcefields::read_prmtop(write_text(testing::TempDir(), "box.prmtop", text), {});
  };
  EXPECT_FALSE(read(good_text()).box.has_value());
  const forcefields::AmberMolecule rectangular = read(with_kind("1", right));
  ASSERT_TRUE(rectangular.box.has_value());
  EXPECT_FALSE(rectangular.system.box.has_value());
  EXPECT_EQ(rectangular.notes, std::vector<std::string>());
  EXPECT_DOUBLE_EQ(rectangular.box->edges_nm[2], 4.0);
  EXPECT_DOUBLE_EQ(rectangular.box->angles_rad.value()[0], engine::kPi / 2.0);
  EXPECT_DOUBLE_EQ(read(with_kind("2", oblique)).box->angles_rad.value()[0], engine::kPi / 3.0);
  // One angle does not say what the two others are.
  EXPECT_FALSE(read(with_kind("1", oblique)).box->angles_rad.has_value());
  EXPECT_FALSE(read(with_kind("3", right)).box->angles_rad.has_value());
  const std::string good = good_text();
  EXPECT_EQ(message_about(with_kind("1", "")),
            "bad.prmtop:" + std::to_string(std::count(good.begin(), good.end(), '\n') + 1) +
                ": section BOX_DIMENSIONS: has 0 values, expected 4");
}

}  // namespace
}  // namespace saltus::tests
