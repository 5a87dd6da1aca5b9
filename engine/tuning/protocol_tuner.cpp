#include "engine/tuning/protocol_tuner.h"

#include <cmath>
#include <limits>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

/// The parts of a round.
constexpr std::uint32_t kDriveKey = 0, kBetweenKey = 1;

/// The drives of one candidate so far.
class Trials {
 public:
  explicit Trials(const ProtocolCandidate& candidate) : candidate_(candidate) {}

  void drive(ChainBatch chains, const TargetDensity& target, const StepKey& key) {
    std::vector<bool> counts(chains.n_chains(), true);
    if (candidate_.counts) counts = candidate_.counts(chains, key);
    const TransitionInfo info = candidate_.move->apply(chains, target, key);
    for (const MoveRecord& record : info.records) {
      evaluations_ += record.n_energy_evaluations;
      for (std::size_t c = 0; c < record.outcomes.size(); ++c) add(record, c, counts[c]);
    }
  }

  ProtocolTrials average() const {
    if (drives_.empty())
      throw InputError("choice of a protocol: the move " + candidate_.move->name() +
                       " neither accepts nor rejects");
    return average_drives(candidate_.protocol, drives_,
                          static_cast<double>(evaluations_) / static_cast<double>(drives_.size()));
  }

 private:
  void add(const MoveRecord& record, std::size_t c, bool counts) {
    const double log_ratio = record.log_ratios[c];
    if (record.outcomes[c] == Outcome::kInvalid)
      drives_.push_back({-std::numeric_limits<double>::infinity(), counts});
    else if (!std::isnan(log_ratio))
      drives_.push_back({log_ratio, counts});
  }

  const ProtocolCandidate& candidate_;
  std::vector<TrialDrive> drives_;
  std::size_t evaluations_ = 0;
};

}  // namespace

ProtocolChoice choose_protocol(const ProtocolTask& task, ChainBatch& chains,
                               const TargetDensity& target, const StepKey& key) {
  if (task.candidates.empty())
    throw InputError("choice of a protocol: " + task.move + " has none to choose from");
  if (task.n_drives < 2)
    throw InputError("choice of a protocol: expected at least two trials, got " +
                     std::to_string(task.n_drives));
  const Move& between = task.between ? *task.between : *task.candidates.front().move;
  Trials at_once(task.at_once);
  std::vector<Trials> trials(task.candidates.begin(), task.candidates.end());
  const std::size_t n_rounds = (task.n_drives + chains.n_chains() - 1) / chains.n_chains();
  for (std::size_t round = 0; round < n_rounds; ++round) {
    const StepKey round_key = key.child(static_cast<std::uint32_t>(round));
    between.apply(chains, target, round_key.child(kBetweenKey));
    at_once.drive(chains, target, round_key.child(kDriveKey));
    for (Trials& of_candidate : trials)
      of_candidate.drive(chains, target, round_key.child(kDriveKey));
  }
  ProtocolChoice choice;
  choice.move = task.move;
  choice.at_once = at_once.average();
  for (const Trials& of_candidate : trials) choice.tried.push_back(of_candidate.average());
  choice.chosen = best_protocol(choice.tried);
  return choice;
}

}  // namespace saltus::engine
