// Oracle: what the program does without such a library.
#include <csignal>
#include <cstdlib>
#include <thread>

#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

/// With a library that prints and catches SIGHUP while it is loaded.
class LoadTimeEffects : public ProgramTest {
 protected:
  void SetUp() override {}
  ProgramEnd with_library(const std::vector<std::string>& arguments, int signal = 0) const {
    ::setenv("LD_PRELOAD", SALTUS_NOISY_LIBRARY, 1);
    RunningProgram program(arguments, folder_.path());
    ::unsetenv("LD_PRELOAD");
    while (signal != 0 && !std::filesystem::exists(file("x.sdf.progress")) && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (signal != 0) program.send(signal);
    return program.wait();
  }
};

TEST_F(LoadTimeEffects, OfLibrariesAreNoResults) {
  const ProgramEnd plain = good({"energy", "--help"});
  const ProgramEnd noisy = with_library({"energy", "--help"});
  EXPECT_EQ(noisy.exit_code, 0);
  EXPECT_EQ(noisy.out, plain.out);
  EXPECT_EQ(noisy.err, plain.err);
}

TEST_F(LoadTimeEffects, OfLibrariesDoNotUndoNohup) {
  std::string list;
  for (int i = 0; i < 12; ++i) list += "CCCCO alcohol" + std::to_string(i) + "\n";
  write("list.smi", list);
  const auto before = std::signal(SIGHUP, SIG_IGN);
  const ProgramEnd end =
      with_library({"conformers", "list.smi", "-n", "2", "-j", "1", "-o", "x.sdf"}, SIGHUP);
  std::signal(SIGHUP, before);
  EXPECT_EQ(end.exit_code, 0) << end.err;
}

}  // namespace
}  // namespace saltus::tests
