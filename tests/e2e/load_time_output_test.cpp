// Oracle: what the program prints without such a library.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

class LoadTimeOutput : public ProgramTest {};

TEST_F(LoadTimeOutput, OfLibrariesIsKeptFromTheResults) {
  const ProgramEnd plain = good({"energy", "--help"});
  ::setenv("LD_PRELOAD", SALTUS_NOISY_LIBRARY, 1);
  const ProgramEnd noisy = saltus({"energy", "--help"});
  ::unsetenv("LD_PRELOAD");
  EXPECT_EQ(noisy.exit_code, 0);
  EXPECT_EQ(noisy.out, plain.out);
  EXPECT_THAT(noisy.err, testing::HasSubstr("a library is loaded\n"));
}

}  // namespace
}  // namespace saltus::tests
