#include "engine/leap/block_leap.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

/// The measure that densities with respect to either are also with respect to: what holds for all
/// Cartesian coordinates holds up to rigid motion.
std::optional<ReferenceMeasure> shared_measure(ReferenceMeasure a, ReferenceMeasure b) {
  constexpr auto kAll = ReferenceMeasure::kCartesian,
                 kInside = ReferenceMeasure::kCartesianUpToRigidMotion;
  if (a == b) return a;
  if ((a == kAll && b == kInside) || (a == kInside && b == kAll)) return kInside;
  return std::nullopt;
}

}  // namespace

BlockLeap::BlockLeap(std::vector<Entry> entries) : entries_(std::move(entries)) {
  if (entries_.empty()) throw InputError("block_leap: expected at least one leap");
  std::set<std::string> names;
  if (entries_.front().leap) measure_ = entries_.front().leap->measure();
  for (const Entry& entry : entries_) {
    if (!entry.leap) throw InternalError("block_leap: missing leap");
    const std::string who = "block_leap: leap '" + entry.name + "': ";
    if (entry.name.empty()) throw InputError("block_leap: a leap has no name");
    if (!names.insert(entry.name).second)
      throw InputError(who + "the name is used twice; give each leap its own");
    if (!(entry.probability > 0.0) || !std::isfinite(entry.probability))
      throw InputError(who + "probability must be positive and finite");
    const std::optional<ReferenceMeasure> shared = shared_measure(measure_, entry.leap->measure());
    if (!shared)
      throw InputError(who + "its densities are with respect to '" +
                       name_of(entry.leap->measure()) + "', those of leaps before it to '" +
                       name_of(measure_) + "'");
    measure_ = *shared;
    total_probability_ += entry.probability;
  }
}

MoveRequirements BlockLeap::requirements() const {
  MoveRequirements result = Proposal::requirements();
  for (const Entry& entry : entries_) result = result | entry.leap->requirements();
  return result;
}

bool BlockLeap::treats_chains_alone() const {
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.leap->treats_chains_alone(); });
}

std::size_t BlockLeap::draw_entry(const StepKey& key) const {
  double left = total_probability_ * RandomStream(key, StreamName::kMixtureChoice, 0).uniform();
  std::size_t choice = 0;
  while (choice + 1 < entries_.size() && left >= entries_[choice].probability)
    left -= entries_[choice++].probability;
  return choice;
}

ProposalBatch BlockLeap::sample(const ChainView& current, const StepKey& key) const {
  const std::size_t choice = draw_entry(key);
  StepKey own = key.child(static_cast<std::uint32_t>(choice));
  own.repeat = key.repeat;
  ProposalBatch result = entries_[choice].leap->sample(current, own);
  result.kind = entries_[choice].name + (result.kind.empty() ? "" : "/" + result.kind);
  return result;
}

ProposalBatch BlockLeap::sample_tries(const ChainView& current, std::size_t n_tries,
                                      const StepKey& key) const {
  ProposalBatch result(current.positions, n_tries);
  for (std::size_t t = 0; t < n_tries; ++t) {
    const ProposalBatch one = sample(current, key.child(static_cast<std::uint32_t>(t)));
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) {
      const std::size_t row = c * n_tries + t;
      result.positions.copy_chain(one.positions.view(), c, row);
      result.log_forward[row] = one.log_forward[c];
      result.log_reverse[row] = one.log_reverse[c];
    }
    result.n_energy_evaluations += one.n_energy_evaluations;
  }
  return result;
}

}  // namespace saltus::engine
