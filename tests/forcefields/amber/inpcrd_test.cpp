// Oracle: hand-written files with known numbers; exact messages.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/amber/inpcrd.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using forcefields::AmberCoordinates;
using testing::TempDir;

const char* const kHeader = "three atoms\n    3  0.1500000E+02\n";
const char* const kPositions =
    "   1.0000000   2.0000000   3.0000000  -4.0000000   5.0000000   6.5000000\n"
    "   7.0000000   8.0000000-109.0000000\n";
const char* const kVelocities =
    "   0.1000000   0.2000000   0.3000000   0.0000000   0.0000000   0.0000000\n"
    "   0.0000000   0.0000000  -1.0000000\n";
const char* const kBox =
    "  20.0000000  30.0000000  40.0000000  90.0000000  90.0000000  60.0000000\n";

AmberCoordinates read(const std::string& text, std::size_t n_atoms = 3) {
  return forcefields::read_inpcrd(write_text(TempDir(), "good.inpcrd", text), n_atoms);
}

std::string message_about(const std::string& text, std::size_t n_atoms = 3) {
  const std::string path = write_text(TempDir(), "bad.inpcrd", text);
  const std::string message =
      message_of<engine::InputError>([&] { forcefields::read_inpcrd(path, n_atoms); });
  return message.substr(message.find("bad.inpcrd"));
}

TEST(Inpcrd, PositionsTitleAndTime) {
  const AmberCoordinates c = read(std::string(kHeader) + kPositions);
  EXPECT_EQ(c.title, "three atoms");
  EXPECT_DOUBLE_EQ(c.time_ps.value(), 15.0);
  ASSERT_EQ(c.positions_nm.size(), 9u);
  EXPECT_DOUBLE_EQ(c.positions_nm[3], -0.4);
  EXPECT_DOUBLE_EQ(c.positions_nm[8], -10.9);  // fields may touch
  EXPECT_TRUE(c.velocities_nm_per_ps.empty());
  EXPECT_FALSE(c.box_nm.has_value());
}

TEST(Inpcrd, Velocities) {
  const AmberCoordinates c = read(std::string(kHeader) + kPositions + kVelocities);
  ASSERT_EQ(c.velocities_nm_per_ps.size(), 9u);
  EXPECT_DOUBLE_EQ(c.velocities_nm_per_ps[8], -2.0455);
  EXPECT_FALSE(c.box_nm.has_value());
}

TEST(Inpcrd, Box) {
  const AmberCoordinates c = read(std::string(kHeader) + kPositions + kBox);
  EXPECT_TRUE(c.velocities_nm_per_ps.empty());
  EXPECT_DOUBLE_EQ(c.box_nm.value()[1], 3.0);
  EXPECT_DOUBLE_EQ(c.box_rad.value()[2], engine::kPi / 3.0);
}

TEST(Inpcrd, VelocitiesAndBoxOfLengthsOnly) {
  const AmberCoordinates c = read(std::string(kHeader) + kPositions + kVelocities +
                                  "  20.0000000  30.0000000  40.0000000\n\n");
  EXPECT_EQ(c.velocities_nm_per_ps.size(), 9u);
  EXPECT_DOUBLE_EQ(c.box_nm.value()[2], 4.0);
  EXPECT_FALSE(c.box_rad.has_value());
}

TEST(Inpcrd, TellsVelocitiesFromABoxForTwoAtoms) {
  const std::string start =
      "two\n2\n   1.0000000   2.0000000   3.0000000   4.0000000   5.0000000   6.0000000\n";
  const std::string slow =
      "   0.1000000   0.2000000   0.3000000   0.0000000   0.0000000   0.0000000\n";
  EXPECT_EQ(read(start + slow, 2).velocities_nm_per_ps.size(), 6u);
  EXPECT_DOUBLE_EQ(read(start + kBox, 2).box_nm.value()[0], 2.0);
  const AmberCoordinates both = read(start + slow + kBox, 2);
  EXPECT_EQ(both.velocities_nm_per_ps.size(), 6u);
  EXPECT_DOUBLE_EQ(both.box_nm.value()[0], 2.0);
}

