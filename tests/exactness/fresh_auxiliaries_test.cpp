// Oracle: enumeration. Proposals (x', v') ~ q(.|x) of a state with auxiliary v ~ nu, drawn B at a
// time from one state and tested in order until one is accepted: the chain of virtual steps is a
// finite one, and its stationary distribution is linear algebra. With fresh auxiliaries for every
// virtual step, as Timewarp proposals have them, it is pi; with one for a batch it is not, since a
// batch then ends, and its auxiliary is refreshed, depending on what was accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/moves/decision.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

constexpr std::size_t kStates = 4, kAuxiliaries = 3;
constexpr std::array<double, kStates> kPi = {0.1, 0.2, 0.3, 0.4};
constexpr std::array<double, kAuxiliaries> kNu = {0.2, 0.5, 0.3};
/// Of sums of probabilities; the planted bug moves them by more than kVisible.
constexpr double kRounding = 1e-12, kVisible = 3e-3;

enum class Auxiliaries {
  kFresh,   ///< for each virtual step
  kShared,  ///< by the virtual steps of one batch
};

using Joint = std::array<std::array<double, kAuxiliaries>, kStates>;

/// q(y, w | x) for all (y, w): rough, and sums to 1.
Joint proposal(std::size_t from) {
  Joint q{};
  double sum = 0.0;
  for (std::size_t y = 0; y < kStates; ++y)
    for (std::size_t w = 0; w < kAuxiliaries; ++w) {
      const auto x_number = static_cast<double>(from), y_number = static_cast<double>(y),
                 w_number = static_cast<double>(w);
      q[y][w] = std::exp(2.0 * std::sin(1.0 + 3.0 * x_number + 5.0 * y_number + 7.0 * w_number +
                                        2.0 * x_number * y_number * (w_number + 1.0)));
      sum += q[y][w];
    }
  for (auto& row : q)
    for (double& value : row) value /= sum;
  return q;
}

/// Probability of going from (x, v) to (y, w) in one virtual step, by the production rule with the
/// path terms of a Timewarp proposal.
double flow(std::size_t x, std::size_t v, std::size_t y, std::size_t w) {
  const double forward = proposal(x)[y][w], reverse = proposal(y)[x][v];
  return forward * engine::acceptance_probability(engine::metropolis_log_ratio(
                       std::log(kPi[x]), std::log(kPi[y]), std::log(kNu[v]) + std::log(forward),
                       std::log(kNu[w]) + std::log(reverse)));
}

/// The chain over (place in the batch, x, v).
class VirtualSteps {
 public:
  VirtualSteps(std::size_t batch, Auxiliaries auxiliaries)
      : batch_(batch), auxiliaries_(auxiliaries) {
    for (std::size_t x = 0; x < kStates; ++x)
      for (std::size_t v = 0; v < kAuxiliaries; ++v)
        for (std::size_t y = 0; y < kStates; ++y)
          for (std::size_t w = 0; w < kAuxiliaries; ++w) to_[x][v][y] += flow(x, v, y, w);
  }

  /// Largest difference between pi and what the chain is at after many virtual steps.
  double stationary_error() const {
    constexpr std::size_t kManySteps = 1000;
    std::vector<Joint> now(batch_);
    for (auto& row : now[0]) row.fill(1.0 / (kStates * kAuxiliaries));
    for (std::size_t step = 0; step < kManySteps; ++step) now = after(now);
    double error = 0.0;
    for (std::size_t x = 0; x < kStates; ++x) {
      double probability = 0.0;
      for (const Joint& place : now)
        for (const double p : place[x]) probability += p;
      error = std::max(error, std::abs(probability - kPi[x]));
    }
    return error;
  }

 private:
  std::vector<Joint> after(const std::vector<Joint>& now) const {
    std::vector<Joint> next(batch_);
    const auto refreshed = [&next](std::size_t place, std::size_t x, double probability) {
      for (std::size_t w = 0; w < kAuxiliaries; ++w) next[place][x][w] += probability * kNu[w];
    };
    for (std::size_t place = 0; place < batch_; ++place)
      for (std::size_t x = 0; x < kStates; ++x)
        for (std::size_t v = 0; v < kAuxiliaries; ++v) {
          const double here = now[place][x][v];
          double stays = 1.0;
          for (std::size_t y = 0; y < kStates; ++y) {
            stays -= to_[x][v][y];
            refreshed(0, y, here * to_[x][v][y]);  // accepted: the batch ends
          }
          const bool last = place + 1 == batch_;
          if (auxiliaries_ == Auxiliaries::kShared && !last)
            next[place + 1][x][v] += here * stays;
          else
            refreshed(last ? 0 : place + 1, x, here * stays);
        }
    return next;
  }

  std::size_t batch_;
  Auxiliaries auxiliaries_;
  double to_[kStates][kAuxiliaries][kStates] = {};
};

TEST(FreshAuxiliaries, LeaveTheTargetInvariantForBatchesOfAnySize) {
  for (const std::size_t batch : {1, 2, 5, 60})
    EXPECT_LE(VirtualSteps(batch, Auxiliaries::kFresh).stationary_error(),
              tolerance_scale() * kRounding)
        << "batches of " << batch;
}

TEST(FreshAuxiliaries, SharedOnesAreAsGoodForBatchesOfOne) {
  EXPECT_LE(VirtualSteps(1, Auxiliaries::kShared).stationary_error(),
            tolerance_scale() * kRounding);
}

TEST(FreshAuxiliaries, SharedOnesAreCaught) {
  double smaller = kVisible;
  for (const std::size_t batch : {2, 5, 60}) {
    const double error = VirtualSteps(batch, Auxiliaries::kShared).stationary_error();
    EXPECT_GT(error, smaller) << "batches of " << batch;
    smaller = error;
  }
}

}  // namespace
}  // namespace saltus::tests
