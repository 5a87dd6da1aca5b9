// Oracle: names.smi beside the SD file, which says what molecule each record is; messages and file
// kinds written out by hand; energies of single records by the same program.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "saltus_test_paths.h"
#include "tests/cases/lists_program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MoleculeFiles : public ListsTest {
 protected:
  /// Message of the only record, status PARSE_SYNTAX.
  std::string refusal(const std::string& record) const {
    const auto rows = report_of("x.sdf", record);
    EXPECT_EQ(rows.size(), 1u);
    if (rows.empty()) return "";
    EXPECT_EQ(rows[0].at("status"), "PARSE_SYNTAX") << rows[0].at("message");
    for (const char* foreign : {"RDKit says", "lexical", "basic_string", "Invariant", "stoi",
                                "Cannot convert", "Counts line", "Unexpected error"})
      EXPECT_THAT(rows[0].at("message"), Not(HasSubstr(foreign)));
    return rows[0].at("message");
  }
};

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) ADD_FAILURE() << "no '" << from << "' to change";
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

const std::string kMethanol =
    "methanol\n     by hand        3D\n\n"
    "  6  5  0  0  0  0  0  0  0  0999 V2000\n"
    "   -0.3823    0.0003    0.0010 C   0  0\n"
    "    0.9800   -0.1700   -0.3300 O   0  0\n"
    "   -0.7000    0.9100   -0.4900 H   0  0\n"
    "   -0.9500   -0.8500   -0.3800 H   0  0\n"
    "   -0.5100    0.0800    1.0800 H   0  0\n"
    "    1.5600    0.5800   -0.0600 H   0  0\n"
    "  1  2  1  0\n  1  3  1  0\n  1  4  1  0\n  1  5  1  0\n  2  6  1  0\nM  END\n";

const std::string kChiral3000 =
    "chiral\n     by hand        2D\n\n"
    "  0  0  0     0  0            999 V3000\n"
    "M  V30 BEGIN CTAB\n"
    "M  V30 COUNTS 5 4 0 0 0\n"
    "M  V30 BEGIN ATOM\n"
    "M  V30 1 C 0 0 0 0\n"
    "M  V30 2 C 1.3 0.75 0 0 CFG=1\n"
    "M  V30 3 O 2.6 0 0 0\n"
    "M  V30 4 F 1.3 2.25 0 0\n"
    "M  V30 5 Cl 1.3 -1 0 0\n"
    "M  V30 END ATOM\n"
    "M  V30 BEGIN BOND\n"
    "M  V30 1 1 1 2\n"
    "M  V30 2 1 2 3 -\n"
    "M  V30 CFG=1\n"
    "M  V30 3 1 2 4\n"
    "M  V30 4 1 2 5\n"
    "M  V30 END BOND\n"
    "M  V30 BEGIN COLLECTION\n"
    "M  V30 MDLV30/STERAC1 ATOMS=(1 2)\n"
    "M  V30 END COLLECTION\n"
    "M  V30 END CTAB\n"
    "M  END\n";

TEST_F(MoleculeFiles, OfTheCasesAreReadAsWhatTheyAre) {
  copy_case("12_sd_files");
  const auto rows = report("12_sd_files/input.sdf");
  ASSERT_EQ(rows.size(), 20u);
  const auto row_of = [&](const std::string& name) {
    for (const TableRow& row : rows)
      if (row.at("name") == name) return row;
    ADD_FAILURE() << name << " is missing";
    return TableRow();
  };
  // Both sides through the program, so that the strings are canonical.
  const auto names = report("12_sd_files/names.smi");
  EXPECT_EQ(names.size(), 16u);
  for (const TableRow& expected : names) {
    const std::string& name = expected.at("name");
    const TableRow row = row_of(name);
    EXPECT_EQ(row.at("status"), "OK") << name << row.at("message");
    EXPECT_EQ(row.at("smiles"), expected.at("smiles")) << name;
  }
  EXPECT_EQ(row_of("atom_list").at("status"), "PARSE_SYNTAX");
  EXPECT_EQ(row_of("nan_coordinate").at("status"), "PARSE_SYNTAX");
  EXPECT_THAT(row_of("nan_coordinate").at("message"),
              HasSubstr("12_sd_files/input.sdf:253:1: molecule 16 is not mol data: the coordinate "
                        "nan is not finite"));
  EXPECT_EQ(row_of("wrong_counts").at("status"), "PARSE_SYNTAX");
  EXPECT_THAT(row_of("wrong_counts").at("message"),
              HasSubstr(": expected atom 2; the counts line says 9 atoms and 9 bonds"));
  EXPECT_EQ(rows[17].at("status"), "EMPTY");
}

