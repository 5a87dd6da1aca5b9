// Oracle: the file system, before and after.

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::FileError;
using tests::content_of;
using tests::message_of;
using tests::TemporaryFolder;

TEST(WriteFileDurably, WritesAndReplaces) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.json");
  write_file_durably(path, "one\n");
  EXPECT_EQ(content_of(path), "one\n");
  const std::string large(3000000, 'x');
  write_file_durably(path, large);
  EXPECT_EQ(content_of(path), large);
  write_file_durably(path, "");
  EXPECT_EQ(content_of(path), "");
  // Nothing is left beside it.
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(WriteFileDurably, NamesWhatItCannotWrite) {
  const TemporaryFolder folder;
  const std::string missing = folder.file("no/a.json");
  EXPECT_EQ(message_of<FileError>([&] { write_file_durably(missing, "x"); }),
            "cannot create '" + missing + ".new': No such file or directory");
}

TEST(WriteFileDurably, LeavesTheTargetAloneWhenRenamingFails) {
  const TemporaryFolder folder;
  const std::string path = folder.file("taken");
  std::filesystem::create_directory(path);
  EXPECT_EQ(message_of<FileError>([&] { write_file_durably(path, "x"); }),
            "cannot rename '" + path + ".new' to '" + path + "': Is a directory");
  EXPECT_TRUE(std::filesystem::is_directory(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

}  // namespace
}  // namespace saltus::io
