// Oracle: the test vectors of draft-eastlake-fnv, appendix C.
#include "engine/core/digest.h"

#include <gtest/gtest.h>

#include <cstring>

namespace saltus::engine {
namespace {

std::string digest_of(const char* text) {
  Fnv1a hash;
  hash.add(text, std::strlen(text));
  return hash.hex();
}

TEST(Fnv1a, AgreesWithItsVectors) {
  EXPECT_EQ(digest_of(""), "cbf29ce484222325");
  EXPECT_EQ(digest_of("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(digest_of("foobar"), "85944171f73967e8");
}

TEST(Fnv1a, OfPartsIsThatOfTheWhole) {
  Fnv1a hash;
  hash.add("foo", 3);
  hash.add("bar", 3);
  EXPECT_EQ(hash.hex(), "85944171f73967e8");
}

}  // namespace
}  // namespace saltus::engine
