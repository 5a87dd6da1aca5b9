// Oracle: the same run without an interruption, bit for bit.
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "io/hdf5/checkpoint_file.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

/// A run of some seconds with a state that has everything: velocities, a ladder, tuned steps.
DeckText long_deck() {
  DeckText deck;
  deck.ensemble = "temperatures = [\"310 K\", \"350 K\"]";
  deck.moves =
      "[[move]]\nkind = \"ghmc\"\nsteps = 2\n[[move]]\nkind = \"torsion_walk\"\n"
      "[[move]]\nkind = \"replica_exchange\"";
  deck.run = "steps = 600\nframe_period = 3\ncheckpoint_period = 10";
  deck.output = "directory = \"out\"\nvelocities = true";
  return deck;
}

class Interruptions : public ProgramTest, public testing::WithParamInterface<int> {
 protected:
  template <class Condition>
  void wait_until(RunningProgram& program, const Condition& condition) const {
    while (!condition() && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  bool is_there(const std::string& name) const { return std::filesystem::exists(file(name)); }
};

TEST_P(Interruptions, LoseNothing) {
  write_deck(long_deck());
  good({"run", "deck.toml", "--set", "output.directory=whole"});
  RunningProgram program({"run", "deck.toml"}, folder_.path());
  wait_until(program, [&] {
    return is_there("out/trajectory.checkpoint") &&
           io::read_checkpoint(file("out/trajectory.checkpoint")).step > 0;
  });
  program.send(GetParam());
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 130) << end.err;
  EXPECT_EQ(end.out,
            "interrupted; everything up to here is saved. Resume with: saltus run deck.toml "
            "--resume\n");
  EXPECT_FALSE(std::filesystem::exists(file("out/summary.json")));
  const auto checkpoint = io::read_checkpoint(file("out/trajectory.checkpoint"));
  EXPECT_GE(checkpoint.step, 10u);
  ASSERT_LT(checkpoint.step, 600u);
  EXPECT_EQ(checkpoint.frames_written, checkpoint.step / 3);
  EXPECT_EQ(expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"), true),
            checkpoint.frames_written);

  const ProgramEnd resumed = good({"run", "deck.toml", "--resume"});
  EXPECT_THAT(resumed.err,
              testing::HasSubstr("resuming after step " + std::to_string(checkpoint.step) + "\n"));
  expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
  const auto json_of = [&](const char* name) { return nlohmann::json::parse(read(name)); };
  nlohmann::json ladder = json_of("out/summary.json").at("ladder");
  nlohmann::json expected = json_of("whole/summary.json").at("ladder");
  EXPECT_GT(ladder.at("round_trips"), 0);
  EXPECT_THAT(resumed.err,
              testing::HasSubstr("\nreplica exchange: " + ladder.at("round_trips").dump() +
                                 " round trips of "));
  // All but what depends on the time that the runs took.
  for (nlohmann::json* both : {&ladder, &expected}) both->erase("round_trips_per_cpu_s");
  EXPECT_EQ(ladder, expected);
  EXPECT_EQ(json_of("out/summary.json").at("free_energy"),
            json_of("whole/summary.json").at("free_energy"));
  // Labels of frames are permutations within their ladder, which the same count can be made of.
  std::filesystem::remove(file("out/trajectory.checkpoint"));
  good({"report", "out/trajectory.h5"});
  const nlohmann::json of_frames = json_of("out/summary.json").at("ladder");
  EXPECT_EQ(of_frames.at("counted_every_steps"), 3);
  EXPECT_TRUE(of_frames.at("round_trips_per_cpu_s").is_null());
  EXPECT_GT(of_frames.at("round_trips"), 0);
  EXPECT_LE(of_frames.at("round_trips"), ladder.at("round_trips"));
}

INSTANTIATE_TEST_SUITE_P(BySignals, Interruptions, testing::Values(SIGINT, SIGTERM),
                         [](const auto& test) {
                           return std::string(test.param == SIGINT ? "SIGINT" : "SIGTERM");
                         });

TEST_F(Interruptions, TellACommandThatGoesOnWithTheSameOverrides) {
  write_deck(long_deck());
  RunningProgram program({"run", "deck.toml", "--set", "title=\"it's\"", "--set", "run.steps=590"},
                         folder_.path());
  // The first checkpoint comes before the first step.
  wait_until(program, [&] { return is_there("out/trajectory.checkpoint"); });
  program.send(SIGINT);
  const ProgramEnd end = program.wait();
  ASSERT_EQ(end.exit_code, 130) << end.err;
  const std::string start = "interrupted; everything up to here is saved. Resume with: ";
  ASSERT_EQ(end.out.substr(0, start.size()), start);
  const std::string command = end.out.substr(start.size());
  EXPECT_EQ(command,
            "saltus run deck.toml --set 'title=\"it'\\''s\"' --set 'run.steps=590' --resume\n");
  const std::string path = std::string("cd ") + folder_.path() + " && " +
                           std::filesystem::path(program_path()).parent_path().string() + "/" +
                           command.substr(0, command.size() - 1) + " > said 2>&1";
  EXPECT_EQ(std::system(path.c_str()), 0) << read("said");
}

TEST_F(Interruptions, BeforeProductionEndTheProgramAtOnce) {
  DeckText deck = long_deck();
  deck.warm_up = "steps = 1000000";
  write_deck(deck);
  RunningProgram program({"run", "deck.toml"}, folder_.path());
  // The handler is there once the run's folder is.
  wait_until(program, [&] { return is_there("out"); });
  program.send(SIGTERM);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 130);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(end.err,
              testing::EndsWith("\ninterrupted before production: run the same command again\n"));
}

TEST_F(Interruptions, AFinishedRunCanBeResumedAndStaysAsItIs) {
  write_deck({});
  good({"run", "deck.toml"});
  const std::string summary = read("out/summary.json");
  std::filesystem::copy(file("out"), file("copy"));
  good({"run", "deck.toml", "--resume"});
  expect_same_frames(file("out/trajectory.h5"), file("copy/trajectory.h5"));
  EXPECT_EQ(read("out/summary.json"), summary);
}

}  // namespace
}  // namespace saltus::tests
