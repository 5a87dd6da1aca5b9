// Oracle: lists written by hand, with what each should be read as, or why it cannot be.
#include <gmock/gmock.h>

#include <sstream>

#include "engine/core/error.h"
#include "io/formats/molecule_lines.h"
#include "tests/support/errors.h"

namespace saltus::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// "line|smiles|name|problem" of each molecule.
std::vector<std::string> read(const std::string& text,
                              MoleculeListFormat format = MoleculeListFormat::kSmiles) {
  std::istringstream stream(text);
  MoleculeListOptions options;
  options.format = format;
  MoleculeListReader reader(stream, "list", options);
  std::vector<std::string> found;
  while (auto m = reader.next())
    found.push_back(std::to_string(m->line) + "|" + m->smiles + "|" + m->name + "|" + m->problem);
  return found;
}

std::vector<std::string> csv(const std::string& text) {
  return read(text, MoleculeListFormat::kCsv);
}

TEST(SmilesLists, KeepExtensionsWithTheirSmiles) {
  EXPECT_THAT(read("C[C@H](O)F |&1:1| racemate\nCC |$a b;$|\nCC a|b|\nCC |open x\n"),
              ElementsAre("1|C[C@H](O)F |&1:1||racemate|", "2|CC |$a b;$|||", "3|CC|a|b||",
                          "4|CC |open x||"));
  EXPECT_THAT(csv("smiles,name\nCC |$a;$|,x\n\"CC |$a,b$|\",y\n"),
              ElementsAre("2|CC |$a;$||x|", "3|CC |$a,b$||y|"));
}

TEST(SmilesLists, MayHaveLineEndsOfAnyKind) {
  const auto three = [] { return ElementsAre("1|C|a|", "2|CC|b|", "3|CCC|c|"); };
  EXPECT_THAT(read("C a\rCC b\rCCC c"), three());
  EXPECT_THAT(read("C a\rCC b\r\nCCC c\n"), three());
  EXPECT_THAT(csv("C,a\rCC,b\rCCC,c\r"), three());
  EXPECT_THAT(csv("C,\"a\rb\"\rCC,c"), ElementsAre("1|C|a\nb|", "3|CC|c|"));
}

TEST(SmilesLists, HaveNoZeroBytes) {
  EXPECT_THAT(
      read(std::string("C\0C a\nCC b\n", 11)),
      ElementsAre("1|||character 2 is a zero byte; the file is damaged, not text, or UTF-16 "
                  "without a byte-order mark",
                  "2|CC|b|"));
}

TEST(CsvLists, HideNoMoleculesInQuotes) {
  const auto found = csv("smiles,name\nCCO,\"ethanol\nCCN,amine\nCCC,\"\nC,last\n");
  ASSERT_EQ(found.size(), 4u);
  EXPECT_THAT(found[0], HasSubstr("2|||a quote is opened, and closed only after lines"));
  EXPECT_EQ(found[1], "3|CCN|amine|");
  EXPECT_EQ(found[2], "4|||a quote is opened but not closed");
  EXPECT_EQ(found[3], "5|C|last|");
  // Text of several lines is no list of molecules.
  EXPECT_THAT(csv("smiles,note\nCCO,\"first: a, b\nsecond line, too\"\nC,x\n").size(), 2u);
  EXPECT_THAT(csv("name,smiles\n\"two\nlines\",CCN\n"), ElementsAre("2|CCN|two\nlines|"));
}

TEST(CsvLists, HaveNoMoreCellsThanTheirHeader) {
  EXPECT_THAT(csv("smiles,name\nCC,1,2-x\nCCC,b,,\n"),
              ElementsAre("2|CC|1|it has 3 cells, the header names 2; put cells that hold the "
                          "separator into quotes",
                          "3|CCC|b|"));
  EXPECT_THAT(csv("CC,a,1\nCCC,b,2,3\n"), ElementsAre("1|CC|a|", "2|CCC|b|"));
}

class Failing : public std::streambuf {
 protected:
  int_type underflow() override {
    if (used_) throw engine::FileError("list: broken");
    used_ = true;
    setg(text_, text_, text_ + sizeof text_ - 1);
    return *text_;
  }
  char text_[10] = "CC a\nCCC ";
  bool used_ = false;
};

TEST(SmilesLists, SayHowFarTheyCouldBeRead) {
  Failing buffer;
  std::istream stream(&buffer);
  MoleculeListReader reader(stream, "list", {});
  EXPECT_EQ(reader.next()->smiles, "CC");
  EXPECT_EQ(tests::message_of<engine::FileError>([&] { reader.next(); }),
            "list: broken; lines before: 1");
}

}  // namespace
}  // namespace saltus::io
