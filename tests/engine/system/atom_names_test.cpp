// Oracle: names written out by hand.
#include "engine/system/atom_names.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/core/error.h"

namespace saltus::tests {
namespace {

TEST(UniqueAtomNames, CountEachElement) {
  EXPECT_EQ(engine::unique_atom_names({6, 1, 6, 17, 1}),
            (std::vector<std::string>{"C1", "H1", "C2", "Cl1", "H2"}));
}

TEST(UniqueAtomNames, HaveAtMostFourCharactersAndComeOnce) {
  std::vector<int> elements(999, 1);
  elements.insert(elements.end(), 300, 17);
  const std::vector<std::string> names = engine::unique_atom_names(elements);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) EXPECT_LE(name.size(), 4u);
  EXPECT_EQ(names[999 + 98], "Cl99");
  EXPECT_EQ(names[999 + 99], "ClA0");
  EXPECT_EQ(names[999 + 299], "ClU0");
  // 99 by decimals and 26 times 10 by letters.
  EXPECT_EQ(engine::unique_atom_names(std::vector<int>(359, 17)).back(), "ClZ9");
  EXPECT_THROW(engine::unique_atom_names(std::vector<int>(1000, 1)), engine::InputError);
  EXPECT_THROW(engine::unique_atom_names(std::vector<int>(360, 17)), engine::InputError);
}

}  // namespace
}  // namespace saltus::tests
