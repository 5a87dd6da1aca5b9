#include "engine/moves/composites.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void append(TransitionInfo& all, TransitionInfo&& part) {
  all.records.insert(all.records.end(), std::make_move_iterator(part.records.begin()),
                     std::make_move_iterator(part.records.end()));
}

template <class Parts>
Invariance weakest(const Parts& parts) {
  for (const auto& part : parts)
    if (part.move->invariance() == Invariance::kApproximate) return Invariance::kApproximate;
  return Invariance::kExact;
}

template <class Parts>
MoveRequirements all_requirements(const Parts& parts) {
  MoveRequirements result;
  for (const auto& part : parts) result = result | part.move->requirements();
  return result;
}

template <class Parts>
bool all_treat_chains_alone(const Parts& parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [](const auto& part) { return part.move->treats_chains_alone(); });
}

}  // namespace

Sequence::Sequence(std::vector<Part> parts, std::uint32_t first_slot)
    : parts_(std::move(parts)), first_slot_(first_slot) {
  if (parts_.empty()) throw InputError("a sequence of moves needs at least one move");
  for (const Part& part : parts_) {
    if (!part.move) throw InternalError("sequence: missing move");
    if (part.repeat == 0) throw InputError("move " + part.move->name() + ": repeat must not be 0");
    if (part.period == 0) throw InputError("move " + part.move->name() + ": period must not be 0");
  }
}

Invariance Sequence::invariance() const { return weakest(parts_); }
MoveRequirements Sequence::requirements() const { return all_requirements(parts_); }
bool Sequence::treats_chains_alone() const { return all_treat_chains_alone(parts_); }

TransitionInfo Sequence::apply(ChainBatch& chains, const TargetDensity& target,
                               const StepKey& key) const {
  TransitionInfo info;
  std::uint32_t slot = first_slot_;
  for (const Part& part : parts_)
    for (std::size_t r = 0; r < part.repeat; ++r) {
      StepKey own = part.step_key ? key : key.child(slot++);
      if ((key.step + 1) % part.period != 0) continue;
      own.step = key.step / part.period;
      own.repeat = static_cast<std::uint32_t>(r);
      append(info, part.move->apply(chains, target, own));
    }
  return info;
}

RandomMixture::RandomMixture(std::vector<Part> parts) : parts_(std::move(parts)) {
  if (parts_.empty()) throw InputError("a mixture of moves needs at least one move");
  for (const Part& part : parts_) {
    if (!part.move) throw InternalError("mixture: missing move");
    if (!(part.weight > 0.0) || !std::isfinite(part.weight))
      throw InputError("move " + part.move->name() + ": weight must be positive and finite");
    total_weight_ += part.weight;
  }
}

Invariance RandomMixture::invariance() const { return weakest(parts_); }
MoveRequirements RandomMixture::requirements() const { return all_requirements(parts_); }
bool RandomMixture::treats_chains_alone() const { return all_treat_chains_alone(parts_); }

TransitionInfo RandomMixture::apply(ChainBatch& chains, const TargetDensity& target,
                                    const StepKey& key) const {
  double left = total_weight_ * RandomStream(key, StreamName::kMixtureChoice, 0).uniform();
  std::size_t choice = 0;
  while (choice + 1 < parts_.size() && left >= parts_[choice].weight)
    left -= parts_[choice++].weight;
  StepKey own = key.child(static_cast<std::uint32_t>(choice));
  own.repeat = key.repeat;
  return parts_[choice].move->apply(chains, target, own);
}

}  // namespace saltus::engine
