#include "engine/moves/composites.h"

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

}  // namespace

Sequence::Sequence(std::vector<Part> parts) : parts_(std::move(parts)) {
  if (parts_.empty()) throw InputError("a sequence of moves needs at least one move");
  for (const Part& part : parts_) {
    if (!part.move) throw InternalError("sequence: missing move");
    if (part.repeat == 0) throw InputError("move " + part.move->name() + ": repeat must not be 0");
  }
}

Invariance Sequence::invariance() const { return weakest(parts_); }

TransitionInfo Sequence::apply(ChainBatch& chains, const TargetDensity& target,
                               const StepKey& key) const {
  TransitionInfo info;
  std::uint32_t slot = 0;
  for (const Part& part : parts_)
    for (std::size_t r = 0; r < part.repeat; ++r)
      append(info, part.move->apply(chains, target, key.child(slot++)));
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

TransitionInfo RandomMixture::apply(ChainBatch& chains, const TargetDensity& target,
                                    const StepKey& key) const {
  double left = total_weight_ * RandomStream(key, StreamName::kMixtureChoice, 0).uniform();
  std::size_t choice = 0;
  while (choice + 1 < parts_.size() && left >= parts_[choice].weight)
    left -= parts_[choice++].weight;
  return parts_[choice].move->apply(chains, target, key.child(static_cast<std::uint32_t>(choice)));
}

}  // namespace saltus::engine
