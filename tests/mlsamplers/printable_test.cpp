// Oracle: what a terminal acts on, by hand.
#include "mlsamplers/model/printable.h"

#include <gtest/gtest.h>

namespace saltus::tests {
namespace {

using mlsamplers::printable;

TEST(Printable, LeavesTextAloneAndShowsControlCharacters) {
  EXPECT_EQ(printable("plain text, \u00e4 \u4e2d \u00a0"), "plain text, \u00e4 \u4e2d \u00a0");
  EXPECT_EQ(printable("\x1b]0;title\x07 \x1b[2J\r\n\t\x7f"),
            "\\x1b]0;title\\x07 \\x1b[2J\\x0d\\x0a\\x09\\x7f");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\u0085\u009b\u009f"), "\\x85\\x9b\\x9f");
}

TEST(Printable, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("ab\u4e2d\u4e2d", 4), "ab...");
}

}  // namespace
}  // namespace saltus::tests
