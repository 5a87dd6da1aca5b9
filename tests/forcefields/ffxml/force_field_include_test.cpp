// Oracle: folders made here, with files inside and outside of what a force field may include.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "engine/core/error.h"
#include "forcefields/ffxml/force_field_files.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::InputError;
using forcefields::ForceFieldXml;

const std::string kPart = "<ForceField><AtomTypes/></ForceField>";

class ForceFieldInclude : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("ff/part.xml", kPart);
    folder_.write("ff/sub/deep.xml", kPart);
    folder_.write("outside.xml", kPart);
    folder_.write("site/shared.xml", kPart);
  }

  /// Reads ff/all.xml, which includes `name`; the search path is the folder "site".
  ForceFieldXml read(const std::string& name) {
    folder_.write("ff/all.xml", "<ForceField>\n<Include file=\"" + name + "\"/></ForceField>");
    return ForceFieldXml::read({folder_.file("ff/all.xml")}, {folder_.file("site")});
  }

  void expect_refused(const std::string& name) {
    SCOPED_TRACE(name);
    EXPECT_EQ(message_of<InputError>([&] { read(name); }),
              folder_.file("ff/all.xml") + ":2: <Include>: '" + name +
                  "' leads out of the folder of this file and of the search path, and is not "
                  "opened; copy the file beside this one, or name it in the deck");
  }

  TemporaryFolder folder_;
};

TEST_F(ForceFieldInclude, TakesFilesOfItsFolderAndOfTheSearchPath) {
  EXPECT_EQ(read("part.xml").files().back(), folder_.file("ff/part.xml"));
  EXPECT_EQ(read("sub/deep.xml").files().size(), 2u);
  EXPECT_EQ(read("sub/../part.xml").files().size(), 2u);
  EXPECT_EQ(read("../ff/part.xml").files().size(), 2u);
  EXPECT_EQ(read("shared.xml").files().back(), folder_.file("site/shared.xml"));
  EXPECT_EQ(read("../site/shared.xml").files().size(), 2u);
  ASSERT_EQ(setenv(forcefields::kForceFieldPathVariable, folder_.path().c_str(), 1), 0);
  EXPECT_EQ(read("outside.xml").files().size(), 2u);
  EXPECT_EQ(read("../outside.xml").files().size(), 2u);
  unsetenv(forcefields::kForceFieldPathVariable);
}

TEST_F(ForceFieldInclude, RefusesWhatLeadsOut) {
  expect_refused(folder_.file("outside.xml"));
  expect_refused("../outside.xml");
  expect_refused("sub/../../outside.xml");
  expect_refused("/etc/passwd");
  // Whether a file is there is not told.
  expect_refused("../no_such.xml");
}

TEST_F(ForceFieldInclude, RefusesLinksThatLeadOut) {
  std::filesystem::create_symlink(folder_.file("outside.xml"), folder_.file("ff/link.xml"));
  expect_refused("link.xml");
  std::filesystem::create_directory_symlink(folder_.path(), folder_.file("ff/up"));
  expect_refused("up/outside.xml");
  // One that stays inside is as good as its target.
  std::filesystem::create_symlink(folder_.file("ff/part.xml"), folder_.file("ff/alias.xml"));
  EXPECT_EQ(read("alias.xml").files().size(), 2u);
}

TEST_F(ForceFieldInclude, RefusesThemInIncludedFilesToo) {
  folder_.write("ff/sub/deep.xml",
                "<ForceField><Include file=\"../../outside.xml\"/></ForceField>");
  const std::string message = message_of<InputError>([&] { read("sub/deep.xml"); });
  EXPECT_EQ(message.find(folder_.file("ff/sub/deep.xml") + ":1: <Include>: '../../outside.xml' "),
            0u)
      << message;
  // Its folder is the one the force field was named in, not only its own.
  folder_.write("ff/sub/deep.xml", "<ForceField><Include file=\"../part.xml\"/></ForceField>");
  EXPECT_EQ(read("sub/deep.xml").files().size(), 3u);
}

TEST_F(ForceFieldInclude, TheUserMayNameAnyFile) {
  EXPECT_EQ(ForceFieldXml::read({folder_.file("outside.xml")}, {}).files().size(), 1u);
}

}  // namespace
}  // namespace saltus::tests
