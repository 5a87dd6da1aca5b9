// Oracle: the same run without any interruption, byte for byte.
#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "io/files/text_input.h"
#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using testing::HasSubstr;

class ResumedConformers : public Conformers {
 protected:
  static constexpr int kThirds = 7;  // records of each of three kinds

  void SetUp() override {
    // About four seconds of work on one core, with something wrong here and there.
    std::string list;
    for (int i = 0; i < kThirds; ++i)
      list += "CC(C)CCOC(=O)C" + std::string(i % 3, 'C') + " ester_" + std::to_string(i) +
              "\nbad(" + std::to_string(i) + "\nCCCCNC(C)C(F)Cl amine_" + std::to_string(i) + "\n";
    write("list.smi", list);
  }

  static std::vector<std::string> call(const std::string& output,
                                       const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"conformers",    "list.smi", "-o", output, "--failed",
                                          output + ".bad", "-n",       "2",  "-j",   "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  void run_whole(const std::string& output, const std::vector<std::string>& more = {}) const {
    const ProgramEnd end = saltus(call(output, more));
    ASSERT_EQ(end.exit_code, kSomeFailed) << end.err;
  }

  /// Runs until something is safe, and then a little, and ends the process.
  int run_until(int signal, const std::string& output,
                const std::vector<std::string>& more = {}) const {
    RunningProgram program(call(output, more), folder_.path());
    while (!std::filesystem::exists(file(output + ".progress")) && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    program.send(signal);
    const ProgramEnd end = program.wait();
    return end.signal != 0 ? end.signal : end.exit_code;
  }

  /// The page's name becomes that of a folder while the run works, so that only the page fails.
  void run_all_but_the_page() const {
    RunningProgram program(call("out.h5", {"--html", "out.html"}), folder_.path());
    while (!std::filesystem::exists(file("out.h5.progress")) && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::filesystem::create_directory(file("out.html"));
    const ProgramEnd end = program.wait();
    EXPECT_EQ(end.exit_code, kWrong) << end.err;
    EXPECT_THAT(end.err, HasSubstr("out.html"));
    EXPECT_TRUE(std::filesystem::exists(file("out.h5")));
    std::filesystem::remove(file("out.html"));
  }

  std::string unpacked(const std::string& name) const {
    io::TextInput input(file(name));
    std::ostringstream text;
    text << input.stream().rdbuf();
    return text.str();
  }
  /// No part, spool or progress is left of an output.
  void expect_nothing_left_of(const std::string& output) const {
    for (const char* end : {".new", ".progress", ".spool.new", ".bad.new"})
      EXPECT_FALSE(std::filesystem::exists(file(output + end))) << output << end;
  }
};

TEST_F(ResumedConformers, AreThoseOfARunThatWasNotKilled) {
  run_whole("whole.sdf");
  ASSERT_EQ(run_until(SIGKILL, "cut.sdf"), SIGKILL) << "too short for this machine";
  EXPECT_FALSE(std::filesystem::exists(file("cut.sdf")));
  expect_refusal({"list.smi", "-o", "cut.sdf"},
                 "'cut.sdf.progress' belongs to an interrupted run: resume it with --resume, or "
                 "start again with --overwrite");
  ProgramEnd end = saltus(call("cut.sdf", {"--resume", "--seed", "2", "--stereo", "random"}));
  EXPECT_EQ(end.exit_code, kWrong);
  EXPECT_THAT(end.err, HasSubstr("the interrupted run cannot be resumed: --seed was 1 and is "
                                 "2 now; --stereo was enumerate and is random now; give the same "
                                 "options, or start again with --overwrite"));
  end = saltus(call("cut.sdf", {"--resume", "--json"}));
  EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
  EXPECT_THAT(end.err, HasSubstr("resuming after molecule "));
  EXPECT_THAT(end.out, HasSubstr("\"n_molecules\": " + std::to_string(3 * kThirds) + ","));
  EXPECT_EQ(read("cut.sdf"), read("whole.sdf"));
  EXPECT_EQ(read("cut.sdf.bad"), read("whole.sdf.bad"));
  expect_nothing_left_of("cut.sdf");
}

TEST_F(ResumedConformers, OfAGzippedFileGoOnInANewMember) {
  run_whole("whole.sdf.gz");
  ASSERT_EQ(run_until(SIGKILL, "cut.sdf.gz"), SIGKILL);
  EXPECT_EQ(saltus(call("cut.sdf.gz", {"--resume"})).exit_code, kSomeFailed);
  EXPECT_EQ(unpacked("cut.sdf.gz"), unpacked("whole.sdf.gz"));
  expect_nothing_left_of("cut.sdf.gz");
}

TEST_F(ResumedConformers, OfAnHdf5FileAreTheSameBytes) {
  run_whole("out.h5", {"--html", "out.html"});
  std::filesystem::rename(file("out.h5"), file("whole.h5"));
  const std::string page = read("out.html");
  for (const char* name : {"out.h5.bad", "out.html"}) std::filesystem::remove(file(name));
  ASSERT_EQ(run_until(SIGKILL, "out.h5", {"--html", "out.html"}), SIGKILL);
  run_whole("out.h5", {"--resume", "--html", "out.html"});
  EXPECT_TRUE(read("out.h5") == read("whole.h5"));
  // All of the page but times.
  const auto pictures = [](const std::string& text) {
    return text.substr(text.find("id=\"molecules\""),
                       text.find("</script>") - text.find("id=\"molecules\""));
  };
  EXPECT_EQ(pictures(read("out.html")), pictures(page));
  expect_nothing_left_of("out.h5");
}

TEST_F(ResumedConformers, ThatWereInterruptedAreWrittenAndGoneOnWith) {
  run_whole("whole.sdf");
  ASSERT_EQ(run_until(SIGINT, "cut.sdf"), kInterrupted);
  const std::string first = read("cut.sdf");
  EXPECT_EQ(first.substr(first.size() - 5), "$$$$\n");
  EXPECT_LT(first.size(), read("whole.sdf").size());
  EXPECT_EQ(saltus(call("cut.sdf", {"--resume"})).exit_code, kSomeFailed);
  EXPECT_EQ(read("cut.sdf"), read("whole.sdf"));
  expect_nothing_left_of("cut.sdf");
}

TEST_F(ResumedConformers, NeedTheSameInputAndFiles) {
  ASSERT_EQ(run_until(SIGINT, "cut.sdf"), kInterrupted);
  const std::string list = read("list.smi");
  write("list.smi", "CC other\n" + list);
  ProgramEnd end = saltus(call("cut.sdf", {"--resume"}));
  EXPECT_EQ(end.exit_code, kWrong);
  EXPECT_THAT(end.err, HasSubstr("records of the input are not those it worked on"));
  write("list.smi", list);
  write("cut.sdf", "edited");
  end = saltus(call("cut.sdf", {"--resume"}));
  EXPECT_EQ(end.exit_code, kWrong);
  EXPECT_THAT(end.err, HasSubstr("cannot resume 'cut.sdf': it has 6 bytes, the interrupted run "
                                 "had written "));
  EXPECT_EQ(read("cut.sdf"), "edited");
  write("cut.sdf.progress", "{}");
  expect_error(call("cut.sdf", {"--resume"}), kWrong,
               "'cut.sdf.progress' is damaged; start again with --overwrite");
}

TEST_F(ResumedConformers, NeedOnlyThePageWhenAllElseIsThere) {
  run_all_but_the_page();
  run_whole("out.h5", {"--html", "out.html", "--resume"});
  EXPECT_THAT(read("out.html"), HasSubstr("<canvas"));
  expect_nothing_left_of("out.h5");
}

TEST_F(ResumedConformers, ThatWereKilledWhileTheyCleanedUpEnd) {
  run_all_but_the_page();
  std::filesystem::remove(file("out.h5.spool.new"));  // the first thing that is removed
  const std::string whole = read("out.h5"), list = read("list.smi");
  write("list.smi", list + "CC more\n");
  expect_error(call("out.h5", {"--html", "out.html", "--resume"}), kWrong,
               "'out.h5' is finished, but the input goes on after the records that it was made of: "
               "start again with --overwrite");
  write("list.smi", list);
  run_whole("out.h5", {"--html", "out.html", "--resume"});
  EXPECT_TRUE(read("out.h5") == whole);
  expect_nothing_left_of("out.h5");
}

TEST_F(ResumedConformers, ThatAreNotThereBegin) {
  write("list.smi", "CC a\n");
  const ProgramEnd end = good(call("out.sdf", {"--resume"}));
  EXPECT_THAT(end.err, HasSubstr("there is no interrupted run to resume; starting a new one"));
  EXPECT_THAT(read("out.sdf"), testing::StartsWith("a\n"));
  expect_nothing_left_of("out.sdf");
}

}  // namespace
}  // namespace saltus::tests