TEST_F(MoleculeFiles, LoseNoRecordBehindAnEmptyOne) {
  const auto rows = report_of("x.sdf", kMethanol + "$$$$\n$$$$\n\n\n$$$$\n" + kMethanol + "$$$$\n");
  std::vector<std::string> statuses;
  for (const TableRow& row : rows) statuses.push_back(row.at("status"));
  EXPECT_THAT(statuses, ElementsAre("OK", "EMPTY", "EMPTY", "OK"));
  EXPECT_EQ(rows.at(1).at("where"), "x.sdf:18");
}

TEST_F(MoleculeFiles, MayHaveEveryLineEndAndEncoding) {
  const std::string two =
      kMethanol + "$$$$\n" + changed(kMethanol, "methanol", "second") + "$$$$\n";
  std::string old_mac = two, utf16 = "\xFF\xFE";
  std::replace(old_mac.begin(), old_mac.end(), '\n', '\r');
  for (const char c : two) utf16 += c + std::string(1, '\0');
  for (const std::string& text : {two, old_mac, utf16, "\xEF\xBB\xBF" + two})
    EXPECT_THAT(verdicts(report_of("x.sdf", text)), ElementsAre("OK methanol CO", "OK second CO"));
}

TEST_F(MoleculeFiles, ReadGroupsOfV3000) {
  const auto rows =
      report_of("x.sdf", kChiral3000 + "$$$$\n" + changed(kChiral3000, "STERAC1", "STEABS") +
                             "$$$$\n" + changed(kChiral3000, "STERAC1", "STEREL1"));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].at("status") + rows[0].at("n_isomers"), "OK2") << rows[0].at("message");
  EXPECT_THAT(rows[0].at("message"), HasSubstr("1 'and' group"));
  EXPECT_EQ(rows[1].at("status") + rows[1].at("n_isomers"), "OK1");
  EXPECT_EQ(rows[2].at("status") + rows[2].at("n_isomers"), "OK2");
  EXPECT_THAT(rows[2].at("message"), HasSubstr("1 'or' group"));
}

TEST_F(MoleculeFiles, ThatAreWrongAreRefusedInOurWords) {
  const auto with = [](const std::string& line) {
    return changed(kMethanol, "M  END", line + "\nM  END");
  };
  const std::string start = "x.sdf:16:";
  EXPECT_THAT(refusal(with("M  CHG  2   1   1")),
              StartsWith(start + "18: molecule 1 is not mol data: expected an atom"));
  EXPECT_THAT(refusal(with("M  CHG  1   9   1")), HasSubstr("an atom in four columns from 1 to 6, "
                                                            "got 9"));
  EXPECT_THAT(refusal(with("M  CHG  x   1   1")), HasSubstr("a whole number, got 'x'"));
  EXPECT_THAT(refusal(with("M  CHG  1   1   q")), HasSubstr("expected a charge"));
  EXPECT_THAT(refusal(with("M  CHG  1   1")), HasSubstr("expected a charge"));
  EXPECT_THAT(refusal(with("M  CHG")), HasSubstr("the number of entries"));
  EXPECT_THAT(refusal(with("M  CHG  1   1   1   2   1")),
              HasSubstr("gives 1 as the number of its entries"));
  EXPECT_THAT(refusal(with("M  RAD  1   1   7")), HasSubstr("a kind of radical from 0 to 3"));
  EXPECT_THAT(refusal(with("M  ISO  1   1 1e3")), HasSubstr("expected a mass number"));
  EXPECT_THAT(refusal(with("  1  6  1  0")), HasSubstr("expected a line of properties or M  END"));
  EXPECT_THAT(refusal(changed(kMethanol, "  6  5", "  6  4")),
              HasSubstr("the counts line says 6 atoms and 4 bonds"));
  EXPECT_THAT(refusal(changed(kMethanol, "  6  5", "  5  5")), StartsWith("x.sdf:10:"));
  EXPECT_THAT(refusal(changed(kMethanol, "M  END\n", "")),
              HasSubstr("it ends here, expected M  END"));
  EXPECT_THAT(
      refusal(changed(kMethanol, "  2  6  1", "  2  7  1")),
      StartsWith("x.sdf:15:4: molecule 1 is not mol data: expected an atom in columns 4-6"));
  EXPECT_THAT(refusal(changed(kMethanol, "V2000", "V4000")), StartsWith("x.sdf:4:35:"));
  EXPECT_THAT(refusal(changed(kMethanol, " 0.9800", "1e300 ")),
              AllOf(HasSubstr("x.sdf:6:1:"), HasSubstr("1e300 lies beyond")));
  EXPECT_THAT(refusal(changed(kMethanol, "-0.1700", "    inf")),
              AllOf(HasSubstr("x.sdf:6:11:"), HasSubstr("the coordinate inf is not finite")));
}

