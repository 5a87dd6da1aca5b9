#include "tests/exactness/planted_bugs.h"

#include <algorithm>
#include <cmath>

#include "engine/moves/metropolis.h"

namespace saltus::tests {

using engine::ChainBatch;
using engine::ChainView;
using engine::ConstCoordinates;
using engine::ProposalBatch;
using engine::RandomStream;
using engine::Span;
using engine::StepKey;
using engine::StreamName;

namespace {

void copy(Span<const double> from, Span<double> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

void misreport(ProposalBatch& batch, DensityBug bug) {
  if (bug == DensityBug::kWrongSign) std::swap(batch.log_forward, batch.log_reverse);
  if (bug == DensityBug::kRatioDropped) {
    std::fill(batch.log_forward.begin(), batch.log_forward.end(), 0.0);
    std::fill(batch.log_reverse.begin(), batch.log_reverse.end(), 0.0);
  }
}

}  // namespace

ProposalBatch StateDependentGaussian::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch batch(x);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const auto from = x.chain(c);
    const auto to = batch.positions.chain(c);
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i] = from[i] + width_nm_ * (1.0 + 0.9 * std::tanh(from[i] / length_nm_)) * stream.normal();
  }
  log_density(batch.positions.view(), current, batch.log_forward);
  log_density(x, {batch.positions.view(), current.states, current.first_chain}, batch.log_reverse);
  misreport(batch, bug_);
  return batch;
}

void StateDependentGaussian::log_density(ConstCoordinates to, const ChainView& from,
                                         Span<double> log_density) const {
  for (std::size_t c = 0; c < to.n_chains; ++c) {
    const auto x = from.positions.chain(c), y = to.chain(c);
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double sigma = width_nm_ * (1.0 + 0.9 * std::tanh(x[i] / length_nm_));
      const double z = (y[i] - x[i]) / sigma;
      sum -= 0.5 * z * z + 0.5 * std::log(engine::kTwoPi);
      if (bug_ != DensityBug::kNoLogSigma) sum -= std::log(sigma);
    }
    log_density[c] = sum;
  }
}

ProposalBatch MisreportingProposal::sample(const ChainView& current, const StepKey& key) const {
  ProposalBatch batch = inner_->sample(current, key);
  misreport(batch, bug_);
  return batch;
}

ProposalBatch DriftingTorsionWalk::sample(const ChainView& current, const StepKey& key) const {
  ProposalBatch batch = engine::TorsionWalk(bonds_, {width_rad_}).sample(current, key);
  // Turn the last bond by Rodrigues' formula, always the same way.
  const engine::RotatableBond& bond = bonds_.back();
  const double cosine = std::cos(drift_rad_), sine = std::sin(drift_rad_);
  for (std::size_t c = 0; c < batch.positions.n_chains(); ++c) {
    const auto x = batch.positions.chain(c);
    double axis[3], norm = 0.0;
    for (std::size_t d = 0; d < 3; ++d) {
      axis[d] = x[3 * bond.axis_to + d] - x[3 * bond.axis_from + d];
      norm += axis[d] * axis[d];
    }
    for (double& component : axis) component /= std::sqrt(norm);
    for (std::size_t atom : bond.moving) {
      double r[3], along = 0.0;
      for (std::size_t d = 0; d < 3; ++d) {
        r[d] = x[3 * atom + d] - x[3 * bond.axis_to + d];
        along += axis[d] * r[d];
      }
      for (std::size_t d = 0; d < 3; ++d) {
        const std::size_t e = (d + 1) % 3, f = (d + 2) % 3;
        x[3 * atom + d] = x[3 * bond.axis_to + d] + cosine * r[d] +
                          sine * (axis[e] * r[f] - axis[f] * r[e]) +
                          (1.0 - cosine) * along * axis[d];
      }
    }
  }
  return batch;
}

