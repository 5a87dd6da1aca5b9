// Oracle: Unicode 15, table 3-7, written out by hand.
#include "engine/core/utf8.h"

#include <gtest/gtest.h>

namespace saltus::engine {
namespace {

void expect(const std::string& text, std::uint32_t code, std::size_t size) {
  const Utf8Character found = utf8_character(text, 0);
  EXPECT_EQ(found.code, code) << text;
  EXPECT_EQ(found.size, size) << text;
}

TEST(Utf8, HasCharactersOfOneToFourBytes) {
  expect("A", 0x41, 1);
  expect("\xC3\xA9", 0xE9, 2);
  expect("\xE2\x80\x8B", 0x200B, 3);
  expect("\xF0\x9F\x98\x80", 0x1F600, 4);
  EXPECT_EQ(utf8_character("a\xC2\xA0", 1).code, 0xA0u);
}

TEST(Utf8, IsNotWhatLooksLikeIt) {
  for (const char* bytes : {"\x80", "\xC0\xAF", "\xC3", "\xC3(", "\xE0\x80\xAF", "\xED\xA0\x80",
                            "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    expect(bytes, static_cast<unsigned char>(bytes[0]), 0);
}

}  // namespace
}  // namespace saltus::engine
