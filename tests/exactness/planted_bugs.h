#pragma once

#include <memory>
#include <vector>

#include "engine/moves/move.h"
#include "engine/moves/proposal.h"
#include "engine/moves/torsion_walk.h"

/// Proposals and moves that can be broken in a known way. Unbroken they are correct and must pass
/// the same assertions, which shows that it is the planted bug that is caught.
namespace saltus::tests {

/// What a proposal tells about its densities.
enum class DensityBug {
  kNone,
  kRatioDropped,  ///< both log-densities 0, as if the proposal were symmetric
  kWrongSign,     ///< forward and reverse exchanged
  kNoLogSigma,    ///< the normalisation, which depends on the state, left out
};

/// x' = x + s(x) xi in each coordinate, s(x) = width (1 + 0.9 tanh(x / length)):
/// q(x'|x) = prod_i N(x'_i; x_i, s(x_i)^2).
class StateDependentGaussian final : public engine::TractableProposal {
 public:
  StateDependentGaussian(double width_nm, double length_nm, DensityBug bug = DensityBug::kNone)
      : width_nm_(width_nm), length_nm_(length_nm), bug_(bug) {}

  std::string name() const override { return "state_dependent_gaussian"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;
  void log_density(engine::ConstCoordinates to, const engine::ChainView& from,
                   engine::Span<double> log_density) const override;

 private:
  double width_nm_, length_nm_;
  DensityBug bug_;
};

/// Passes on another proposal with both log-densities 0 or exchanged.
class MisreportingProposal final : public engine::Proposal {
 public:
  MisreportingProposal(std::shared_ptr<const engine::Proposal> inner, DensityBug bug)
      : inner_(std::move(inner)), bug_(bug) {}
  std::string name() const override { return "misreporting"; }
  engine::ReferenceMeasure measure() const override { return inner_->measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;

 private:
  std::shared_ptr<const engine::Proposal> inner_;
  DensityBug bug_;
};

/// Turns like TorsionWalk and then once more by an angle that is always `drift_rad`, yet claims to
/// be symmetric.
class DriftingTorsionWalk final : public engine::Proposal {
 public:
  DriftingTorsionWalk(std::vector<engine::RotatableBond> bonds, double width_rad, double drift_rad)
      : bonds_(std::move(bonds)), width_rad_(width_rad), drift_rad_(drift_rad) {}
  std::string name() const override { return "drifting_torsion_walk"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;

 private:
  std::vector<engine::RotatableBond> bonds_;
  double width_rad_, drift_rad_;
};

enum class AcceptBug {
  kNone,
  kStoresRejected,  ///< 2 % of rejected steps store the proposal
  kSharedStream,    ///< the acceptance number comes from the proposal's stream
};

/// A Metropolis rule over the production ratio, with a knob.
class BreakableMetropolis final : public engine::Move {
 public:
  BreakableMetropolis(std::shared_ptr<const engine::Proposal> proposal, AcceptBug bug)
      : proposal_(std::move(proposal)), bug_(bug) {}
  std::string name() const override { return "breakable_metropolis"; }
  engine::TransitionInfo apply(engine::ChainBatch& chains, const engine::TargetDensity& target,
                               const engine::StepKey& key) const override;

 private:
  std::shared_ptr<const engine::Proposal> proposal_;
  AcceptBug bug_;
};

enum class HamiltonianBug {
  kNone,
  kNoMomentumFlip,    ///< a rejected chain keeps its momenta
  kWrongKinetic,      ///< m v^2 instead of m v^2 / 2 in the ratio
  kForceAtOldPoint,   ///< the second half kick uses the force before the drift
  kFreshTemperature,  ///< momenta are refreshed 5 % too hot
};

struct BreakableHamiltonianOptions {
  double time_step_ps = 0.001;
  std::size_t n_steps = 5;
  double keep = 0.0;  ///< v <- keep v + sqrt(1 - keep^2) xi
  HamiltonianBug bug = HamiltonianBug::kNone;
};

/// Generalised hybrid Monte Carlo for one mass, written apart from the production move.
class BreakableHamiltonian final : public engine::Move {
 public:
  BreakableHamiltonian(BreakableHamiltonianOptions options, double mass)
      : options_(options), mass_(mass) {}
  std::string name() const override { return "breakable_hamiltonian"; }
  engine::TransitionInfo apply(engine::ChainBatch& chains, const engine::TargetDensity& target,
                               const engine::StepKey& key) const override;

 private:
  void integrate(std::vector<double>& x, std::vector<double>& v,
                 const engine::EnergyFunction& energy, std::size_t n_atoms,
                 std::vector<double>& energies) const;

  BreakableHamiltonianOptions options_;
  double mass_;
};

/// Chooses between two exact moves by the side of the first coordinate: not exact, although each
/// is.
class SideDependentMixture final : public engine::Move {
 public:
  SideDependentMixture(std::shared_ptr<const engine::Move> left,
                       std::shared_ptr<const engine::Move> right)
      : left_(std::move(left)), right_(std::move(right)) {}
  std::string name() const override { return "side_dependent_mixture"; }
  engine::TransitionInfo apply(engine::ChainBatch& chains, const engine::TargetDensity& target,
                               const engine::StepKey& key) const override;

 private:
  std::shared_ptr<const engine::Move> left_, right_;
};

}  // namespace saltus::tests
