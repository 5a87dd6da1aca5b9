// Oracle: what the formats say (OpenSMILES, CXSMILES, RFC 4180, gzip, UTF-16), written out by hand;
// canonical SMILES of small molecules as RDKit 2022.09 writes them.
#include <gmock/gmock.h>

#include <set>

#include "tests/cases/lists_program.h"

namespace saltus::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

/// "CCO packed\n" as gzip writes it.
const std::string kPacked(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x73\x76\xf6\x57\x28\x48\x4c\xce\x4e\x4d\xe1\x02\x00"
    "\x1c\xe3\xd0\x1b\x0b\x00\x00\x00",
    31);

class Lists : public ListsTest {};

TEST_F(Lists, ReadCxsmilesBehindTheirSmiles) {
  const auto rows = report_of("x.smi",
                              "C[C@H](O)F |&1:1| racemate\n"
                              "C[C@H](O)F\t|&1:1|\ttabs between\n"
                              "O[C@H](Br)[C@H](F)C |o1:1,3| x\n"
                              "O[C@H](Br)[C@H](F)C |&1:1,o2:3| two groups\n"
                              "C[C@H](O)F |a:1| absolute\n"
                              "CCS |$;;label$| labelled\n"
                              "CCO |(0,0,;1,1,;2,0,)| drawn\n"
                              "CCO |atomProp:0.note.x:1.note.y|\n");
  EXPECT_THAT(verdicts(rows),
              ElementsAre("OK racemate C[C@H](O)F", "OK tabs between C[C@H](O)F",
                          "OK x C[C@@H](F)[C@H](O)Br", "OK two groups C[C@@H](F)[C@H](O)Br",
                          "OK absolute C[C@H](O)F", "OK labelled CCS", "OK drawn CCO",
                          "OK mol_000008 CCO"));
  ASSERT_EQ(rows.size(), 8u);
  std::vector<std::string> n_isomers;
  for (const TableRow& row : rows) n_isomers.push_back(row.at("n_isomers"));
  EXPECT_THAT(n_isomers, ElementsAre("2", "2", "2", "4", "1", "1", "1", "1"));
  EXPECT_THAT(rows[0].at("message"), HasSubstr("1 'and' group of stereo centres (both"));
  EXPECT_THAT(rows[2].at("message"), HasSubstr("1 'or' group of stereo centres (one of two"));
  EXPECT_THAT(rows[5].at("message"), HasSubstr("CXSMILES: left out: atom labels"));
  EXPECT_THAT(rows[6].at("message"), HasSubstr("left out: 2D coordinates"));
  EXPECT_THAT(rows[7].at("message"), HasSubstr("left out: properties of atoms"));
  // Groups are inverted as a whole: of two centres in one, two of the four isomers.
  const auto smiles = written("smiles");
  const std::set<std::string> all(smiles.begin(), smiles.end());
  EXPECT_EQ(all.count("C[C@H](O)F") + all.count("C[C@@H](O)F"), 2u);
  ASSERT_GE(smiles.size(), 6u);
  const std::vector<std::string> group(smiles.begin() + 4, smiles.begin() + 6);
  EXPECT_THAT(group, UnorderedElementsAre("C[C@@H](F)[C@H](O)Br", "C[C@H](F)[C@@H](O)Br"));
}

TEST_F(Lists, FollowThePolicyForStereoInGroups) {
  const std::string list = "O[C@H](Br)[C@H](F)C |&1:1,o2:3| x\n";
  EXPECT_EQ(report_of("x.smi", list, {"--stereo", "random"})[0].at("n_isomers"), "1");
  EXPECT_EQ(report_of("x.smi", list, {"--stereo", "keep"})[0].at("n_isomers"), "1");
  EXPECT_THAT(written("smiles"), ElementsAre("C[C@@H](F)[C@H](O)Br"));
  const auto failed = report_of("x.smi", list, {"--stereo", "fail"});
  EXPECT_EQ(failed[0].at("status"), "STEREO_UNSPECIFIED");
  EXPECT_THAT(failed[0].at("message"), HasSubstr("1 'and' group"));
  const auto cut = report_of("x.smi", list, {"--max-isomers", "3"});
  EXPECT_EQ(cut[0].at("n_isomers"), "3");
  EXPECT_THAT(cut[0].at("message"), HasSubstr("3 of more configurations are made"));
  // A group of a meso form, and with an open centre beside it.
  EXPECT_EQ(report_of("m.smi", "O[C@H](F)[C@H](F)O |&1:1,3| meso\n")[0].at("n_isomers"), "1");
  EXPECT_EQ(report_of("o.smi", "C[C@H](O)C(F)Cl |&1:1| open\n")[0].at("n_isomers"), "4");
  // In a salt, and where an atom is no centre.
  EXPECT_EQ(report_of("s.smi", "C[C@H](O)F.Cl |&1:1| salt\n")[0].at("n_isomers"), "2");
  const auto none = report_of("n.smi", "CCO |&1:1| none\n");
  EXPECT_EQ(none[0].at("status") + none[0].at("n_isomers"), "OK1");
  EXPECT_THAT(none[0].at("message"), HasSubstr("not marked with @: atom 1"));
}

