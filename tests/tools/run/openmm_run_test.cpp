// Oracles: the same dynamics without an interruption, which without noise it has to follow; counts.
#include "tools/saltus/run/openmm_run.h"

#include <gmock/gmock.h>

#include <cmath>

#include "engine/core/error.h"
#include "io/hdf5/checkpoint_file.h"
#include "io/hdf5/trajectory_reader.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using tests::message_of;

LoadedRunDeck alanine_dipeptide() {
  return parse_run_deck(
      "schema = 1\n[system]\ncoordinates = \"data/molecules/alanine_dipeptide.pdb\"\n"
      "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"\n"
      "[ensemble]\ntemperature = \"310 K\"\n[[move]]\nkind = \"hmc\"\n[energy]\nthreads = 1\n"
      "[output]\ndirectory = \"o\"\n",
      "deck.toml", SALTUS_TEST_SOURCE_DIR, {});
}

/// 40 frames of 5 steps after 20 steps.
ComparedOpenMMDeck short_dynamics() {
  ComparedOpenMMDeck deck;
  deck.dynamics.platform.name = "Reference";
  deck.dynamics.time_step_ps = 0.001;
  deck.frame_period_ps = 0.005;
  deck.equilibration_ps = 0.02;
  deck.length_ps = 0.2;
  return deck;
}

class OpenMMRuns : public testing::Test {
 protected:
  /// Asks for the end when asked for the n-th time.
  std::function<bool()> interrupted_after(int n) {
    return [n]() mutable { return --n <= 0; };
  }
  OpenMMRun run(const ComparedOpenMMDeck& options, const std::string& name) const {
    return {deck_, options, folder_ / name};
  }
  bool make(const OpenMMRun& what, const FolderRunRules& rules = {}) {
    return make_openmm_run(what, rules, progress_);
  }

  LoadedRunDeck deck_ = alanine_dipeptide();
  tests::TemporaryFolder folder_;
  Progress progress_{true};
};

TEST_F(OpenMMRuns, LeaveTheFilesOfARun) {
  const OpenMMRun dynamics = run(short_dynamics(), "d");
  ASSERT_TRUE(make(dynamics));
  const engine::RunSummary summary = analyse_run(dynamics.files()).summary;
  EXPECT_EQ(summary.n_frames, 40u);
  EXPECT_EQ(summary.n_chains, 1u);
  EXPECT_EQ(summary.n_steps, 200u);
  EXPECT_EQ(summary.steps_per_frame, 5u);
  EXPECT_EQ(summary.temperatures_K, std::vector<double>{310.0});
  ASSERT_FALSE(summary.samplers.empty());
  // Equilibration costs nothing.
  EXPECT_EQ(summary.samplers[0].n_energy_evaluations, 200u);
  EXPECT_GT(summary.samplers[0].cpu_seconds, 0.0);
  EXPECT_EQ(summary.exactness(), "approximate: OpenMM Langevin dynamics is not exact");
  EXPECT_TRUE(fs::exists(dynamics.files().summary));
}

TEST_F(OpenMMRuns, GoOnWhereTheyWere) {
  ComparedOpenMMDeck options = short_dynamics();
  // Nothing random happens then once velocities are drawn.
  options.dynamics.friction_per_ps = 0.0;
  const OpenMMRun whole = run(options, "whole"), parts = run(options, "parts");
  ASSERT_TRUE(make(whole));
  // Asked 4 times in equilibration, then before each frame.
  ASSERT_FALSE(make(parts, {ChangedRun::kRefuse, interrupted_after(4 + 18)}));
  EXPECT_FALSE(fs::exists(parts.files().summary));
  EXPECT_EQ(io::read_checkpoint(parts.files().checkpoint).frames_written, 17u);
  ASSERT_TRUE(make(parts));
  EXPECT_TRUE(fs::exists(parts.files().summary));
  EXPECT_EQ(analyse_run(parts.files()).summary.samplers.at(0).n_energy_evaluations, 200u);
  const io::TrajectoryReader a(whole.files().trajectory), b(parts.files().trajectory);
  ASSERT_EQ(b.n_frames(), 40u);
  EXPECT_EQ(a.steps(0, 40), b.steps(0, 40));
  const engine::CoordinateBatch x = a.positions(39), y = b.positions(39);
  for (std::size_t i = 0; i < x.chain(0).size(); ++i)
    EXPECT_NEAR(x.chain(0)[i], y.chain(0)[i], 1e-5);
}

TEST_F(OpenMMRuns, BeginAgainWhenEquilibrationWasInterrupted) {
  const OpenMMRun dynamics = run(short_dynamics(), "d");
  ASSERT_FALSE(make(dynamics, {ChangedRun::kRefuse, interrupted_after(2)}));
  EXPECT_FALSE(fs::exists(dynamics.files().checkpoint));
  EXPECT_TRUE(make(dynamics));
}

TEST_F(OpenMMRuns, AreLeftAloneWhenFinishedAndMayBecomeLonger) {
  ASSERT_TRUE(make(run(short_dynamics(), "d")));
  const auto never = []() -> bool { throw std::runtime_error("nothing is to be run"); };
  EXPECT_TRUE(make(run(short_dynamics(), "d"), {ChangedRun::kRefuse, never}));
  ComparedOpenMMDeck longer = short_dynamics();
  longer.length_ps = 0.25;
  const OpenMMRun dynamics = run(longer, "d");
  ASSERT_TRUE(make(dynamics));
  EXPECT_EQ(io::TrajectoryReader(dynamics.files().trajectory).n_frames(), 50u);
}

TEST_F(OpenMMRuns, NoticeThatTheyWereOthers) {
  ASSERT_TRUE(make(run(short_dynamics(), "d")));
  ComparedOpenMMDeck other = short_dynamics();
  other.dynamics.friction_per_ps = 2.0;
  const OpenMMRun dynamics = run(other, "d");
  const std::string folder = folder_.file("d");
  EXPECT_EQ(message_of<engine::InputError>([&] { make(dynamics); }),
            "'" + folder +
                "' holds a run by another deck: openmm_dynamics.friction was 1 /ps and is 2 /ps "
                "now; use --overwrite to make it again, or another folder");
  // Made again, and then the right one.
  EXPECT_TRUE(make(dynamics, {ChangedRun::kRemake, {}}));
  EXPECT_TRUE(make(dynamics));
  deck_.deck.temperatures_K = {330.0};
  EXPECT_THAT(message_of<engine::InputError>([&] { make(dynamics); }),
              HasSubstr("openmm_dynamics.temperature was 310 K and is 330 K now"));
}

}  // namespace
}  // namespace saltus::tools
