#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace saltus::tests {

/// How a process ended and what it said.
struct ProgramEnd {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;      ///< 0 when it exited by itself
  std::string out, err;
};

/// A `saltus` process at work. Killed, if need be, when this object goes.
class RunningProgram {
 public:
  /// @param folder          current folder of the process
  /// @param max_file_bytes  that a file of the process may have; 0: any number. Writing beyond
  ///                        fails, as on a full disk, with "File too large"
  RunningProgram(const std::vector<std::string>& arguments, const std::string& folder,
                 std::uint64_t max_file_bytes = 0);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void send(int signal) const;
  bool has_ended();
  /// Waits for the end; a process that takes longer is killed, and a failure.
  ProgramEnd wait(std::chrono::minutes longest = std::chrono::minutes(2));

 private:
  pid_t process_ = -1;
  int out_ = -1, err_ = -1;  ///< files without names
  bool ended_ = false;
  int status_ = 0;
};

/// Where the program is: the one of this build, or what SALTUS_TEST_PROGRAM names (an older one, to
/// see that tests fail with it).
const char* program_path();

/// Runs `saltus` to its end.
ProgramEnd run_saltus(const std::vector<std::string>& arguments, const std::string& folder,
                      std::uint64_t max_file_bytes = 0);

/// A small run deck, by sections; alanine dipeptide from the file "ala.pdb".
struct DeckText {
  std::string coordinates = "ala.pdb";
  std::string energy_source = "force_field = [\"amber99sbildn.xml\", \"amber99_obc.xml\"]";
  std::string ensemble = "temperature = \"310 K\"";
  std::string energy = "threads = 1";
  std::string chains = "count = 4";
  std::string warm_up = "steps = 3";
  std::string moves = "[[move]]\nkind = \"hmc\"\nsteps = 5";
  std::string run = "steps = 24";
  std::string output = "directory = \"out\"";
  std::string more;  ///< further sections

  std::string text() const;
};

/// Tests in a folder of their own, which holds alanine dipeptide as "ala.pdb".
class ProgramTest : public testing::Test {
 protected:
  void SetUp() override;

  /// Runs `saltus` in the folder.
  ProgramEnd saltus(const std::vector<std::string>& arguments) const {
    return run_saltus(arguments, folder_.path());
  }
  /// The same for a run that has to succeed; says so when it does not.
  ProgramEnd good(const std::vector<std::string>& arguments) const;
  /// Expects exit code and exact message, after "error: " on a line of standard error.
  void expect_error(const std::vector<std::string>& arguments, int exit_code,
                    const std::string& message) const;
  std::string write(const std::string& name, const std::string& text) const {
    return folder_.write(name, text);
  }
  std::string write_deck(const DeckText& deck, const std::string& name = "deck.toml") const {
    return folder_.write(name, deck.text());
  }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::string read(const std::string& name) const;
  void copy_in(const std::filesystem::path& from, const std::string& name) const;

  TemporaryFolder folder_;
};

/// "tests/forcefields/data/NAME" of the source tree.
std::string force_field_data(const std::string& name);
/// "../shared/fixtures/peptides/NAME".
std::string peptide_fixture(const std::string& name);

}  // namespace saltus::tests