TEST_F(MoleculeFiles, OfV3000ThatAreWrongAreRefusedInOurWords) {
  const auto with = [&](const std::string& from, const std::string& to) {
    return refusal(changed(kChiral3000, from, to));
  };
  EXPECT_THAT(with("M  V30 3 O 2.6 0 0 0", "M  V30 3 O 2.6"),
              AllOf(StartsWith("x.sdf:10:15: "), HasSubstr("the line ends here")));
  EXPECT_THAT(with("M  V30 3 1 2 4", "M  V30 3 1 2"), StartsWith("x.sdf:18:"));
  EXPECT_THAT(with("COUNTS 5 4", "COUNTS 6 4"), HasSubstr("expected atom 6"));
  EXPECT_THAT(with("COUNTS 5 4", "COUNTS 4 4"), HasSubstr("expected END ATOM"));
  EXPECT_THAT(with("COUNTS 5 4", "COUNTS 5 5"), HasSubstr("expected bond 5"));
  EXPECT_THAT(with("COUNTS 5 4 0 0 0", "COUNTS 5"), HasSubstr("the numbers of atoms and bonds"));
  EXPECT_THAT(with("COUNTS 5", "COUNTS x"), HasSubstr("a whole number, got 'x'"));
  EXPECT_THAT(with("4 1 2 5", "4 1 2 9"), HasSubstr("there is no atom 9"));
  EXPECT_THAT(with("4 1 2 5", "4 1 2 2"), HasSubstr("a bond of atom 2 with itself"));
  EXPECT_THAT(with("4 1 2 5", "4 1 2 1"), HasSubstr("bonded by an earlier line"));
  EXPECT_THAT(with("CFG=1\nM  V30 3 O", "CHG=x\nM  V30 3 O"), HasSubstr("expected CHG"));
  EXPECT_THAT(with("1.3 2.25", "1e300 2.25"), HasSubstr("1e300 lies beyond"));
  EXPECT_THAT(with("1.3 2.25", "nan 2.25"), HasSubstr("nan is not finite"));
  EXPECT_THAT(with("ATOMS=(1 2)", "ATOMS=(2 2)"), HasSubstr("does not list as many atoms"));
  EXPECT_THAT(with("M  V30 END CTAB\n", ""), HasSubstr("x.sdf:24:1:"));
  EXPECT_THAT(with("M  V30 BEGIN CTAB", "M  V30"), HasSubstr("x.sdf:5"));
}

TEST_F(MoleculeFiles, ThatAreFlatAndHaveWedgesAreDrawings) {
  const std::string flat =
      "alanine\n     by hand        3D\n\n  6  5  0  0  1  0            999 V2000\n"
      "    0.0000    0.0000    0.0000 C   0  0\n    0.8660    0.5000    0.0000 C   0  0\n"
      "    0.0000   -1.0000    0.0000 N   0  0\n   -0.8660    0.5000    0.0000 C   0  0\n"
      "    0.8660    1.5000    0.0000 O   0  0\n    1.7320    0.0000    0.0000 O   0  0\n"
      "  1  2  1  0\n  1  3  1  1\n  1  4  1  0\n  2  5  2  0\n  2  6  1  0\nM  END\n";
  const auto rows = report_of("x.sdf", flat);
  EXPECT_EQ(rows[0].at("status") + rows[0].at("n_isomers"), "OK1");
  EXPECT_EQ(rows[0].at("smiles"), "C[C@H](N)C(=O)O");
  EXPECT_THAT(rows[0].at("message"), HasSubstr("there are wedges: read as 2D"));
}