TEST_F(Lists, RefuseCxsmilesThatChangeTheMoleculeAndCannotBeFollowed) {
  const auto rows = report_of("x.smi",
                              "CC |^1:0| radical\n"
                              "CC |Sg:n:0:3:ht| polymer\n"
                              "CC |H:0.0| hydrogen_bond\n"
                              "CC=CC |t:1| trans\n"
                              "C[C@H](O)F |&1:9| beyond\n"
                              "C[C@H](O)F |&1:x| letter\n"
                              "C[C@H](O)F |foo:1| unknown\n"
                              "C[C@H](O)F |&1:1 open\n"
                              "CC |rb:0:*| query\n"
                              "[CH3]C |^1:0| crowded\n");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("status"), "PARSE_SYNTAX") << i;
    EXPECT_THAT(rows[i].at("message"), HasSubstr("CXSMILES")) << i;
  }
  ASSERT_EQ(rows.size(), 10u);
  EXPECT_EQ(rows[0].at("smiles"), "[CH2]C");
  EXPECT_THAT(rows[1].at("message"), HasSubstr("polymer"));
  EXPECT_THAT(rows[3].at("message"), HasSubstr("write them with / and"));
  EXPECT_THAT(rows[4].at("message"),
              HasSubstr("there is no atom 9; the molecule has 4, counted from 0"));
  EXPECT_THAT(rows[7].at("message"), HasSubstr("a CXSMILES block that is not closed"));
}

TEST_F(Lists, HaveCxsmilesInCells) {
  copy_case("11_lists_of_smiles");
  EXPECT_THAT(verdicts(report("11_lists_of_smiles/table.csv")),
              ElementsAre("OK 1 CCO", "OK 2 C[C@H](O)F", "OK 3 CC(=O)O", "OK 4 CCN"));
  EXPECT_THAT(verdicts(report_of("x.tsv", "id\tsmiles\n7\tC[C@H](O)F |&1:1|\n8\tCCO ethanol\n")),
              ElementsAre("OK 7 C[C@H](O)F", "PARSE_SYNTAX 8 "));
  EXPECT_EQ(written("record").size(), 2u);
}

TEST_F(Lists, AreTheSameWithEveryLineEndAndEncoding) {
  copy_case("11_lists_of_smiles");
  const auto expected = verdicts(report("11_lists_of_smiles/input.smi"));
  EXPECT_EQ(expected.size(), 21u);
  EXPECT_EQ(verdicts(report("11_lists_of_smiles/crlf.smi")), expected);
  const auto found = [&](const std::string& text) { return verdicts(report_of("x.smi", text)); };
  const auto three = [] { return ElementsAre("OK a CC", "OK b CCC", "OK c CCO"); };
  EXPECT_THAT(found("CC a\rCCC b\rCCO c\r"), three());
  EXPECT_THAT(found("CC a\r\nCCC b\rCCO c"), three());
  EXPECT_THAT(found("\xEF\xBB\xBF"
                    "CC a\nCCC b\r\r\nCCO c\n"),
              three());
  const auto utf16 = [](const std::string& text, bool big) {
    std::string result = big ? "\xFE\xFF" : "\xFF\xFE";
    for (const char c : text) result += big ? std::string(1, '\0') + c : c + std::string(1, '\0');
    return result;
  };
  EXPECT_THAT(found(utf16("CC a\r\nCCC b\nCCO c", true)), three());
  EXPECT_THAT(found(utf16("CC a\r\nCCC b\nCCO c", false)), three());
  EXPECT_THAT(verdicts(report_of("x.csv", "smiles,name\rCC,a\rCCC,b\rCCO,c\r")), three());
  // Without a mark: refused with the byte.
  const auto rows = report_of("y.smi", utf16("CC a\n", false).substr(2));
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows[0].at("status"), "PARSE_SYNTAX");
  EXPECT_THAT(rows[0].at("message"), HasSubstr("character 2 is a zero byte"));
}

