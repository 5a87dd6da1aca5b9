// Oracle: order of hand-written releases.
#include "tests/support/library_versions.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace saltus::tests {
namespace {

TEST(LibraryVersions, AreComparedNumberByNumber) {
  EXPECT_TRUE(is_at_least("2025.03.1", "2025.03"));
  EXPECT_TRUE(is_at_least("2025.03", "2025.03.0"));
  EXPECT_TRUE(is_at_least("10.0", "9.1"));
  EXPECT_FALSE(is_at_least("7.7", "8.1"));
  EXPECT_FALSE(is_at_least("8.0.9", "8.1"));
  EXPECT_FALSE(is_at_least("2022.09.3", "2025.03"));
  EXPECT_THROW(is_at_least("unknown", "1"), std::invalid_argument);
}

TEST(LibraryVersions, AreThoseOfTheLibraries) {
  EXPECT_TRUE(is_at_least(rdkit_version(), "2022.09"));
  EXPECT_FALSE(is_at_least(rdkit_version(), "2100.01"));
  EXPECT_TRUE(is_at_least(openmm_version(), "7.7"));
  EXPECT_FALSE(is_at_least(openmm_version(), "100"));
}

TEST(LibraryVersions, ChooseTheValueOfTheReleaseInUse) {
  EXPECT_EQ(by_rdkit(1, 2), rdkit_version().compare(0, 4, "2022") == 0 ? 1 : 2);
  EXPECT_EQ(by_openmm(1, 2), openmm_version().compare(0, 1, "7") == 0 ? 1 : 2);
}

}  // namespace
}  // namespace saltus::tests