TEST_F(MoleculeFiles, GiveTheEnergiesOfAllTheirRecords) {
  const std::string second = changed(kMethanol, "methanol", "=second");
  const std::string bad = changed(kMethanol, " O ", " Hg");
  write("many.sdf", kMethanol + "$$$$\n" + bad + "$$$$\n" + second + "$$$$\n");
  write("one.sdf", kMethanol);
  const json one =
      json::parse(good({"energy", "one.sdf", "--force-field", "mmff94", "--json"}).out);
  const double energy = one.at("backends").at("native").at("total_kJ_mol");
  EXPECT_EQ(one.at("records").size(), 1u);
  const ProgramEnd end = saltus({"energy", "many.sdf", "--force-field", "mmff94", "--json"});
  EXPECT_EQ(end.exit_code, 65);
  EXPECT_THAT(end.err, HasSubstr("error: many.sdf:18: molecule 2: "));
  const json many = json::parse(end.out);
  EXPECT_EQ(many.at("n_records"), 3);
  EXPECT_EQ(many.at("n_failed"), 1);
  for (const std::size_t i : {0, 2})
    EXPECT_EQ(many.at("records").at(i).at("backends").at("native").at("total_kJ_mol"), energy);
  EXPECT_THAT(many.at("records").at(1).at("error").get<std::string>(), HasSubstr("(Hg)"));
  EXPECT_EQ(many.at("records").at(2).at("where"), "many.sdf:35");

  EXPECT_EQ(saltus({"energy", "many.sdf", "--force-field", "mmff94", "--csv", "e.csv"}).exit_code,
            65);
  const auto rows = parse_table(read("e.csv"));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_NEAR(std::stod(rows[2].at("native_total_kJ_mol")), energy, 1e-6);
  EXPECT_EQ(rows[2].at("name"), "'=second");
  EXPECT_EQ(rows[1].at("status"), "FAILED");
  EXPECT_EQ(rows[1].at("native_total_kJ_mol"), "");
  EXPECT_THAT(rows[1].at("message"), HasSubstr("(Hg)"));

  const ProgramEnd text = saltus({"energy", "many.sdf", "--force-field", "mmff94"});
  EXPECT_EQ(text.exit_code, 65);
  EXPECT_THAT(text.out, AllOf(HasSubstr("molecule 1: methanol (many.sdf:1)\n"),
                              HasSubstr("molecule 3: =second (many.sdf:35)\n")));
}

TEST_F(MoleculeFiles, OfStructuresTakeForceFieldsOnTheCommandLine) {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb", "ala.pdb");
  DeckText deck;
  write_deck(deck);
  const auto total = [](const ProgramEnd& end) -> double {
    return json::parse(end.out).at("backends").at("native").at("total_kJ_mol");
  };
  const double expected = total(good({"energy", "deck.toml", "--json"}));
  EXPECT_EQ(total(good({"energy", "ala.pdb", "--force-field", "amber99sbildn.xml", "--force-field",
                        "amber99_obc.xml", "--json"})),
            expected);
  EXPECT_THAT(saltus({"energy", "ala.pdb"}).err, HasSubstr("'ala.pdb' needs --force-field"));
  EXPECT_EQ(saltus({"energy", "ala.pdb"}).exit_code, 64);
  EXPECT_THAT(saltus({"energy", "ala.pdb", "--force-field", "mmff94"}).err,
              HasSubstr("MMFF94 needs bond orders"));
  // One's own file.
  write("own.xml", "<ForceField></ForceField>\n");
  const ProgramEnd own = saltus({"energy", "ala.pdb", "--force-field", "own.xml"});
  EXPECT_EQ(own.exit_code, 65);
  EXPECT_THAT(own.err, HasSubstr("own.xml"));
  // An AMBER topology beside its coordinates.
  copy_in(force_field_data("alanine_dipeptide.prmtop"), "x.prmtop");
  copy_in(force_field_data("alanine_dipeptide.inpcrd"), "x.inpcrd");
  good({"energy", "x.inpcrd", "--force-field", "x.prmtop"});
}

