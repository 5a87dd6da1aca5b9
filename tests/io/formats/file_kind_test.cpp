// Oracle: beginnings of files written by hand after their formats.
#include "io/formats/file_kind.h"

#include <gtest/gtest.h>

namespace saltus::io {
namespace {

using namespace std::string_view_literals;

std::string kind(std::string_view text, const std::string& path = "x") {
  return file_kind(path, text).name;
}

TEST(FileKinds, AreSeenByTheirFirstBytes) {
  EXPECT_EQ(kind("ATOM      1  N   ALA A   1\n"), "a PDB file");
  EXPECT_EQ(kind("REMARK   1 made by hand\nCRYST1   26.000\n"), "a PDB file");
  EXPECT_EQ(kind("data_1ABC\n#\n_entry.id 1ABC\n"), "an mmCIF file");
  EXPECT_EQ(kind("name\n prog\n\n  1  0  0  0  0            999 V2000\n"), "an SD or mol file");
  EXPECT_EQ(kind("name\r\r\r  0  0  0     0  0            999 V3000\r"), "an SD or mol file");
  EXPECT_EQ(kind("%VERSION  VERSION_STAMP = V0001.000\n%FLAG TITLE\n"), "an AMBER topology");
  EXPECT_EQ(kind("title\n     2\n   1.0000000   2.0000000   3.0000000   4.0000000\n"),
            "an AMBER coordinate file");
  EXPECT_EQ(kind("<ForceField>\n"), "a force field (XML)");
  EXPECT_EQ(kind("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<System type=\"System\">\n"),
            "an OpenMM System (XML)");
  EXPECT_EQ(kind("<State>\n"), "an XML file");
  EXPECT_EQ(kind("\x89HDF\r\n\x1A\n"), "an HDF5 file");
  EXPECT_EQ(kind("\x1F\x8B\x08\x00"sv), "packed with gzip");
  EXPECT_EQ(kind("\x10\0\0\0\0\0\0\0{\"x\":1}        "sv), "a safetensors file");
  EXPECT_EQ(kind("PK\x03\x04"), "a zip archive");
  EXPECT_EQ(kind("\xFF\xFE"
                 "a\0"sv),
            "text in UTF-16");
  EXPECT_EQ(kind("{\"a\": 1}"), "a JSON file");
  EXPECT_EQ(kind("t= 0.0\n    1\n    1ALA      N    1   0.100   0.200   0.300\n"), "a GRO file");
  EXPECT_EQ(kind("1\nmethane\nC 0.0 0.0 0.0\n"), "an XYZ file");
  EXPECT_EQ(kind("# made by hand\n@<TRIPOS>MOLECULE\nx\n"), "a MOL2 file");
  EXPECT_EQ(kind("PSF EXT\n\n"), "a CHARMM topology (PSF)");
  EXPECT_EQ(kind("a\0b"sv), "no text");
  EXPECT_EQ(kind("CCO x\n", "a.smi"), "a list (by its name, .smi)");
}

TEST(FileKinds, AreNoneOfDecks) {
  for (const char* deck : {"", "seed = 1\n[system]\ncoordinates = \"x.pdb\"\n", "# ATOM\n[run\n",
                           "title = \"<x>\"\n", "MODEL = 1\nsteps = 2\nseed = 3\n"})
    EXPECT_EQ(kind(deck, "deck.toml"), "") << deck;
}

TEST(FileKinds, ComeWithAdvice) {
  EXPECT_EQ(
      file_kind("x.h5", "\x89HDF\r\n\x1A\n").advice,
      "'saltus report x.h5' or 'saltus info x.h5' shows it if it is a trajectory; 'saltus run "
      "--print-defaults' shows a deck");
  EXPECT_EQ(file_kind("x", "%PDF-1").advice, "'saltus run --print-defaults' shows a deck");
}

}  // namespace
}  // namespace saltus::io
