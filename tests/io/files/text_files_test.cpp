// Oracle: bytes written by hand; an archive made by the program gzip.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/core/error.h"
#include "io/files/text_input.h"
#include "io/files/text_output.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::FileError;
using tests::message_of;

/// "hello\n" as gzip writes it.
const std::string kHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00"
    "\x20\x30\x3a\x36\x06\x00\x00\x00",
    26);

std::string read(const std::string& path) {
  TextInput input(path);
  std::ostringstream text;
  for (std::string line; std::getline(input.stream(), line);) text << line << ";";
  return text.str();
}

std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class TextFiles : public testing::Test {
 protected:
  tests::TemporaryFolder folder_;
};

TEST_F(TextFiles, AreReadPlainOrUnpacked) {
  EXPECT_EQ(read(folder_.write("plain", "a\nb")), "a;b;");
  EXPECT_EQ(read(folder_.write("packed", kHello)), "hello;");
  EXPECT_EQ(read(folder_.write("twice", kHello + kHello)), "hello;hello;");
  EXPECT_EQ(read(folder_.write("empty", "")), "");
}

TEST_F(TextFiles, SayHowFarTheStreamIs) {
  std::string lines;
  for (int i = 0; i < 30000; ++i) lines += "CCO name\n";
  std::ofstream(folder_.file("list.smi"), std::ios::binary) << lines;
  TextInput input(folder_.file("list.smi"));
  EXPECT_EQ(input.fraction(), 0.0);
  std::string line;
  for (int n = 1; n <= 30000; ++n) {
    std::getline(input.stream(), line);
    if (n % 5000 != 1) continue;
    EXPECT_NEAR(input.fraction(), n / 30000.0, 1e-6) << n;
  }
  EXPECT_EQ(input.fraction(), 1.0);
}

TEST_F(TextFiles, ThatAreDamagedSaySo) {
  const std::string cut = folder_.write("cut", kHello.substr(0, 20));
  EXPECT_EQ(message_of<FileError>([&] {
              read(cut);
            }).rfind(cut + ": the gzip archive is damaged or cut off (", 0),
            0u);
  std::string wrong = kHello;
  wrong[19] = 'x';
  const std::string damaged = folder_.write("damaged", wrong);
  EXPECT_EQ(message_of<FileError>([&] {
              read(damaged);
            }).rfind(damaged + ": the gzip archive is damaged or cut off (", 0),
            0u);
}

TEST_F(TextFiles, ThatAreNoneSaySo) {
  EXPECT_EQ(message_of<FileError>([&] { TextInput input(folder_.path()); }),
            folder_.path() + ": is a folder, expected a file");
  const std::string none = folder_.file("none");
  EXPECT_EQ(message_of<FileError>([&] { TextInput input(none); }),
            none + ": cannot be opened: No such file or directory");
}

TEST_F(TextFiles, GoOnBehindAMark) {
  for (const bool gzip : {false, true}) {
    const std::string path = folder_.file(gzip ? "packed" : "plain");
    std::uint64_t mark = 0;
    {
      TextOutput output(path, {gzip, false, std::nullopt});
      output.write("one\n");
      mark = output.mark();
      output.write("lost\n");
      EXPECT_EQ(message_of<FileError>([&] {
                  TextOutput(path, {gzip, false, mark});
                }),
                "cannot write '" + path + "': another process is writing it");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    {
      TextOutput output(path, {gzip, false, mark});
      output.write("two\n");
      mark = output.mark();
      output.commit();
    }
    EXPECT_EQ(read(path), "one;two;");
    // A file that has its name already.
    TextOutput output(path, {gzip, false, mark});
    output.write("three\n");
    output.commit();
    EXPECT_EQ(read(path), "one;two;three;");
    EXPECT_EQ(message_of<FileError>([&] {
                TextOutput(path, {gzip, false, mark});
              }),
              "cannot resume '" + path + "': it has " +
                  std::to_string(std::filesystem::file_size(path)) +
                  " bytes, the interrupted run had written " + std::to_string(mark));
  }
}

TEST_F(TextFiles, AppearOnlyWhenWhole) {
  const std::string path = folder_.file("out");
  {
    TextOutput output(path, {});
    output.write("half");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  TextOutput output(path, {});
  output.write("all ");
  output.write("of it");
  EXPECT_FALSE(std::filesystem::exists(path));
  output.commit();
  EXPECT_EQ(bytes_of(path), "all of it");
}

TEST_F(TextFiles, ArePackedOnRequest) {
  const std::string path = folder_.file("out.gz");
  TextOutput output(path, {true, false, std::nullopt});
  output.write("a\nb\n");
  output.commit();
  EXPECT_EQ(bytes_of(path).substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(read(path), "a;b;");
}

TEST_F(TextFiles, AreNotReplacedWithoutLeave) {
  const std::string path = folder_.write("out", "old");
  EXPECT_EQ(message_of<FileError>([&] { TextOutput output(path, {}); }),
            "'" + path + "' exists: choose another name, or replace it with --overwrite");
  TextOutput output(path, {false, true, std::nullopt});
  output.write("new");
  EXPECT_EQ(bytes_of(path), "old");
  output.commit();
  EXPECT_EQ(bytes_of(path), "new");
}

TEST_F(TextFiles, NeedAFolder) {
  const std::string path = folder_.file("none/out");
  EXPECT_EQ(message_of<FileError>([&] { TextOutput output(path, {}); }),
            "cannot write '" + path + "': No such file or directory");
}

}  // namespace
}  // namespace saltus::io