engine::TransitionInfo BreakableMetropolis::apply(ChainBatch& chains,
                                                  const engine::TargetDensity& target,
                                                  const StepKey& key) const {
  const ProposalBatch proposed = proposal_->sample(chains.view(), key);
  std::vector<double> energies(chains.n_chains());
  target.guide()->evaluate(proposed.positions.view(), energies, {});
  const StreamName accept_stream =
      bug_ == AcceptBug::kSharedStream ? StreamName::kProposal : StreamName::kAccept;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const double log_ratio =
        engine::metropolis_log_ratio(target.log_density(chains.energies[c], {}, chains.states[c]),
                                     target.log_density(energies[c], {}, chains.states[c]),
                                     proposed.log_forward[c], proposed.log_reverse[c]);
    const auto chain = static_cast<std::uint32_t>(c);
    bool moves = RandomStream(key, accept_stream, chain).uniform() <
                 engine::acceptance_probability(log_ratio);
    if (bug_ == AcceptBug::kStoresRejected)
      moves = moves || RandomStream(key, StreamName::kTest, chain).uniform() < 0.02;
    if (!moves) continue;
    copy(proposed.positions.chain(c), chains.positions.chain(c));
    chains.energies[c] = energies[c];
  }
  return {};
}

void BreakableHamiltonian::integrate(std::vector<double>& x, std::vector<double>& v,
                                     const engine::EnergyFunction& energy, std::size_t n_atoms,
                                     std::vector<double>& energies) const {
  const ConstCoordinates view{x.data(), energies.size(), n_atoms};
  const double dt = options_.time_step_ps;
  std::vector<double> forces(x.size());
  energy.evaluate(view, energies, forces);
  for (std::size_t step = 0; step < options_.n_steps; ++step) {
    const std::vector<double> old_forces = forces;
    for (std::size_t i = 0; i < x.size(); ++i) {
      v[i] += 0.5 * dt / mass_ * forces[i];
      x[i] += dt * v[i];
    }
    energy.evaluate(view, energies, forces);
    const bool old = options_.bug == HamiltonianBug::kForceAtOldPoint;
    for (std::size_t i = 0; i < x.size(); ++i)
      v[i] += 0.5 * dt / mass_ * (old ? old_forces[i] : forces[i]);
  }
}

engine::TransitionInfo BreakableHamiltonian::apply(ChainBatch& chains,
                                                   const engine::TargetDensity& target,
                                                   const StepKey& key) const {
  const double keep = options_.keep, noise = std::sqrt(1.0 - keep * keep);
  const double heat = options_.bug == HamiltonianBug::kFreshTemperature ? 1.05 : 1.0;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    RandomStream stream(key, StreamName::kMomentumRefresh, static_cast<std::uint32_t>(c));
    const double width = std::sqrt(heat / (chains.states[c].beta() * mass_));
    for (double& v : chains.velocities.chain(c)) v = keep * v + noise * width * stream.normal();
  }

  engine::CoordinateBatch x = chains.positions, v = chains.velocities;
  std::vector<double> energies(chains.n_chains());
  integrate(x.values(), v.values(), *target.guide(), chains.n_atoms(), energies);

  const double half = options_.bug == HamiltonianBug::kWrongKinetic ? 1.0 : 0.5;
  const auto kinetic = [&](Span<const double> velocities) {
    double sum = 0.0;
    for (double component : velocities) sum += half * mass_ * component * component;
    return sum;
  };
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const double beta = chains.states[c].beta();
    const engine::CoordinateBatch& old_v = chains.velocities;
    const engine::CoordinateBatch& new_v = v;
    const double log_ratio = engine::metropolis_log_ratio(
        -beta * chains.energies[c], -beta * energies[c], -beta * kinetic(old_v.chain(c)),
        -beta * kinetic(new_v.chain(c)));
    if (RandomStream(key, StreamName::kAccept, static_cast<std::uint32_t>(c)).uniform() <
        engine::acceptance_probability(log_ratio)) {
      copy(x.chain(c), chains.positions.chain(c));
      copy(v.chain(c), chains.velocities.chain(c));
      chains.energies[c] = energies[c];
    } else if (options_.bug != HamiltonianBug::kNoMomentumFlip) {
      for (double& component : chains.velocities.chain(c)) component = -component;
    }
  }
  return {};
}

engine::TransitionInfo SideDependentMixture::apply(ChainBatch& chains,
                                                   const engine::TargetDensity& target,
                                                   const StepKey& key) const {
  ChainBatch left = chains, right = chains;
  left_->apply(left, target, key);
  right_->apply(right, target, key);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const engine::ChainBatch& next = chains.positions.chain(c)[0] < 0.0 ? left : right;
    copy(next.positions.chain(c), chains.positions.chain(c));
    copy(next.velocities.chain(c), chains.velocities.chain(c));
    chains.energies[c] = next.energies[c];
  }
  return {};
}

}  // namespace saltus::tests
