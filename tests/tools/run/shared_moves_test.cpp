// Oracle: the same moves applied by one process, bit for bit; numbers of chains counted by hand.
#include "tools/saltus/run/shared_moves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/moves/replica_exchange.h"
#include "engine/potential/analytic.h"
#include "tests/support/errors.h"

namespace saltus::tools {
namespace {

using namespace engine;

/// Messages between threads that stand for processes.
struct Mail {
  std::mutex mutex;
  std::condition_variable arrived;
  std::map<std::pair<std::size_t, std::size_t>, std::deque<std::string>> boxes;  // from, to
};

class ThreadTeam final : public ProcessTeam {
 public:
  ThreadTeam(Mail& mail, std::size_t rank, std::size_t size)
      : mail_(mail), rank_(rank), size_(size) {}
  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }
  std::size_t n_on_this_machine() const override { return size_; }
  void send(std::size_t to, const std::string& bytes) override {
    const std::lock_guard<std::mutex> lock(mail_.mutex);
    mail_.boxes[{rank_, to}].push_back(bytes);
    mail_.arrived.notify_all();
  }
  std::string receive(std::size_t from) override {
    std::unique_lock<std::mutex> lock(mail_.mutex);
    auto& box = mail_.boxes[{from, rank_}];
    mail_.arrived.wait(lock, [&box] { return !box.empty(); });
    std::string bytes = std::move(box.front());
    box.pop_front();
    return bytes;
  }

 private:
  Mail& mail_;
  std::size_t rank_, size_;
};

/// Says that it treats chains alone, but draws by the row within the batch.
class DrawsByRow final : public Move {
 public:
  std::string name() const override { return "draws_by_row"; }
  bool treats_chains_alone() const override { return true; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity&,
                       const StepKey& key) const override {
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      chains.velocities.chain(c)[0] +=
          RandomStream(key, StreamName::kTest, static_cast<std::uint32_t>(c)).normal();
    return {};
  }
};

/// Finds one chain of the run, of all processes', impossible.
class FailsAt final : public Move {
 public:
  explicit FailsAt(std::size_t chain) : chain_(chain) {}
  std::string name() const override { return "fails"; }
  bool treats_chains_alone() const override { return true; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity&, const StepKey&) const override {
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      if (chains.number_of(c) == chain_)
        throw NumericalError("chain " + std::to_string(chain_) + " is impossible");
    return {};
  }

 private:
  std::size_t chain_;
};

using Parts = std::vector<Sequence::Part>;

struct Setting {
  std::shared_ptr<const DoubleWell> well = std::make_shared<DoubleWell>(2, 6.0, 0.1, 1.0);
  Canonical target{well, ReferenceMeasure::kCartesian};
  MovingParticles particles{{12.0, 16.0}, {}};

  /// Ladders of two temperatures.
  ChainBatch chains(std::size_t n_ladders) const {
    ChainBatch result(2 * n_ladders, 2, {300.0});
    for (std::size_t c = 0; c < result.n_chains(); ++c) {
      if (c % 2 == 1) result.states[c].temperature_K = 400.0;
      std::fill(result.positions.chain(c).begin(), result.positions.chain(c).end(), 0.1);
    }
    target.refresh(result);
    draw_velocities(result, particles, {5, 0});
    return result;
  }

