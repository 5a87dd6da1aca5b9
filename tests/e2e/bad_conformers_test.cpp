// Oracle: statuses a chemist would give, messages written out by hand.
#include <gmock/gmock.h>

#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BadConformers : public Conformers {};

TEST_F(BadConformers, OfLinesThatAreNoMolecules) {
  EXPECT_THAT(statuses("C((C a\n)C b\nC1CC c\nXx d\n[CH9] e\nCC%% f\n\x01\x02 g\n"),
              ElementsAre("PARSE_SYNTAX", "PARSE_SYNTAX", "PARSE_SYNTAX", "PARSE_SYNTAX",
                          "PARSE_VALENCE", "PARSE_SYNTAX", "PARSE_SYNTAX"));
  EXPECT_THAT(statuses("N(C)(C)(C)C\nF(C)C\n"), ElementsAre("PARSE_VALENCE", "PARSE_VALENCE"));
  write("quotes.csv", "smiles,name\n\"CC,a\nCCO,b\n,c\n");
  EXPECT_EQ(conformers({"quotes.csv", "-o", "q.sdf", "-n", "1", "--report", "q.csv"}).exit_code,
            kSomeFailed);
  EXPECT_THAT(read("q.csv"), HasSubstr("PARSE_SYNTAX"));
  EXPECT_THAT(read("q.csv"), HasSubstr(",b,CCO,OK,"));
  EXPECT_THAT(read("q.csv"), HasSubstr(",c,,EMPTY,"));
}

TEST_F(BadConformers, OfPosesInListsLeaveNoHalfTable) {
  write("pose.smi", "CCO ethanol\n");
  for (const char* analysis : {"--strain", "--rescore"}) {
    const ProgramEnd end = saltus({"conformers", "pose.smi", analysis});
    EXPECT_EQ(end.exit_code, 1) << analysis;
    EXPECT_EQ(end.out, "") << analysis;
    EXPECT_THAT(end.err, HasSubstr("'pose.smi' is none by its name"));
  }
}

TEST_F(BadConformers, OfSaltsRadicalsAndUnknownElements) {
  EXPECT_THAT(
      statuses("CC[NH3+].[Cl-] salt\nCCN.Cl hydrochloride\nC[CH2] radical\n"
               "C[Se]C selenide\n[Fe] iron\nCB(O)O boron\n"),
      ElementsAre("OK", "OK", "NO_PARAMETERS", "NO_PARAMETERS", "NO_PARAMETERS", "NO_PARAMETERS"));
  EXPECT_THAT(read("r.csv"), HasSubstr("the largest of 2 molecules is used"));
  EXPECT_THAT(statuses("CCN.Cl\n", {"--fragments", "all"}), ElementsAre("NO_PARAMETERS"));
}

TEST_F(BadConformers, OfVerySmallAndVeryLargeMolecules) {
  EXPECT_THAT(statuses("C methane\nO water\n[Cl-] chloride\n[H][H] hydrogen\n[He] helium\n"),
              ElementsAre("OK", "OK", "OK", "NO_PARAMETERS", "NO_PARAMETERS"));
  // 300 atoms in one ring, without hydrogens and with.
  const std::string ring = "C1" + std::string(298, 'C') + "C1 ring\n";
  EXPECT_THAT(statuses(ring), ElementsAre("TOO_LARGE"));
  EXPECT_THAT(read("r.csv"), HasSubstr("900 atoms, at most 500 are allowed; see --max-atoms"));
  const std::string small_ring = "C1" + std::string(98, 'C') + "C1 ring\n";  // 300 atoms in all
  const auto found = statuses(small_ring, {"--timeout", "2"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0], testing::AnyOf("OK", "TIMEOUT", "PARTIAL_TIMEOUT", "EMBED_FAILED"));
}

TEST_F(BadConformers, OfTheSameNameAreToldApartByTheirRecords) {
  EXPECT_THAT(statuses("CC same\nCCC same\n"), ElementsAre("OK", "OK"));
  EXPECT_THAT(read("out.sdf"), HasSubstr(">  <record>\n1\n"));
  EXPECT_THAT(read("out.sdf"), HasSubstr(">  <record>\n2\n"));
}

