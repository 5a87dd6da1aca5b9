// Oracle: evaluations made and counted here.
#include "tools/saltus/run/preparation.h"

#include <gmock/gmock.h>

#include "engine/potential/analytic.h"

namespace saltus::tools {
namespace {

class PreparationMeters : public testing::Test {
 protected:
  void evaluate(std::size_t n) const {
    const std::vector<double> x(3 * n, 0.1);
    std::vector<double> energies(n);
    energy_.evaluate({x.data(), n, 1}, energies, {});
  }

  std::shared_ptr<engine::EvaluationCount> count_ = std::make_shared<engine::EvaluationCount>(0);
  engine::CountingEnergy energy_{std::make_shared<engine::HarmonicWell>(1, 100.0), count_};
};

TEST_F(PreparationMeters, AddUpThePiecesOfAStage) {
  evaluate(50);
  PreparationMeter meter(count_);
  evaluate(2);
  meter.add_to(kWarmUpStage);
  evaluate(3);
  meter.add_to(kTuningStage);
  evaluate(7);
  meter.leave_out();
  evaluate(11);
  meter.add_to(kWarmUpStage);
  ASSERT_EQ(meter.stages().size(), 2u);
  EXPECT_EQ(meter.stages()[0].stage, "warm-up");
  EXPECT_EQ(meter.stages()[0].n_energy_evaluations, 13u);
  EXPECT_GE(meter.stages()[0].cpu_seconds, 0.0);
  EXPECT_EQ(meter.stages()[1].stage, "tuning");
  EXPECT_EQ(meter.stages()[1].n_energy_evaluations, 3u);
  EXPECT_EQ(engine::total_cost(meter.stages()).energy_evaluations, 16.0);
}

TEST_F(PreparationMeters, CountEveryEnergyThatSharesTheCount) {
  const engine::CountingEnergy other(std::make_shared<engine::HarmonicWell>(1, 1.0), count_);
  const std::vector<double> x(6, 0.1);
  std::vector<double> energies(2);
  PreparationMeter meter(count_);
  other.evaluate({x.data(), 2, 1}, energies, {});
  evaluate(1);
  meter.add_to(kMinimisationStage);
  EXPECT_EQ(meter.stages().at(0).n_energy_evaluations, 3u);
  EXPECT_EQ(other.evaluations(), 3u);
}

TEST(CostsSentence, SaysWhatIsNotKnown) {
  engine::MoveStatisticsTable moves;
  moves.rows().resize(2);
  moves.rows()[0].n_energy_evaluations = 2000;
  moves.rows()[0].cpu_seconds = 1.25;
  moves.rows()[1].n_energy_evaluations = 500;
  EXPECT_EQ(costs_sentence({{"pilot", 5200000, 90.0}, {"warm-up", 1000, 5.0}}, moves),
            "preparation: 5.2e+06 energy evaluations, 95 CPU s; production: 2.5e+03 energy "
            "evaluations, 1.25 CPU s");
  EXPECT_THAT(costs_sentence({}, moves), testing::StartsWith("preparation: not known; "));
}

TEST(ReadyModels, AreThoseThatNoRunTrains) {
  RunDeck deck;
  LeapDeck trained, loaded;
  trained.train = true;
  loaded.model = "a.leap";
  deck.leaps = {trained, loaded};
  MoveDeck leap, mixture;
  leap.ready_models = {"the peptide model within Saltus"};
  mixture.parts = {leap, leap};
  deck.moves = {mixture};
  EXPECT_THAT(ready_models_of(deck),
              testing::ElementsAre("a.leap", "the peptide model within Saltus"));
}

}  // namespace
}  // namespace saltus::tools
