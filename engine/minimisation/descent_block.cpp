#include "engine/minimisation/descent_block.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace saltus::engine {

namespace {

constexpr double kMaxMove = 0.02;          // nm: a fifth of a bond
constexpr double kMinMove = 1e-13;         // nm: rounding of positions
constexpr double kFirstCompliance = 2e-6;  // nm^2 mol/kJ: of the stiffest bonds, about
constexpr double kSufficientGain = 1e-4;   // Armijo's
constexpr double kMinCosine = 1e-9;        // between s and y: below it y is rounding
constexpr double kRounding = 1e-12;        // of energies, which are sums that cancel in part
constexpr double kRoundingScale = 1000.0;  // kJ/mol: what cancels
constexpr double kMaxShrink = 0.5, kMinShrink = 0.1;
constexpr double kGrow = 2.0;    // of a radius
constexpr double kSoften = 4.0;  // of a compliance, where the curvature is negative

double rounding_of(double energy) { return kRounding * (std::abs(energy) + kRoundingScale); }

}  // namespace

DescentBlock::DescentBlock(std::size_t n_atoms, const MinimisationOptions& options)
    : options_(options), block_(3 * n_atoms), energies_(kLaneWidth) {
  // Virtual sites do not move by themselves either.
  std::vector<std::size_t>& frozen = options_.frozen_atoms;
  for (const VirtualSite& site : options_.virtual_sites) frozen.push_back(site.site);
  std::sort(frozen.begin(), frozen.end());
  frozen.erase(std::unique(frozen.begin(), frozen.end()), frozen.end());
  n_mobile_ = 3 * (n_atoms - frozen.size());
}

void DescentBlock::load(std::size_t lane, std::size_t number, ConstCoordinates x) {
  chains_[lane] = {};
  chains_[lane].state = State::kStarting;
  chains_[lane].number = number;
  chains_[lane].radius = kMaxMove;
  forget_pairs(lane);
  // Lanes that never held a chain need positions, too.
  const std::size_t end = lane < block_.n_lanes ? lane + 1 : kLaneWidth;
  for (std::size_t l = lane; l < end; ++l)
    if (!x.boxes.empty()) boxes_.set(l, x.boxes[0]);
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t l = lane; l < end; ++l) {
      block_.x[i * kLaneWidth + l] = block_.trial[i * kLaneWidth + l] = x.data[i];
      block_.forces[i * kLaneWidth + l] = 0.0;
    }
  block_.n_lanes = std::max(block_.n_lanes, lane + 1);
}

MinimisationResult DescentBlock::unload(std::size_t lane, Span<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = block_.x[i * kLaneWidth + lane];
  chains_[lane].state = State::kEmpty;
  return chains_[lane].result;
}

void DescentBlock::advance() {
  alignas(64) double accepted[kLaneWidth] = {}, factors[kLaneWidth] = {};
  clear_frozen_forces();
  take_pair(block_);
  for (std::size_t lane = 0; lane < n_lanes(); ++lane) {
    accepted[lane] = is_moving(lane) && judge(lane) ? 1.0 : 0.0;
    weigh_pair(lane, accepted[lane] > 0.0);
  }
  take_trial(block_, accepted);
  find_direction(block_);
  for (std::size_t lane = 0; lane < n_lanes(); ++lane)
    if (is_moving(lane)) factors[lane] = choose_step(lane);
  set_trial(block_, factors);
}

void DescentBlock::clear_frozen_forces() {
  for (const std::size_t atom : options_.frozen_atoms)
    std::fill_n(forces() + 3 * kLaneWidth * atom, 3 * kLaneWidth, 0.0);
}

double DescentBlock::rms_force(std::size_t lane) const {
  return n_mobile_ == 0 ? 0.0 : std::sqrt(block_.f2[lane] / static_cast<double>(n_mobile_));
}