TEST_F(Lists, AreUsedFromTheFirstCharacterToTheLast) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"CCO\xE2\x80\x8B"
       "C",
       "character 4 is a zero-width space (U+200B)"},
      {"CCO\xC2\xA0"
       "ethanol",
       "character 4 is a no-break space (U+00A0)"},
      {"C[N\xE2\x88\x92]C",
       "character 4 is a minus sign (U+2212), which no SMILES string contains: "
       "write -"},
      {"\xE2\x80\x9C"
       "CCO\xE2\x80\x9D",
       "character 1 is a left double quotation mark (U+201C)"},
      {"CCO\xE9", "character 4 is byte 0xE9"},
      {"CC\x0B"
       "CO",
       "character 3 is a control character (0x0B)"},
      {"C\x7F"
       "CO",
       "character 2 is a control character (0x7F)"},
      {"CC[O", "the bracket opened with [ at character 3 is not closed"},
      {"CCO]C", "character 4: ] closes a bracket that was not opened"},
      {"CC)O", "character 3: ) closes a branch that was not opened"},
      {"CC(O", "the branch opened with ( at character 3 is not closed"},
      {"C1CCO", "ring bond 1, opened at character 2, is not closed"},
      {"CCO|&1:1|", "character 4: | is not a symbol; a CXSMILES block follows after a blank"},
      {"CCO;C",
       "character 4: ';' is not a symbol; cells and quotation marks are read in tables (.csv: "
       "commas, .tsv: tabs; or --in-format)"},
      {"CCO,x", "character 4: ',' is not a symbol; cells and quotation marks are read in tables"},
      {"InChI=1S/CH4/h1H4", "this is an InChI, expected a SMILES string"},
      {"LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "this is an InChIKey, from which no structure follows"},
      {"C[C;H3]",
       "the bracket opened with [ at character 2 holds ';', which is of SMARTS patterns"},
      {"C[R1]", "[R1] at character 2 is a placeholder, expected an element"},
      {"C[X]", "[X] at character 2 is a placeholder, expected an element"},
      {"CC>>CO", "character 3: > is of a reaction, expected one molecule"}};
  std::string list;
  for (const auto& [smiles, message] : wrong) list += smiles + "\n";
  const auto rows = report_of("x.smi", list);
  ASSERT_EQ(rows.size(), wrong.size());
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_EQ(rows[i].at("status"), "PARSE_SYNTAX") << wrong[i].first;
    EXPECT_THAT(rows[i].at("message"), HasSubstr(wrong[i].second)) << wrong[i].first;
    EXPECT_EQ(rows[i].at("smiles"), "") << wrong[i].first;
  }
  EXPECT_EQ(read("out.sdf"), "");
}

TEST_F(Lists, WriteCoordinateBondsWithCharges) {
  const auto rows = report_of("x.smi", "[NH3+][BH3-] a\n[NH3]->[BH3] b\nN->B c\nCN(C)(C)->O d\n",
                              {"--minimize", "mmff94"});
  EXPECT_THAT(verdicts(rows),
              ElementsAre("NO_PARAMETERS a [BH3-][NH3+]", "NO_PARAMETERS b [BH3-][NH3+]",
                          "NO_PARAMETERS c [BH3-][NH3+]", "OK d C[N+](C)(C)[O-]"));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows[3].at("message"), HasSubstr("coordinate bonds are written as single bonds"));
}

