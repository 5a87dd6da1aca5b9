// Oracle: texts written by hand, with what people and spreadsheets should see of them.
#include "io/formats/visible_text.h"

#include <gtest/gtest.h>

namespace saltus::io {
namespace {

TEST(VisibleText, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(visible_text("plain (R)-1,2-x \xC3\xA9\xE2\x88\x92"),
            "plain (R)-1,2-x \xC3\xA9\xE2\x88\x92");
  EXPECT_EQ(visible_text("\x1B[31m\x7F\n\r\t"), "\\x1B[31m\\x7F\\n\\r\\t");
  EXPECT_EQ(visible_text("a\nb\tc\r", "\n\t"), "a\nb\tc\\r");
  EXPECT_EQ(visible_text(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(visible_text("\xE2\x80\x8B\xE2\x80\xAE\xC2\x9B\xEF\xBB\xBF"),
            "\\u200B\\u202E\\u009B\\uFEFF");
  EXPECT_EQ(visible_text("caf\xE9 \xED\xA0\x80"), "caf\\xE9 \\xED\\xA0\\x80");
}

TEST(VisibleText, IsNoFormula) {
  for (const char* text : {"=1+1", "+1", "-2", "@x", "\t=1", "\r", "\n=",
                           "\xEF\xBC\x9D"
                           "1"})
    EXPECT_EQ(without_formula(text), "'" + std::string(text));
  for (const char* text : {"", "1-2", "a=b", "(+)-x", " =1", "'=1",
                           "\xE2\x88\x92"
                           "1"})
    EXPECT_EQ(without_formula(text), text);
}

TEST(CsvCells, AreQuotedWhereNeeded) {
  EXPECT_EQ(csv_cell("a b"), "a b");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("a;=b"), "\"a;=b\"");
  EXPECT_EQ(csv_cell("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(csv_cell("a\nb\x1B"), "a\\nb\\x1B");
}

TEST(HarmlessLines, ChangeOnlyWhatIsObeyed) {
  EXPECT_EQ(harmless_line("CCO\tethanol -1, =2", "\t"), "CCO\tethanol -1, =2");
  EXPECT_EQ(harmless_line("=CCO\t=x\t-1", "\t"), "'=CCO\t'=x\t'-1");
  EXPECT_EQ(harmless_line("1,=x,\"=y\"", "\t,"), "1,'=x,\"'=y\"");
  EXPECT_EQ(harmless_line("C\x1B\r\n+2", "\t\n"), "C\\x1B\\r\n'+2");
  EXPECT_EQ(harmless_line("", "\t"), "");
}

}  // namespace
}  // namespace saltus::io
