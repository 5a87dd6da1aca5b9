// Oracle: BIOVIA's CTFile formats; tables and messages written out by hand.
#include "forcefields/chem/mol_block.h"

#include <gmock/gmock.h>

#include "engine/core/error.h"
#include "tests/support/errors.h"

namespace saltus::forcefields {
namespace {

using engine::InputError;
using testing::ElementsAre;

const std::string kOxide =
    "title\n     by hand        3D\n\n"
    "  2  1  0  0  0  0  0  0  0  0999 V2000\n"
    "    0.0000    0.0000    0.0000 C   0  0\n"
    "    0.0000    0.0000    1.1300 O   0  0\n"
    "  1  2  3  0\n"
    "M  END\n"
    "> <data>\nany\n";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) ADD_FAILURE() << "no '" << from << "' to change";
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

MolBlock check(const std::string& record) { return check_mol_block(record, {"x.sdf", 7, 101}); }

std::string complaint(const std::string& record) {
  const std::string message = tests::message_of<InputError>([&] { check(record); });
  const std::string label = ": molecule 7 is not mol data: ";
  EXPECT_NE(message.find(label), std::string::npos) << message;
  return changed(message, label, " | ");
}

TEST(MolBlocks, EndWithTheTable) {
  const MolBlock block = check(kOxide);
  EXPECT_EQ(block.text, kOxide.substr(0, kOxide.find("> <")));
  EXPECT_EQ(block.n_atoms, 2u);
  EXPECT_EQ(block.n_bonds, 1u);
  EXPECT_TRUE(block.remarks.empty());
  EXPECT_THAT(block.line_of_file, ElementsAre(101, 102, 103, 104, 105, 106, 107, 108));
}

TEST(MolBlocks, MayHaveBlankLinesAndEmptyLists) {
  const MolBlock block = check(changed(kOxide, "M  END", "\nA    1\n\nM  ALS   1  0 F\nM  END"));
  EXPECT_EQ(block.text,
            changed(kOxide.substr(0, kOxide.find("> <")), "M  END", "A    1\n\nM  END"));
  EXPECT_THAT(block.line_of_file, ElementsAre(101, 102, 103, 104, 105, 106, 107, 109, 110, 112));
  EXPECT_THAT(block.remarks, ElementsAre("an atom list without elements is left out"));
}

TEST(MolBlocks, NameLineAndColumn) {
  EXPECT_EQ(complaint("a\n"),
            "x.sdf:101 | it ends here, expected a counts line as the fourth line of "
            "the record");
  EXPECT_EQ(complaint(changed(kOxide, "  2  1", " -2  1")),
            "x.sdf:104:1 | expected the number of atoms in columns 1-3 from 0 to 999, got -2");
  EXPECT_EQ(complaint(changed(kOxide, "1.1300", "1.1.00")),
            "x.sdf:106:21 | expected a coordinate, a number, got '1.1.00'");
  EXPECT_EQ(complaint(changed(kOxide, "1.1300 O", "1e9999 O")),
            "x.sdf:106:21 | the coordinate 1e9999 lies beyond 100000 angstrom; correct the file");
  EXPECT_EQ(complaint(changed(kOxide, " O ", " Oo")), "x.sdf:106:32 | 'Oo' is not an element");
  EXPECT_EQ(complaint(changed(kOxide, " O   0  0", "")),
            "x.sdf:106:32 | expected the element of atom 2 in columns 32-34");
  EXPECT_EQ(complaint(changed(kOxide, "  1  2  3", "  1  2 11")),
            "x.sdf:107:7 | expected a bond type in columns 7-9 from 0 to 10, got 11");
  EXPECT_EQ(complaint(changed(kOxide, "  1  2  3  0\nM  END\n", "")),
            "x.sdf:107 | expected bond 1; the counts line says 2 atoms and 1 bond");
  EXPECT_EQ(complaint(changed(kOxide, "M  END", std::string("M  E\0D", 6))),
            "x.sdf:108:5 | a zero byte; the file is damaged or not text");
}

}  // namespace
}  // namespace saltus::forcefields