TEST_F(MoleculeFiles, AreNoListsWhateverTheirNames) {
  const auto refusal = [&](const std::string& name, const std::string& text) {
    write(name, text);
    const ProgramEnd end = saltus({"conformers", name, "-o", "no.sdf"});
    EXPECT_EQ(end.exit_code, 1) << name;
    return end.err;
  };
  EXPECT_THAT(refusal("x.smi", changed(kMethanol, "methanol", "CO")),
              HasSubstr("x.smi: is an SD or mol file, expected a list of SMILES strings"));
  EXPECT_THAT(refusal("x.txt", "ATOM      1  N   ALA A   1\n"), HasSubstr("x.txt: is a PDB file"));
  EXPECT_THAT(refusal("x.sdf", "ATOM      1  N   ALA A   1\n"),
              HasSubstr("x.sdf: is a PDB file, expected an SD or mol file"));
  EXPECT_THAT(verdicts(report_of("x.smi", kMethanol, {"--in-format", "sdf"})),
              ElementsAre("OK methanol CO"));
}

TEST_F(MoleculeFiles, AreNoDecks) {
  using namespace std::string_literals;
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb", "x.pdb");
  copy_in(force_field_data("alanine_dipeptide.prmtop"), "x.prmtop");
  copy_in(force_field_data("alanine_dipeptide.inpcrd"), "x.inpcrd");
  write("x.sdf", kMethanol);
  write("x.smi", "CCO ethanol\n");
  write("ff.xml", "<ForceField>\n</ForceField>\n");
  write("system.xml", "<?xml version=\"1.0\" ?>\n<System>\n</System>\n");
  write("x.h5", "\x89HDF\r\n\x1A\n"s + std::string(100, '\0'));
  write("x.toml.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00"s);
  write("x.safetensors", "\x02\0\0\0\0\0\0\0{}"s);
  write("x.pt", "PK\x03\x04\0\0\0\0"s);
  write("page.toml", "<!DOCTYPE html>\n<html></html>\n");
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"x.pdb", "a PDB file"},
      {"x.prmtop", "an AMBER topology"},
      {"x.inpcrd", "an AMBER coordinate file"},
      {"x.sdf", "an SD or mol file"},
      {"x.smi", "a list (by its name, .smi)"},
      {"ff.xml", "a force field (XML)"},
      {"system.xml", "an OpenMM System (XML)"},
      {"x.h5", "an HDF5 file"},
      {"x.toml.gz", "packed with gzip"},
      {"x.safetensors", "a safetensors file"},
      {"x.pt", "a zip archive"},
      {"page.toml", "a web page"}};
  const std::set<std::string> has_usual_deck = {"x.pdb", "x.prmtop", "x.inpcrd", "x.sdf"};
  for (const std::string command : {"run", "check", "train"})
    for (const auto& [file, kind] : kinds) {
      if (command == "run" && has_usual_deck.count(file) > 0) continue;
      const ProgramEnd end = saltus({command, file});
      EXPECT_EQ(end.exit_code, 65) << file;
      EXPECT_THAT(end.err, StartsWith("error: " + file + ": is " + kind + ", expected a deck"));
      EXPECT_THAT(end.err, Not(HasSubstr("not valid TOML")));
    }
  EXPECT_THAT(saltus({"check", "x.pdb"}).err,
              HasSubstr("name it in a deck: coordinates = \"x.pdb\""));
  EXPECT_THAT(saltus({"energy", "x.smi"}).err, HasSubstr("saltus conformers x.smi"));
  // A deck with a mistake is still one.
  write("deck.toml", "a = \n");
  EXPECT_THAT(saltus({"run", "deck.toml"}).err, HasSubstr("not valid TOML"));
}

}  // namespace
}  // namespace saltus::tests
