// Oracle: bytes written by hand; archives made by the program gzip.
#include <gtest/gtest.h>

#include <sstream>

#include "engine/core/error.h"
#include "io/files/text_decoder.h"
#include "io/files/text_input.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::FileError;
using engine::InputError;
using tests::message_of;

/// "hello\n" as gzip writes it.
const std::string kHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00"
    "\x20\x30\x3a\x36\x06\x00\x00\x00",
    26);

class TextEncodings : public testing::Test {
 protected:
  std::string read(const std::string& bytes) const {
    TextInput input(folder_.write("x", bytes));
    std::ostringstream text;
    text << input.stream().rdbuf();
    return text.str();
  }
  template <class ErrorType>
  std::string refusal(const std::string& bytes) const {
    const std::string message = message_of<ErrorType>([&] {
      TextInput input(folder_.write("x", bytes));
      while (input.stream().rdbuf()->sbumpc() != std::char_traits<char>::eof()) {
      }
    });
    const std::string path = folder_.file("x");
    EXPECT_EQ(message.compare(0, path.size(), path), 0) << message;
    return message.substr(path.size());
  }
  tests::TemporaryFolder folder_;
};

TEST_F(TextEncodings, AreFoundByTheirMarks) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a"),
            "a");
  EXPECT_EQ(read("\xEF\xBB\xBF"), "");
  EXPECT_EQ(read(std::string("\xFF\xFE"
                             "a\0\xE9\0\x20\xAC\0\xD8\x3D\xDE",
                             12)
                     .substr(0, 8)),
            "a\xC3\xA9\xEA\xB0\xA0");
  EXPECT_EQ(read(std::string("\xFE\xFF\0a\x20\xAC\xD8\x3D\xDE\x00", 10)),
            "a\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(read(std::string("\xFF\xFE", 2)), "");
  EXPECT_EQ(read("\xE9\x80"), "\xE9\x80");
  EXPECT_EQ(read("a"), "a");
}

TEST_F(TextEncodings, OfManyBlocksStayWhole) {
  std::string bytes = "\xFF\xFE", text;
  for (int i = 0; i < 200'000; ++i) {
    bytes += std::string("\x3D\xD8\x00\xDE", 4) + std::string("b\0", 2);
    text +=
        "\xF0\x9F\x98\x80"
        "b";
  }
  EXPECT_EQ(read(bytes), text);
}

TEST_F(TextEncodings, ThatAreDamagedAreRefused) {
  const std::string sentence = ": is text in UTF-16, but damaged at byte ";
  EXPECT_EQ(refusal<InputError>(std::string("\xFF\xFE"
                                            "a\0b",
                                            5)),
            sentence + "5; save it as UTF-8");
  EXPECT_EQ(refusal<InputError>(std::string("\xFF\xFE\x3D\xD8"
                                            "a\0",
                                            6)),
            sentence + "3; save it as UTF-8");
  EXPECT_EQ(refusal<InputError>(std::string("\xFF\xFE\x00\xDC", 4)),
            sentence + "3; save it as UTF-8");
  EXPECT_EQ(refusal<InputError>(std::string("\xFF\xFE\0\0a\0\0\0", 8)),
            ": is text in UTF-32; save it as UTF-8");
}

TEST_F(TextEncodings, MayBePacked) {
  EXPECT_EQ(read(kHello + kHello), "hello\nhello\n");
  EXPECT_EQ(read(kHello + std::string(1024, '\0')), "hello\n");
  EXPECT_EQ(read("\x1f"), "\x1f");
}

TEST_F(TextEncodings, MayNotChangeBehindAnArchive) {
  const std::string sentence =
      ": data that is not gzipped follows the gzip archive, at byte 27; cut it off, or "
      "unpack the file first";
  EXPECT_EQ(refusal<FileError>(kHello + "CCO\n"), sentence);
  EXPECT_EQ(refusal<FileError>(kHello + "\x1f"), sentence);
  EXPECT_EQ(refusal<FileError>(kHello + kHello.substr(0, 12)),
            ": the gzip archive is damaged or cut off (it ends within the packed data)");
}

}  // namespace
}  // namespace saltus::io