TEST_F(Lists, LoseNothingToQuotes) {
  const auto rows = report_of("x.csv",
                              "smiles,name\n"
                              "C,methane\n"
                              "CCO,\"ethanol\n"
                              "CCN,amine\n"
                              "CCC,\"\n"
                              "CCF,last\n");
  EXPECT_THAT(verdicts(rows),
              ElementsAre("OK methane C", "PARSE_SYNTAX mol_000002 ", "OK amine CCN",
                          "PARSE_SYNTAX mol_000004 ", "OK last CCF"));
  EXPECT_EQ(rows[1].at("where"), "x.csv:3");
  EXPECT_THAT(rows[1].at("message"), HasSubstr("a quote is opened"));
  EXPECT_THAT(verdicts(report_of("y.csv", "smiles,name\nCCO,\"open\nCCN,amine\n")),
              ElementsAre("PARSE_SYNTAX mol_000001 ", "OK amine CCN"));
  EXPECT_THAT(verdicts(report_of("z.csv", "name,smiles\n\"two\nlines\",CCN\n")),
              ElementsAre("OK two\\nlines CCN"));
  const auto more = report_of("w.csv", "smiles,name\nCCO,1,2-diol\nCCN,amine,\n");
  EXPECT_THAT(verdicts(more), ElementsAre("PARSE_SYNTAX 1 ", "OK amine CCN"));
  EXPECT_THAT(more[0].at("message"), HasSubstr("it has 3 cells, the header names 2"));
}

TEST_F(Lists, AreUnpackedAsAWholeOrNotAtAll) {
  EXPECT_THAT(verdicts(report_of("x.smi.gz", kPacked)), ElementsAre("OK packed CCO"));
  EXPECT_THAT(verdicts(report_of("x.smi.gz", kPacked + kPacked)),
              ElementsAre("OK packed CCO", "OK packed CCO"));
  EXPECT_THAT(verdicts(report_of("x.smi.gz", kPacked + std::string(512, '\0'))),
              ElementsAre("OK packed CCO"));
  const auto refusal = [&](const std::string& bytes) {
    write("x.smi.gz", bytes);
    const ProgramEnd end =
        saltus({"conformers", "x.smi.gz", "-o", "no.sdf", "-n", "1", "-j", "1", "--overwrite"});
    EXPECT_EQ(end.exit_code, 1);
    return end.err;
  };
  EXPECT_THAT(refusal(kPacked + "CCN plain\n"),
              HasSubstr("data that is not gzipped follows the gzip archive, at byte 32"));
  EXPECT_THAT(refusal(kPacked + "CCN plain\n"), HasSubstr("lines before: 1"));
  EXPECT_THAT(refusal(kPacked.substr(0, 25)), HasSubstr("damaged or cut off"));
  EXPECT_THAT(refusal(kPacked + kPacked.substr(0, 20)), HasSubstr("damaged or cut off"));
}

TEST_F(Lists, CannotMakeSpreadsheetsOrTerminalsObey) {
  const std::string list =
      "CC =cmd|' /C calc'!A0\nCCC +1\nCCCC -2\nCCO @x\nCCN \x1B[31mred\nCCF a;=1\n"
      "C(C =broken()\nC\x1B"
      "C\t=x\nCCl nul\x07\xE2\x80\xAE"
      "l\n";
  const auto rows = report_of("x.smi", list, {"--html", "x.html", "--log", "x.log"});
  std::vector<std::string> names;
  for (const TableRow& row : rows) names.push_back(row.at("name"));
  EXPECT_THAT(names, ElementsAre("'=cmd|' /C calc'!A0", "'+1", "'-2", "'@x", "\\x1B[31mred", "a;=1",
                                 "'=broken()", "'=x", "nul\\x07\\u202El"));
  EXPECT_THAT(read("r.csv"), HasSubstr(",\"a;=1\","));
  EXPECT_THAT(read("f.smi"), HasSubstr("\nC\\x1BC\t'=x\n"));
  for (const char* name : {"r.csv", "f.smi", "out.sdf", "x.html", "x.log"})
    for (const char* code : {"\x1B", "\x07"}) EXPECT_THAT(read(name), Not(HasSubstr(code))) << name;
  write("y.csv", "smiles,name\nCC,\"=1\n$$$$\"\nCCC,\"\t+2\"\n");
  report("y.csv");
  EXPECT_THAT(read("out.sdf"), testing::StartsWith("=1 $$$$\n"));
  EXPECT_THAT(read("r.csv"), HasSubstr(",'=1\\n$$$$,"));
  // Messages quote names of files.
  const ProgramEnd end = saltus({"run", "no\x1B[31m.toml"});
  EXPECT_THAT(end.err, HasSubstr("no\\x1B[31m.toml"));
  EXPECT_THAT(end.err, Not(HasSubstr("\x1B")));
}

}  // namespace
}  // namespace saltus::tests
