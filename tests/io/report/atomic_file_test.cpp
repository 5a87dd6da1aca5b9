// Oracle: the file system, before and after.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/core/error.h"
#include "io/report/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::FileError;
using tests::message_of;
using tests::TemporaryFolder;

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(WriteFileAtomically, WritesAndReplaces) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.json");
  write_file_atomically(path, "one\n");
  EXPECT_EQ(content_of(path), "one\n");
  const std::string large(3000000, 'x');
  write_file_atomically(path, large);
  EXPECT_EQ(content_of(path), large);
  write_file_atomically(path, "");
  EXPECT_EQ(content_of(path), "");
  // Nothing is left beside it.
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(WriteFileAtomically, NamesWhatItCannotWrite) {
  const TemporaryFolder folder;
  const std::string missing = folder.file("no/a.json");
  EXPECT_EQ(message_of<FileError>([&] { write_file_atomically(missing, "x"); }),
            "cannot create " + missing + ".tmp: No such file or directory");
}

TEST(WriteFileAtomically, LeavesTheTargetAloneWhenRenamingFails) {
  const TemporaryFolder folder;
  const std::string path = folder.file("taken");
  std::filesystem::create_directory(path);
  EXPECT_EQ(message_of<FileError>([&] { write_file_atomically(path, "x"); }),
            "cannot write " + path + ": Is a directory");
  EXPECT_TRUE(std::filesystem::is_directory(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

}  // namespace
}  // namespace saltus::io
