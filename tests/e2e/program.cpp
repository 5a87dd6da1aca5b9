#include "tests/e2e/program.h"
#include "saltus_test_paths.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace saltus::tests {

namespace {

int file_without_name() {
  const int file = memfd_create("output", MFD_CLOEXEC);
  if (file < 0) throw std::runtime_error("cannot make a file for a program's output");
  return file;
}

std::string content_of(int file) {
  std::string text;
  char buffer[4096];
  lseek(file, 0, SEEK_SET);
  for (ssize_t n; (n = ::read(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

/// What the new process does; returns only when something fails.
void become_program(char** arguments, const std::string& folder, int out, int err,
                    std::uint64_t max_file_bytes) {
  if (chdir(folder.c_str()) != 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
    return;
  if (max_file_bytes > 0) {
    const rlimit limit{max_file_bytes, max_file_bytes};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return;
    std::signal(SIGXFSZ, SIG_IGN);
  }
  execv(arguments[0], arguments);
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& arguments, const std::string& folder,
                               std::uint64_t max_file_bytes)
    : out_(file_without_name()), err_(file_without_name()) {
  std::vector<std::string> words = {program_path()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  // The user's own folders must not change what is found.
  unsetenv("SALTUS_FORCE_FIELD_PATH");
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("cannot start a process");
  if (process_ > 0) return;
  become_program(pointers.data(), folder, out_, err_, max_file_bytes);
  dprintf(err_, "cannot start %s: %s\n", program_path(), std::strerror(errno));
  _exit(127);
}

RunningProgram::~RunningProgram() {
  if (!ended_) {
    kill(process_, SIGKILL);
    waitpid(process_, &status_, 0);
  }
  close(out_);
  close(err_);
}

void RunningProgram::send(int signal) const {
  if (!ended_) kill(process_, signal);
}

bool RunningProgram::has_ended() {
  if (!ended_) ended_ = waitpid(process_, &status_, WNOHANG) == process_;
  return ended_;
}

ProgramEnd RunningProgram::wait(std::chrono::minutes longest) {
  const auto started = std::chrono::steady_clock::now();
  while (!has_ended()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (std::chrono::steady_clock::now() - started < longest) continue;
    ADD_FAILURE() << "the program does not come to an end";
    send(SIGKILL);
    ended_ = waitpid(process_, &status_, 0) == process_;
  }
  ProgramEnd end;
  if (WIFEXITED(status_)) end.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) end.signal = WTERMSIG(status_);
  end.out = content_of(out_);
  end.err = content_of(err_);
  return end;
}

const char* program_path() {
  const char* other = std::getenv("SALTUS_TEST_PROGRAM");
  return other != nullptr ? other : SALTUS_PROGRAM;
}

ProgramEnd run_saltus(const std::vector<std::string>& arguments, const std::string& folder,
                      std::uint64_t max_file_bytes) {
  return RunningProgram(arguments, folder, max_file_bytes).wait();
}

std::string DeckText::text() const {
  std::ostringstream text;
  text << "schema = 1\ntitle = \"a test\"\nseed = 5\n[system]\ncoordinates = \"" << coordinates
       << "\"\n"
       << energy_source << "\n[ensemble]\n"
       << ensemble << "\n[energy]\n"
       << energy << "\n[chains]\n"
       << chains << "\n[warm_up]\n"
       << warm_up << "\n[run]\n"
       << run << "\n[output]\n"
       << output << "\n"
       << moves << "\n"
       << more << "\n";
  return text.str();
}

void ProgramTest::SetUp() {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb", "ala.pdb");
}

ProgramEnd ProgramTest::good(const std::vector<std::string>& arguments) const {
  ProgramEnd end = saltus(arguments);
  EXPECT_EQ(end.exit_code, 0) << testing::PrintToString(arguments) << " said\n" << end.err;
  return end;
}

void ProgramTest::expect_error(const std::vector<std::string>& arguments, int exit_code,
                               const std::string& message) const {
  const ProgramEnd end = saltus(arguments);
  SCOPED_TRACE(testing::PrintToString(arguments));
  EXPECT_EQ(end.exit_code, exit_code);
  EXPECT_EQ(end.signal, 0);
  EXPECT_EQ(end.out, "");
  // Progress comes before the error.
  const std::string line = message + "\n";
  const std::size_t start = end.err.size() - std::min(end.err.size(), line.size());
  EXPECT_EQ(end.err.substr(start), line) << "all it said:\n" << end.err;
  // What is found only when the molecule or the moves are built has its place in front, and the
  // move that it is about.
  const std::string before = end.err.substr(0, start);
  EXPECT_THAT(before, testing::MatchesRegex("(.*\n)?error: (([^ \n]*[.]toml(:[0-9]+:[0-9]+)?: |"
                                            "--set [^\n]*: )(move[^ \n]*: )?)?"))
      << "all it said:\n"
      << end.err;
}

std::string ProgramTest::read(const std::string& name) const {
  std::ifstream stream(file(name), std::ios::binary);
  if (!stream) ADD_FAILURE() << "no file " << name;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void ProgramTest::copy_in(const std::filesystem::path& from, const std::string& name) const {
  std::filesystem::copy_file(from, file(name), std::filesystem::copy_options::overwrite_existing);
}

std::string force_field_data(const std::string& name) {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/forcefields/data/" + name;
}

std::string peptide_fixture(const std::string& name) {
  return std::string(SALTUS_TEST_FIXTURE_DIR) + "/peptides/" + name;
}

}  // namespace saltus::tests
