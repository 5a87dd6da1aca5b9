#include "engine/run/simulation.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "engine/core/error.h"

namespace saltus::engine {

Simulation::Simulation(std::shared_ptr<const Move> move, const TargetDensity& target,
                       SimulationOptions options)
    : move_(std::move(move)), target_(target), options_(std::move(options)) {
  if (!move_) throw InternalError("simulation without a move");
}

void Simulation::add_reporter(std::shared_ptr<Reporter> reporter) {
  reporters_.push_back(std::move(reporter));
}

void Simulation::check_energies(std::uint64_t step, const ChainBatch& chains) const {
  TargetTerms fresh;
  target_.evaluate(chains.positions.view(), fresh);
  const auto differ = [&](double carried, double now) {
    return !(std::abs(now - carried) <= options_.energy_tolerance * std::max(1.0, std::abs(now)));
  };
  const auto fail = [&](std::size_t c, const std::string& what, const std::string& unit,
                        double carried, double now) {
    std::ostringstream text;
    text.precision(12);
    text << "step " << step << ", chain " << c << ": the chain carries " << what << ' ' << carried
         << unit << ", but its positions have " << now << unit
         << "; a move changed one without the other";
    throw NumericalError(text.str());
  };
  const std::size_t n_others = fresh.n_others();
  if (chains.other_terms.size() != fresh.others.size())
    throw InternalError("the chains do not carry the terms of their target");
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    if (differ(chains.energies[c], fresh.energies[c]))
      fail(c, "the energy", " kJ/mol", chains.energies[c], fresh.energies[c]);
    for (std::size_t i = c * n_others; i < (c + 1) * n_others; ++i)
      if (differ(chains.other_terms[i], fresh.others[i]))
        fail(c, "the further term of its density", "", chains.other_terms[i], fresh.others[i]);
  }
}

TransitionInfo Simulation::apply_move(std::uint64_t step, ChainBatch& chains) const {
  try {
    return move_->apply(chains, target_, {options_.seed, step});
  } catch (const NumericalError&) {
    // A reporter that inspects the chains may know the reason better.
    if (options_.inspect) options_.inspect(step, chains);
    throw;
  }
}

RunEnd Simulation::run(ChainBatch& chains, const std::function<bool()>& interrupted) {
  std::uint64_t step = options_.first_step;
  RunEnd end = RunEnd::kFinished;
  while (step < options_.n_steps) {
    if (interrupted && interrupted()) {
      end = RunEnd::kInterrupted;
      break;
    }
    const TransitionInfo info = apply_move(step, chains);
    ++step;
    statistics_.add(info);
    if (Trigger{options_.energy_check_period}.fires(step)) {
      // First, since it says more about energies that are not finite.
      if (options_.inspect) options_.inspect(step, chains);
      check_energies(step, chains);
    }
    for (const auto& reporter : reporters_)
      if (reporter->trigger().fires(step)) reporter->on_step(step, chains, info);
  }
  for (const auto& reporter : reporters_) reporter->on_end(step, chains);
  if (options_.inspect && end == RunEnd::kFinished) options_.inspect(step, chains);
  return end;
}

}  // namespace saltus::engine
