// Oracle: lists written by hand, with what each should be read as.
#include "io/formats/molecule_lines.h"

#include <gmock/gmock.h>

#include <sstream>

#include "engine/core/error.h"
#include "tests/support/errors.h"

namespace saltus::io {
namespace {

using engine::InputError;
using testing::ElementsAre;

/// "line|smiles|name|problem" of each molecule.
std::vector<std::string> read(const std::string& text, const MoleculeListOptions& options = {}) {
  std::istringstream stream(text);
  MoleculeListReader reader(stream, "list", options);
  std::vector<std::string> found;
  while (auto m = reader.next())
    found.push_back(std::to_string(m->line) + "|" + m->smiles + "|" + m->name + "|" + m->problem);
  return found;
}

MoleculeListOptions csv() {
  MoleculeListOptions options;
  options.format = MoleculeListFormat::kCsv;
  return options;
}

TEST(SmilesLists, HaveNamesBehindBlanksOrTabs) {
  EXPECT_THAT(read("CC ethane\nCCO\tethyl  alcohol \n  C\n"),
              ElementsAre("1|CC|ethane|", "2|CCO|ethyl  alcohol|", "3|C||"));
}

TEST(SmilesLists, MayBeOfAnySystem) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "CC a\r\n\r\n# a remark\r\n \t\r\nC b"),
              ElementsAre("1|CC|a|", "5|C|b|"));
}

TEST(SmilesLists, MayBeginWithNames) {
  EXPECT_THAT(read("SMILES Name\nCC a\n"), ElementsAre("2|CC|a|"));
  MoleculeListOptions options;
  options.header = true;
  EXPECT_THAT(read("CC a\nC b\n", options), ElementsAre("2|C|b|"));
  options.header = false;
  EXPECT_THAT(read("smiles name\n", options), ElementsAre("1|smiles|name|"));
}

TEST(SmilesLists, MayBeEmpty) {
  EXPECT_THAT(read(""), ElementsAre());
  EXPECT_THAT(read("\n\n# nothing\n"), ElementsAre());
  EXPECT_THAT(read("smiles\n"), ElementsAre());
}

TEST(SmilesLists, SurviveEndlessLines) {
  const std::string line(2'000'000, 'C');
  EXPECT_THAT(read(line + "\nCC b\n"),
              ElementsAre("1|||the line has more than 1048576 characters", "2|CC|b|"));
}

TEST(CsvLists, TakeTheFirstTwoColumnsOrThoseWithUsualNames) {
  EXPECT_THAT(read("CC,ethane,7\nC\n", csv()), ElementsAre("1|CC|ethane|", "2|C||"));
  EXPECT_THAT(read("id,mass,Canonical_SMILES\na,30,CC\n", csv()), ElementsAre("2|CC|a|"));
}

TEST(CsvLists, TakeTheColumnsThatAreNamed) {
  MoleculeListOptions options = csv();
  options.smiles_column = "mol";
  options.name_column = "1";
  EXPECT_THAT(read("no,mol\n12,CC\n", options), ElementsAre("2|CC|12|"));
  options.smiles_column = "2";
  options.header = false;
  EXPECT_THAT(read("12,CC\n", options), ElementsAre("1|CC|12|"));
}

TEST(CsvLists, MayBeQuoted) {
  EXPECT_THAT(read("\"CC\",\"a, \"\"b\"\"\"\nC,\"two\nlines\"\nCO,c\n", csv()),
              ElementsAre("1|CC|a, \"b\"|", "2|C|two\nlines|", "4|CO|c|"));
}

TEST(CsvLists, LoseOnlyTheLineThatIsWrong) {
  EXPECT_THAT(read("\"CC,a\nCO,b\n\"C\"x,c\n", csv()),
              ElementsAre("1|||a quote is opened but not closed", "2|CO|b|",
                          "3|||there is text after a closing quote; inside quotes write \"\" for "
                          "\""));
  MoleculeListOptions options = csv();
  options.smiles_column = "3";
  EXPECT_THAT(read("CC,a\n", options),
              ElementsAre("1||a|it has 2 columns, the SMILES string is expected in column 3"));
}

TEST(CsvLists, SayWhichColumnsThereAre) {
  MoleculeListOptions options = csv();
  options.header = true;
  const auto message = [&] {
    return tests::message_of<InputError>([&] { read("a,b\nCC,x\n", options); });
  };
  EXPECT_EQ(message(),
            "list: which column holds SMILES strings? It has: a, b; say so with --smiles-col");
  options.smiles_column = "smi";
  EXPECT_EQ(message(), "list: there is no column 'smi'; it has: a, b");
  options.header = false;
  EXPECT_EQ(message(),
            "list: there is no column 'smi'; it has no header, name columns by their number");
}

TEST(TsvLists, AreSplitAtTabs) {
  MoleculeListOptions options;
  options.format = MoleculeListFormat::kTsv;
  EXPECT_THAT(read("CC\ta b, c\n", options), ElementsAre("1|CC|a b, c|"));
}

}  // namespace
}  // namespace saltus::io