bool DescentBlock::is_lower(const Chain& chain, std::size_t lane) const {
  const double energy = energies_[lane];
  if (!std::isfinite(energy) || !std::isfinite(block_.f2[lane])) return false;
  if (chain.state == State::kStarting) return true;
  const double old = chain.result.energy;
  if (energy <= old - kSufficientGain * chain.gain) return true;
  const double mean_gain = chain.gain - 0.5 * block_.sy[lane];
  return energy <= old + rounding_of(old) &&
         energy <= chain.start_energy + rounding_of(chain.start_energy) &&
         mean_gain >= kSufficientGain * chain.gain;
}

bool DescentBlock::judge(std::size_t lane) {
  Chain& chain = chains_[lane];
  const bool starts = chain.state == State::kStarting, accepted = is_lower(chain, lane);
  if (starts)
    chain.start_energy = energies_[lane];
  else
    ++chain.result.n_steps;
  if (accepted) {
    if (chain.move > 0.5 * chain.radius) chain.radius = std::min(kMaxMove, kGrow * chain.radius);
    chain.result.energy = energies_[lane];
    chain.result.rms_force = rms_force(lane);
    chain.result.converged = chain.result.rms_force < options_.force_tolerance;
  } else if (starts) {
    chain.result.energy = chain.result.rms_force = std::numeric_limits<double>::infinity();
  } else {
    // The minimum of the parabola through both energies and the slope.
    const double rise = energies_[lane] - chain.result.energy + chain.gain;
    const double shrink = rise > 0.0 ? 0.5 * chain.gain / rise : kMaxShrink;
    chain.radius = chain.move * std::clamp(shrink, kMinShrink, kMaxShrink);
  }
  const bool stuck = !accepted && (starts || chain.move < kMinMove);
  chain.state = chain.result.converged || stuck || chain.result.n_steps >= options_.n_steps
                    ? State::kArrived
                    : State::kMoving;
  return accepted;
}

void DescentBlock::weigh_pair(std::size_t lane, bool accepted) {
  const double sy = block_.sy[lane], yy = block_.yy[lane];
  const double smallest = kMinCosine * std::sqrt(block_.ss[lane] * yy);
  double& weight = block_.weights[block_.newest * kLaneWidth + lane];
  if (is_moving(lane) && sy > smallest && std::isfinite(yy) && std::isfinite(energies_[lane])) {
    weight = 1.0 / sy;
    block_.compliance[lane] = sy / yy;
    return;
  }
  if (accepted && sy < 0.0) block_.compliance[lane] *= kSoften;
  weight = 0.0;
  double *step = block_.step(block_.newest), *drop = block_.force_drop(block_.newest);
  for (std::size_t at = lane; at < block_.n_values * kLaneWidth; at += kLaneWidth)
    step[at] = drop[at] = 0.0;
}

void DescentBlock::forget_pairs(std::size_t lane) {
  for (std::size_t at = lane; at < block_.weights.size(); at += kLaneWidth)
    block_.weights[at] = 0.0;
  for (std::size_t at = lane; at < block_.steps.size(); at += kLaneWidth)
    block_.steps[at] = block_.force_drops[at] = 0.0;
  block_.compliance[lane] = kFirstCompliance;
}

double DescentBlock::choose_step(std::size_t lane) {
  double &slope = block_.slope[lane], &reach = block_.reach[lane];
  if (!(slope > 0.0) || !std::isfinite(slope) || !std::isfinite(reach)) {
    // Rounding spoilt the pairs: restart with steepest descent.
    forget_pairs(lane);
    slope = reach = 0.0;
    for (std::size_t at = lane; at < block_.n_values * kLaneWidth; at += kLaneWidth) {
      const double force = block_.forces[at];
      block_.direction[at] = kFirstCompliance * force;
      slope += kFirstCompliance * force * force;
      reach = std::max(reach, kFirstCompliance * std::abs(force));
    }
  }
  Chain& chain = chains_[lane];
  const double factor = std::min(1.0, chain.radius / reach);
  chain.gain = factor * slope;
  chain.move = factor * reach;
  return factor;
}

}  // namespace saltus::engine