TEST_F(BadConformers, OfFilesThatAreOdd) {
  write("odd.csv", "\xEF\xBB\xBFname,smiles\r\n\"a, b\",CC\r\n");
  good({"conformers", "odd.csv", "-o", "odd.sdf", "-n", "1"});
  EXPECT_EQ(read("odd.sdf").compare(0, 5, "a, b\n"), 0);
  write("empty.smi", "\n# nothing\n\n");
  const ProgramEnd end = good({"conformers", "empty.smi", "-o", "empty.sdf"});
  EXPECT_THAT(end.err, HasSubstr("warning: the input holds no molecules"));
  EXPECT_EQ(read("empty.sdf"), "");
  write("nothing.sdf", "");
  expect_refusal({"nothing.sdf", "-o", "x.sdf"},
                 "nothing.sdf: no molecule, expected an MDL mol or SD file");
  write("columns.csv", "a,b\n1,2\n");
  expect_refusal({"columns.csv", "-o", "x.sdf", "--header", "yes"},
                 "columns.csv: which column holds SMILES strings? It has: a, b; say so with "
                 "--smiles-col");
  write("what.dat", "CC\n");
  expect_refusal({"what.dat", "-o", "x.sdf"},
                 "'what.dat': expected a file whose name ends with .smi, .ism, .txt, .csv, .tsv, "
                 ".sdf or .mol (with or without .gz); of a list or SD file of another name give "
                 "--in-format");
  write("deck.json", "{}");
  expect_refusal({"deck.json", "-o", "x.sdf"},
                 "'deck.json' is a JSON file, expected a file whose name ends with .smi, .ism, "
                 ".txt, .csv, .tsv, .sdf or .mol (with or without .gz); of a list or SD file of "
                 "another name give --in-format");
  expect_refusal({folder_.path(), "-o", "x.sdf", "--in-format", "smi"},
                 folder_.path() + ": is a folder, expected a file");
}

TEST_F(BadConformers, OfOutputsThatCannotBeWritten) {
  write("list.smi", "CC\n");
  const std::string reason = "': No such file or directory";
  expect_refusal({"list.smi", "-o", "none/x.h5"}, "cannot write 'none/x.h5.spool" + reason);
  expect_refusal({"list.smi", "-o", "x.sdf", "--report", "none/r.csv"},
                 "cannot write 'none/r.csv" + reason);
  expect_refusal({"list.smi", "-o", "x.sdf", "--log", "none/log"},
                 "cannot write 'none/log" + reason);
  expect_refusal({"list.smi", "-o", "x.sdf", "--html", "none/x.html"},
                 "cannot write 'none/x.html" + reason);
  expect_refusal({"list.smi", "--split", "list.smi"},
                 "cannot write 'list.smi': it is the input 'list.smi'; choose another name");
  write("file", "");
  expect_refusal({"list.smi", "--split", "file"}, "cannot write into 'file': Not a directory");
  std::filesystem::create_directory(file("folder.sdf"));
  expect_refusal({"list.smi", "-o", "folder.sdf"},
                 "cannot write 'folder.sdf': it is a folder, expected the name of a file");
  // Nothing of what was begun stays.
  EXPECT_FALSE(std::filesystem::exists(file("x.sdf.new")));
  const ProgramEnd end = run_saltus({"conformers", "list.smi", "-o", "big.sdf", "-n", "20",
                                     "--rmsd-prune", "0", "--minimize", "none"},
                                    folder_.path(), 2000);
  EXPECT_EQ(end.exit_code, kWrong);
  EXPECT_THAT(end.err, HasSubstr("cannot write 'big.sdf': File too large"));
  EXPECT_FALSE(std::filesystem::exists(file("big.sdf")));
}

TEST_F(BadConformers, WithoutTheCoordinatesThatAreAskedFor) {
  const std::string atoms =
      "\n  made by hand\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n"
      "    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.5000 C   0  0\n"
      "  1  2  1  0\nM  END\n$$$$\n";
  write("bare.sdf", "ethane" + atoms);
  EXPECT_EQ(
      conformers({"bare.sdf", "-o", "x.sdf", "--use-input-3d", "--report", "r.csv"}).exit_code,
      kSomeFailed);
  EXPECT_THAT(read("r.csv"), HasSubstr("NO_COORDINATES"));
  EXPECT_THAT(read("r.csv"),
              HasSubstr("6 hydrogens are missing: --use-input-3d needs coordinates of all atoms"));
}

}  // namespace
}  // namespace saltus::tests
