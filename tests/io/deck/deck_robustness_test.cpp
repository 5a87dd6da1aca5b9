// Oracle: the TOML 1.0 specification says which texts are valid; no text may crash the reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/core/random.h"
#include "io/deck/deck_document.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::FileError;
using engine::InputError;

DeckDocument parse(const std::string& text) { return parse_deck(text, "deck.toml", ""); }

std::string input_error(const std::string& text) {
  return message_of<InputError>([&] { parse(text); });
}

std::string repeated(const std::string& piece, int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += piece;
  return text;
}

TEST(DeckFile, MayBeEmptyOrHaveAByteOrderMarkOrCarriageReturns) {
  EXPECT_TRUE(parse("").root.entries.empty());
  EXPECT_TRUE(parse("\n# nothing\n").root.entries.empty());
  const DeckDocument document = parse(
      "\xEF\xBB\xBF"
      "a = 1\r\n[t]\r\nb = 2\r\n");
  EXPECT_EQ(document.root.find("a")->value.integer, 1);
  const DeckNode& b = document.root.find("t")->value.find("b")->value;
  EXPECT_EQ(document.where(b.position), "deck.toml:3:5");
}

TEST(DeckFile, HasToBeAReadableFile) {
  const DeckFolder folder;
  folder.write("sub/x.toml", "");
  EXPECT_EQ(message_of<FileError>([] { load_deck("none.toml"); }),
            "none.toml: cannot be opened for reading");
  EXPECT_EQ(message_of<FileError>([] { load_deck("sub"); }),
            "sub: is a folder; name a deck file, such as \"sub/deck.toml\"");
  EXPECT_EQ(message_of<FileError>([] { load_deck("/dev/zero"); }),
            "/dev/zero: is a device, expected a regular file");
  folder.write("large.toml", std::string((1 << 20) + 1, '\n'));
  EXPECT_EQ(message_of<InputError>([] { load_deck("large.toml"); }),
            "large.toml: larger than 1 MiB; this is not a deck");
}

TEST(DeckFile, HasToBeUtf8) {
  EXPECT_EQ(input_error("a = 1\nt = \"\xe9\"\n"),
            "deck.toml:2:6: not UTF-8; save the deck as UTF-8 text");
  EXPECT_EQ(input_error("# \xC3\x85 \xC3"),
            "deck.toml:1:5: not UTF-8; save the deck as UTF-8 text");
  EXPECT_EQ(input_error("\xff\xfe"
                        "a\0=\0"),
            "deck.toml:1:1: not UTF-8; save the deck as UTF-8 text");
  // An overlong slash, a surrogate and a code point beyond Unicode.
  for (const char* bytes : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    EXPECT_EQ(input_error(bytes), "deck.toml:1:1: not UTF-8; save the deck as UTF-8 text");
  }
  EXPECT_EQ(input_error(std::string("a = 1\0\n", 7)),
            "deck.toml:1:6: a NUL byte; a deck is a text file in UTF-8");
}

TEST(DeckFile, ReportsSyntaxErrorsWithTheirPlace) {
  EXPECT_THAT(input_error("a = 1\nb = 300 K\n"),
              testing::StartsWith("deck.toml:2:9: not valid TOML: "));
  EXPECT_THAT(input_error("a = tru\n"), testing::StartsWith("deck.toml:1:8: not valid TOML: "));
  EXPECT_THAT(input_error("[a\n"), testing::StartsWith("deck.toml:1:3: not valid TOML: "));
  EXPECT_THAT(input_error("a = \"x\n"), testing::StartsWith("deck.toml:1:7: not valid TOML: "));
  EXPECT_THAT(input_error("a = 1\nb = 2\na = 3\n"),
              testing::AllOf(testing::StartsWith("deck.toml:3:"),
                             testing::HasSubstr("cannot redefine existing integer 'a'")));
  EXPECT_THAT(input_error("[a]\n[a]\n"), testing::StartsWith("deck.toml:2:"));
  EXPECT_THAT(input_error("a = 99999999999999999999\n"),
              testing::HasSubstr("is not representable in 64 bits"));
}

// Each of these overflows the stack of a parser that recurses or destroys without a limit.
TEST(DeckFile, MayNotNestWithoutBound) {
  constexpr int kDepth = 200000;
  const std::string tail = ": tables or lists nest more than 32 deep; a deck never does";
  EXPECT_EQ(input_error('[' + repeated("a.", kDepth) + "a]\n"), "deck.toml:1:67" + tail);
  EXPECT_EQ(input_error(repeated("a.", kDepth) + "a = 1\n"), "deck.toml:1:66" + tail);
  EXPECT_EQ(input_error(repeated("\"a\" . ", kDepth / 2) + "a = 1\n"), "deck.toml:1:197" + tail);
  EXPECT_EQ(input_error("a = " + repeated("[", kDepth)), "deck.toml:1:37" + tail);
  EXPECT_EQ(input_error("a = " + repeated("{a=", kDepth)), "deck.toml:1:101" + tail);
  EXPECT_NO_THROW(parse("a = " + repeated("[", 32) + repeated("]", 32) + '\n'));
}

// Dots and brackets in strings and comments do not nest.
TEST(DeckFile, DoesNotCountNestingInStringsAndComments) {
  const std::string many = repeated("[.", 100);
  for (const std::string& text :
       {"a = \"" + many + "\"\n", "a = '" + many + "'\n", "a = \"\"\"\n" + many + "\n\"\"\"\n",
        "a = '''\n" + many + "\n'''\n", "a = 1 # " + many + "\n", "a = \"\\\"" + many + "\"\n"}) {
    EXPECT_NO_THROW(parse(text)) << text;
  }
}

// Mutations of a good deck: each either reads or is refused with InputError.
TEST(DeckFile, SurvivesRandomDamage) {
  const std::string good =
      "schema = 1\ntitle = \"a ${x} b\"\n[vars]\nx = 'y'\n[[move]]\nkind = \"hmc\"\n"
      "step = [1, {a.b = 2.5e3}, \"\\u00e9\"]\nwhen = 2026-01-02T03:04:05Z\ntext = "
      "\"\"\"\nz\"\"\"\n";
  const std::string alphabet = "[]{}=.,\"'#$\\\n\r\t -0a\xC3\xff";
  engine::RandomStream random({2026, 0}, engine::StreamName::kTest, 0);
  int read = 0, refused = 0;
  constexpr int kTrials = 20000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::string text = good;
    for (std::uint64_t edit = 0; edit <= random.below(4); ++edit) {
      const std::size_t at = random.below(text.size());
      const char letter = alphabet[random.below(alphabet.size())];
      switch (random.below(3)) {
        case 0:
          text[at] = letter;
          break;
        case 1:
          text.insert(at, 1, letter);
          break;
        default:
          text.erase(at, 1 + random.below(5));
      }
    }
    try {
      parse(text);
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_EQ(read + refused, kTrials);
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace saltus::io
