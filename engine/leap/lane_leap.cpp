#include "engine/leap/lane_leap.h"

#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void require_none_held(const LeapWeights& weights) {
  if (!weights.holds_fast()) return;
  throw InputError(
      "learned_leap: the weights hold fast coordinates, which only engine::LeapTemperatureMap "
      "does; "
      "leave these coordinates out of the leap");
}

double checked_carry(const LeapWeights& weights, double carry) {
  require_carry(weights, carry);
  return carry;
}

const LeapWeights& with_density(const LeapWeights& weights) {
  require_density(weights);
  return weights;
}

}  // namespace

void require_density(const LeapWeights& weights) {
  require_none_held(weights);
  if (!weights.shifts()) return;
  throw InputError(
      "learned_leap: the weights shift soft torsions, so that draws lie on a line and have no "
      "density; only engine::CarriedLeap makes them, with any carry");
}

void require_carry(const LeapWeights& weights, double carry) {
  require_none_held(weights);
  if (!(carry >= 0.0 && carry <= 1.0))
    throw InputError("carried_leap: carry must be between 0 and 1, not " + std::to_string(carry));
  // Carrying z keeps the normal distribution, not a mixture of two.
  if (carry > 0.0 && weights.wide_fraction > 0.0)
    throw InputError(
        "carried_leap: the weights draw fast coordinates widely (wide_fraction " +
        std::to_string(weights.wide_fraction) +
        "), which cannot be carried along; set carry = 0, or wide_fraction = 0 in the weights");
}

LaneLeap::LaneLeap(const LeapWeights& weights, std::shared_ptr<ThreadPool> pool)
    : runner_("learned_leap", with_density(weights), 0.0, std::move(pool)) {}

MoveRequirements LaneLeap::requirements() const {
  return runner_.with_requirements(Proposal::requirements());
}

ProposalBatch LaneLeap::sample(const ChainView& current, const StepKey& key) const {
  return runner_.sample(current, key);
}

void LaneLeap::log_density(ConstCoordinates to, const ChainView& from,
                           Span<double> log_density) const {
  runner_.log_density(to, from, log_density);
}

CarriedLeap::CarriedLeap(const LeapWeights& weights, double carry, std::shared_ptr<ThreadPool> pool)
    : runner_("carried_leap", weights, checked_carry(weights, carry), std::move(pool)) {}

MoveRequirements CarriedLeap::requirements() const {
  return runner_.with_requirements(Proposal::requirements());
}

ProposalBatch CarriedLeap::sample(const ChainView& current, const StepKey& key) const {
  return runner_.sample(current, key);
}

}  // namespace saltus::engine