  /// Every way of drawing: by blocks of lanes, by chains, by tries, once for all chains.
  Parts moves() const {
    HamiltonianOptions options;
    options.n_steps = 3;
    options.time_step_ps = 0.05;
    options.friction_per_ps = 1.0;
    LangevinOptions langevin;
    langevin.n_steps = 2;
    MalaOptions steps;
    steps.step_nm = 0.05;
    const auto mala = std::make_shared<MalaProposal>(well, steps, particles.masses);
    const auto hmc = std::make_shared<HamiltonianMonteCarlo>(options, particles);
    const auto mixture = std::make_shared<RandomMixture>(std::vector<RandomMixture::Part>{
        {std::make_shared<Metropolis>(mala), 1.0}, {std::make_shared<MultipleTry>(mala, 3), 1.0}});
    return {{hmc, 2},
            {mixture},
            {std::make_shared<ReplicaExchange>(2), 2},
            {std::make_shared<Langevin>(langevin, particles)}};
  }
};

struct Result {
  ChainBatch chains;
  TransitionInfo last;
};

constexpr std::uint64_t kSteps = 5;

Result run(const Move& move, const Setting& setting, ChainBatch chains) {
  Result result;
  for (std::uint64_t step = 0; step < kSteps; ++step)
    result.last = move.apply(chains, setting.target, {11, step});
  result.chains = std::move(chains);
  return result;
}

Result run_by_one(const Setting& setting, const Parts& parts, std::size_t n_ladders) {
  return run(Sequence(parts), setting, setting.chains(n_ladders));
}

Result run_by_team(const Setting& setting, const Parts& parts, std::size_t n_ladders,
                   std::size_t n_processes) {
  Mail mail;
  const EvaluationCount none{0};
  std::vector<std::thread> others;
  for (std::size_t rank = 1; rank < n_processes; ++rank)
    others.emplace_back([&, rank] {
      ThreadTeam team(mail, rank, n_processes);
      while (serve_moves(team, groups_of(parts), setting.target, none) != "") {
      }
    });
  ThreadTeam team(mail, 0, n_processes);
  MoveSharing sharing(&team);
  const auto count = std::make_shared<EvaluationCount>(0);
  Result result;
  std::exception_ptr error;
  try {
    result = run(*sharing.sequence(parts, "begin", count), setting, setting.chains(n_ladders));
  } catch (...) {
    error = std::current_exception();
  }
  sharing.end();
  for (std::thread& other : others) other.join();
  if (error) std::rethrow_exception(error);
  return result;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

bool same_bits(const Result& a, const Result& b) {
  bool same = same_bits(a.chains.positions.values(), b.chains.positions.values()) &&
              same_bits(a.chains.velocities.values(), b.chains.velocities.values()) &&
              same_bits(a.chains.energies, b.chains.energies) &&
              a.chains.replicas == b.chains.replicas &&
              a.last.records.size() == b.last.records.size();
  for (std::size_t i = 0; same && i < a.last.records.size(); ++i) {
    const MoveRecord &one = a.last.records[i], &other = b.last.records[i];
    same = one.name == other.name && one.outcomes == other.outcomes &&
           one.n_energy_evaluations == other.n_energy_evaluations &&
           same_bits(one.log_ratios, other.log_ratios);
  }
  return same;
}

/// Blocks that are shared out whole, and processes that get parts of one.
TEST(SharedMoves, HaveTheBitsOfOneProcess) {
  const Setting setting;
  for (const std::size_t n_ladders : {3u, 25u}) {
    const Result whole = run_by_one(setting, setting.moves(), n_ladders);
    const std::vector<std::uint32_t> begun = setting.chains(n_ladders).replicas;
    EXPECT_NE(whole.chains.replicas, begun) << "no exchange was accepted";
    for (const std::size_t n_processes : {2u, 3u, 5u})
      EXPECT_TRUE(same_bits(run_by_team(setting, setting.moves(), n_ladders, n_processes), whole))
          << n_ladders << " ladders, " << n_processes << " processes";
  }
}

TEST(SharedMoves, ThatDrawByRowAreCaught) {
  const Setting setting;
  const Parts parts = {{std::make_shared<DrawsByRow>()}};
  EXPECT_FALSE(same_bits(run_by_team(setting, parts, 3, 2), run_by_one(setting, parts, 3)));
}

TEST(SharedMoves, ThatFailAnywhereFailAtTheLeader) {
  const Setting setting;
  for (const std::size_t chain : {0u, 5u})
    EXPECT_EQ(tests::message_of<NumericalError>(
                  [&] { run_by_team(setting, {{std::make_shared<FailsAt>(chain)}}, 3, 3); }),
              "chain " + std::to_string(chain) + " is impossible");
}

TEST(SharedMoves, AreRefusedWhereNothingCanBeShared) {
  const Setting setting;
  EXPECT_THAT(tests::message_of<InputError>(
                  [&] { run_by_team(setting, {{std::make_shared<ReplicaExchange>(2)}}, 3, 2); }),
              testing::StartsWith("no move of this deck can be shared out over processes"));
}

std::vector<std::size_t> counts(std::size_t n_chains, std::size_t n_processes) {
  std::vector<std::size_t> result;
  std::size_t next = 0;
  for (const ChainRange& share : share_chains(n_chains, n_processes)) {
    EXPECT_EQ(share.first, next);
    next += share.count;
    result.push_back(share.count);
  }
  EXPECT_EQ(next, n_chains);
  return result;
}

TEST(SharesOfChains, AreWholeBlocksOfSixteenWhereThereAreEnough) {
  using testing::ElementsAre;
  EXPECT_THAT(counts(1024, 2), ElementsAre(512, 512));
  EXPECT_THAT(counts(1024, 3), ElementsAre(336, 336, 352));
  EXPECT_THAT(counts(37, 3), ElementsAre(16, 16, 5));
  EXPECT_THAT(counts(37, 2), ElementsAre(16, 21));
  EXPECT_THAT(counts(8, 3), ElementsAre(2, 3, 3));
  EXPECT_THAT(counts(2, 2), ElementsAre(1, 1));
}

}  // namespace
}  // namespace saltus::tools
