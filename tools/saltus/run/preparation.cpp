#include "tools/saltus/run/preparation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/text.h"
#include "tools/saltus/decks/move_kinds.h"

namespace saltus::tools {

PreparationMeter::PreparationMeter(std::shared_ptr<const engine::EvaluationCount> count,
                                   std::function<double()> cpu_seconds)
    : count_(std::move(count)), cpu_seconds_now_(std::move(cpu_seconds)) {
  leave_out();
}

void PreparationMeter::add_to(const std::string& stage) {
  const std::uint64_t evaluations_before = evaluations_;
  const double cpu_seconds_before = cpu_seconds_;
  leave_out();
  auto row = std::find_if(stages_.begin(), stages_.end(),
                          [&stage](const engine::StageCost& one) { return one.stage == stage; });
  if (row == stages_.end()) row = stages_.insert(row, engine::StageCost{stage, 0, 0.0});
  row->n_energy_evaluations += evaluations_ - evaluations_before;
  row->cpu_seconds += cpu_seconds_ - cpu_seconds_before;
}

void PreparationMeter::leave_out() {
  evaluations_ = *count_;
  cpu_seconds_ = cpu_seconds_now_();
}

std::vector<std::string> ready_models_of(const RunDeck& deck) {
  std::vector<std::string> models;
  for (const LeapDeck& leap : deck.leaps)
    if (!leap.train) models.push_back(leap.model.string());
  for (const std::string& model : ready_models_of(deck.moves))
    if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
  return models;
}

namespace {

std::string cost_text(const engine::TotalCost& cost) {
  if (std::isnan(cost.energy_evaluations)) return "not known";
  return engine::significant_text(cost.energy_evaluations, 3) + " energy evaluations, " +
         engine::significant_text(cost.cpu_seconds, 3) + " CPU s";
}

}  // namespace

std::string costs_sentence(const std::vector<engine::StageCost>& preparation,
                           const engine::MoveStatisticsTable& production) {
  engine::TotalCost moves{0.0, 0.0};
  for (const engine::MoveStatistics& row : production.rows()) {
    moves.energy_evaluations += static_cast<double>(row.n_energy_evaluations);
    moves.cpu_seconds += row.cpu_seconds;
  }
  return "preparation: " + cost_text(engine::total_cost(preparation)) +
         "; production: " + cost_text(moves);
}

}  // namespace saltus::tools
