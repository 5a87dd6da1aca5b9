// Oracle: files written here with the standard library; messages written out by hand.
#include "engine/core/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::engine {
namespace {

using tests::message_of;

class WholeFile : public testing::Test {
 protected:
  std::string written(const std::string& text) { return folder_.write("file", text); }
  tests::TemporaryFolder folder_;
};

TEST_F(WholeFile, IsReadByteForByte) {
  for (const std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 300000u}) {
    std::string text(size, 'x');
    if (size > 2) text[1] = '\0', text[2] = '\r';
    EXPECT_EQ(read_file(written(text)), text);
  }
}

TEST_F(WholeFile, IsReadUpToItsLimit) {
  const std::string path = written(std::string(100000, 'x'));
  EXPECT_EQ(read_file(path, 70000).size(), 70000u);
  EXPECT_EQ(read_file(path, 0).size(), 0u);
}

TEST_F(WholeFile, IsWrittenAndReadThroughDescriptors) {
  const std::string path = written("old and longer"), text(200000, 'y');
  FileDescriptor file = open_file(path, O_WRONLY | O_TRUNC);
  EXPECT_EQ(write_all(file, text), 0);
  EXPECT_TRUE(file.reset());
  std::string bytes = "before ";
  EXPECT_EQ(read_rest(open_file(path, O_RDONLY), bytes), 0);
  EXPECT_EQ(bytes, "before " + text);
  EXPECT_EQ(write_all(open_file(path, O_RDONLY), text), EBADF);
  EXPECT_LT(open_file(path + ".none", O_RDONLY).get(), 0);
}

TEST_F(WholeFile, ThatCannotBeReadIsNamed) {
  const std::string path = written("x"), none = path + ".none", pipe = path + ".pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of<FileError>([&] { read_file(none); }),
            none + ": cannot be opened for reading");
  EXPECT_EQ(message_of<FileError>([&] { read_file("/"); }), "/: cannot be opened for reading");
  EXPECT_EQ(message_of<FileError>([&] { read_file(pipe); }),
            pipe + ": is a named pipe (FIFO), expected a regular file");
}

}  // namespace
}  // namespace saltus::engine
