// Oracle: bytes of the files, counted by hand.
#include <gmock/gmock.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tools/saltus/conformers/input.h"

namespace saltus::tools {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

/// Of each record of these files, in their order.
std::vector<double> fractions(const std::vector<std::string>& paths,
                              const ConformerInputOptions& options = {}) {
  ConformerInputs inputs(paths, options);
  std::vector<double> found;
  while (const auto record = inputs.next()) found.push_back(record->input_fraction);
  return found;
}

std::string sdf_record(const std::string& name) {
  return name +
         "\n  by hand\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n"
         "    0.0000    0.0000    0.0000 O   0  0\nM  END\n$$$$\n";
}

TEST(InputFraction, IsTheShareOfBytesUpToEachRecord) {
  const tests::TemporaryFolder folder;
  const std::string list = folder.write("list.smi", "CCO a\nCCN b\nCCC c\nCCF d\n");
  EXPECT_THAT(fractions({list}), ElementsAre(0.25, 0.5, 0.75, 1.0));
  // A line that is no molecule is a record, too; comments are none, and the end may lack its mark.
  const std::string other = folder.write("other.smi", "C1( a\n# no b\nCCC  c");
  EXPECT_THAT(fractions({other}), ElementsAre(DoubleEq(6.0 / 19.0), 1.0));
}

TEST(InputFraction, CountsEachFileAlike) {
  const tests::TemporaryFolder folder;
  const std::string few = folder.write("few.smi", "CCO a\nCCN b\n");
  const std::string more = folder.write("more.csv", "smiles,x\nCCCCC,1\nCCCCN,2\n");
  const std::vector<double> both = fractions({few, more});
  ASSERT_EQ(both.size(), 4u);
  EXPECT_EQ(both[0], 0.25);
  EXPECT_EQ(both[1], 0.5);
  EXPECT_DOUBLE_EQ(both[2], (1.0 + 17.0 / 25.0) / 2.0);
  EXPECT_EQ(both[3], 1.0);
}

TEST(InputFraction, OfStructuresNeverFallsAndEndsAtOne) {
  const tests::TemporaryFolder folder;
  const std::string file =
      folder.write("file.sdf", sdf_record("a") + sdf_record("b") + sdf_record("c"));
  const std::vector<double> found = fractions({file});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_GT(found[0], 0.0);
  EXPECT_LT(found[0], 1.0);
  EXPECT_LE(found[0], found[1]);
  EXPECT_LE(found[1], found[2]);
  EXPECT_EQ(found[2], 1.0);
}

TEST(InputFraction, OfAPipeIsNotKnown) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string text = "CCO a\nCCN b\n";
  ASSERT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  ConformerInputOptions options;
  options.format = "smi";
  EXPECT_THAT(fractions({"/dev/fd/" + std::to_string(ends[0])}, options), ElementsAre(0.0, 0.0));
  close(ends[0]);
}

}  // namespace
}  // namespace saltus::tools