TEST(Inpcrd, TellsVelocitiesFromABoxForOneAtom) {
  const std::string start = "one\n1\n   1.0000000   2.0000000   3.0000000\n";
  EXPECT_EQ(read(start + "  70.0000000   2.0000000   3.0000000\n", 1).velocities_nm_per_ps.size(),
            3u);
  EXPECT_DOUBLE_EQ(read(start + kBox, 1).box_nm.value()[0], 2.0);
}

TEST(InpcrdErrors, MissingFile) {
  EXPECT_EQ(message_of<engine::FileError>([] { forcefields::read_inpcrd("/no/such.rst7", 1); }),
            "/no/such.rst7: cannot be opened for reading");
}

TEST(InpcrdErrors, BinaryForm) {
  EXPECT_EQ(message_about(std::string("CDF\x02\n\n\n\n")),
            "bad.inpcrd: this is the binary (NetCDF) form of a restart file; convert it to text "
            "(cpptraj: trajout file.rst7 restart)");
}

TEST(InpcrdErrors, TooShort) {
  EXPECT_EQ(message_about(""),
            "bad.inpcrd: has 0 lines, expected a title, the number of atoms and coordinates");
  EXPECT_EQ(message_about(std::string(kHeader) + "   1.0000000   2.0000000   3.0000000\n"),
            "bad.inpcrd:3: the file has 3 lines, expected 4 for the positions of 3 atoms, 2 more "
            "for velocities, 1 more for a box");
}

TEST(InpcrdErrors, TooLong) {
  EXPECT_EQ(message_about(std::string(kHeader) + kPositions + kVelocities + kBox + kBox),
            "bad.inpcrd:8: the file has 8 lines, expected 4 for the positions of 3 atoms, 2 more "
            "for velocities, 1 more for a box");
}

TEST(InpcrdErrors, NumberOfAtoms) {
  EXPECT_EQ(message_about(std::string(kHeader) + kPositions, 4),
            "bad.inpcrd:2: 3 atoms, but the topology has 4");
  EXPECT_EQ(message_about(std::string("title\nthree\n") + kPositions),
            "bad.inpcrd:2: \"three\", expected the number of atoms");
  EXPECT_EQ(message_about(std::string("title\n3 noon\n") + kPositions),
            "bad.inpcrd:2: \"noon\", expected the time in ps");
}

TEST(InpcrdErrors, Fields) {
  EXPECT_EQ(message_about(
                with_replaced(std::string(kHeader) + kPositions, "  -4.0000000", "************")),
            "bad.inpcrd:3: columns 37 to 48: \"************\", expected a number");
  EXPECT_EQ(message_about(with_replaced(std::string(kHeader) + kPositions, "-109.0000000", "")),
            "bad.inpcrd:4: 2 numbers, expected 3");
  EXPECT_EQ(message_about(std::string(kHeader) + kPositions + "  20.0000000\n"),
            "bad.inpcrd:5: 1 numbers, expected a box: 3 lengths, or 3 lengths and 3 angles");
}

TEST(InpcrdErrors, CoordinatesThatAreNoPlaces) {
  EXPECT_EQ(message_about(
                with_replaced(std::string(kHeader) + kPositions, "  -4.0000000", " 1.00000e+30")),
            "bad.inpcrd:3: columns 37 to 48: the coordinate \"1.00000e+30\" angstrom is not a "
            "valid coordinate; expected -999.9999999 to 9999.9999999, as the columns hold");
  EXPECT_EQ(
      message_about(std::string(kHeader) + kPositions + "  20.0000000 -30.0000000  40.0000000\n"),
      "bad.inpcrd:5: columns 13 to 24: a box with a negative edge");
}

}  // namespace
}  // namespace saltus::tests
