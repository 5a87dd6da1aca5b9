#include "engine/moves/nonequilibrium.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/decision.h"
#include "engine/system/softening.h"

namespace saltus::engine {

namespace {

/// All chains during the protocol. A chain that cannot continue is parked where another
/// one is, so that the batch and its random streams stay whole, and will be rejected.
class Path {
 public:
  explicit Path(const ChainBatch& start)
      : chains_(start),
        log_work_(start.n_chains(), 0.0),
        log_forward_(start.n_chains(), 0.0),
        log_reverse_(start.n_chains(), 0.0),
        alive_(start.n_chains(), 1) {}

  /// False when no chain can continue.
  bool any_alive() const { return std::find(alive_.begin(), alive_.end(), 1) != alive_.end(); }
  std::size_t evaluations() const { return evaluations_; }

  /// The density changes from `before` to `after` at the positions as they are.
  void perturb(const TargetDensity& before, const TargetDensity& after) {
    add_work(log_densities(before), after);
  }

  void relax(const HamiltonianMonteCarlo& hmc, const TargetDensity& target, const StepKey& key) {
    const TransitionInfo info = hmc.apply(chains_, target, key);
    for (const MoveRecord& record : info.records) evaluations_ += record.n_energy_evaluations;
  }

  /// Goes where the proposal says; `softest` is the density there.
  void propose(const Proposal& proposal, const TargetDensity& softest, const StepKey& key) {
    ProposalBatch proposed = proposal.sample(chains_.view(), key);
    evaluations_ += proposed.n_energy_evaluations;
    keep_possible(chains_.positions.view(), proposed);
    for (std::size_t c = 0; c < chains_.n_chains(); ++c)
      if (!std::isfinite(proposed.log_forward[c])) alive_[c] = 0;
    log_forward_ = std::move(proposed.log_forward);
    log_reverse_ = std::move(proposed.log_reverse);
    const std::vector<double> log_before = log_densities(softest);
    chains_.positions = std::move(proposed.positions);
    add_work(log_before, softest);
  }

  /// What may be accepted: the work takes the place of the difference of log-densities.
  Candidates candidates() const {
    Candidates result;
    result.positions = chains_.positions;
    result.terms.energies = chains_.energies;
    result.terms.others = chains_.other_terms;
    for (std::size_t c = 0; c < chains_.n_chains(); ++c)
      result.log_ratios.push_back(
          alive_[c] != 0 ? metropolis_log_ratio(0.0, log_work_[c], log_forward_[c], log_reverse_[c])
                         : -std::numeric_limits<double>::infinity());
    return result;
  }

 private:
  std::vector<double> log_densities(const TargetDensity& target) const {
    std::vector<double> result;
    result.reserve(chains_.n_chains());
    for (std::size_t c = 0; c < chains_.n_chains(); ++c)
      result.push_back(target.log_density(chains_, c));
    return result;
  }

  /// The terms become those of `after`, and its log-densities less those before are work done.
  void add_work(const std::vector<double>& log_before, const TargetDensity& after) {
    TargetTerms terms;
    after.evaluate(chains_.positions.view(), terms);
    evaluations_ += chains_.n_chains();
    chains_.energies = std::move(terms.energies);
    chains_.other_terms = std::move(terms.others);
    for (std::size_t c = 0; c < chains_.n_chains(); ++c) {
      log_work_[c] += after.log_density(chains_, c) - log_before[c];
      if (!std::isfinite(log_work_[c])) alive_[c] = 0;
    }
    park();
  }

  void park() {
    const auto first = std::find(alive_.begin(), alive_.end(), 1);
    if (first == alive_.end()) return;
    const auto from = static_cast<std::size_t>(first - alive_.begin());
    for (std::size_t c = 0; c < alive_.size(); ++c)
      if (!alive_[c]) chains_.copy_configuration(chains_, from, c);
  }

  ChainBatch chains_;
  std::vector<double> log_work_;  // -beta W
  std::vector<double> log_forward_, log_reverse_;
  std::vector<char> alive_;
  std::size_t evaluations_ = 0;
};

}  // namespace

NonequilibriumCandidate::NonequilibriumCandidate(
    std::shared_ptr<const Proposal> middle,
    std::vector<std::shared_ptr<const EnergyFunction>> softer, MovingParticles particles,
    const NonequilibriumOptions& options)
    : middle_(std::move(middle)),
      softer_(std::move(softer)),
      n_trajectories_(options.n_trajectories),
      hmc_(options.hmc, particles) {
  if (!middle_) throw InternalError("nonequilibrium: missing proposal");
  if (middle_->measure() == ReferenceMeasure::kCartesianAndVolume)
    throw InputError("nonequilibrium: its densities are at constant volume, and the proposal " +
                     middle_->name() + " changes it; use that by itself");
  if (softer_.empty()) throw InputError("nonequilibrium: expected at least one softer energy");
  for (const auto& energy : softer_) {
    if (!energy) throw InternalError("nonequilibrium: missing energy");
    if (energy->n_atoms() != particles.n_atoms())
      throw InputError("nonequilibrium: an energy is of " + std::to_string(energy->n_atoms()) +
                       " atoms, there are " + std::to_string(particles.n_atoms()) + " masses");
  }
  if (!particles.constraints.empty())
    throw InputError(
        "nonequilibrium: the molecule has constraints; proposals do not keep them. Use one "
        "without");
  if (options.hmc.friction_per_ps > 0.0)
    throw InputError(
        "nonequilibrium: friction must be 0: kept momenta break detailed balance of the steps");
}

std::string NonequilibriumCandidate::name() const { return "nonequilibrium_" + middle_->name(); }

TransitionInfo NonequilibriumCandidate::apply(ChainBatch& chains, const TargetDensity& target,
                                              const StepKey& key) const {
  require_measure(target, middle_->measure(), "proposal " + middle_->name());
  const double start = process_cpu_seconds();
  require_finite_energies(chains, name(), key);

  // Densities of the protocol, the target's first; they differ in their energies only.
  std::vector<Canonical> softer;
  softer.reserve(softer_.size());
  for (const auto& energy : softer_) softer.emplace_back(energy, target.measure());
  std::vector<const TargetDensity*> rungs = {&target};
  for (const Canonical& density : softer) rungs.push_back(&density);
  const auto rung = [&](std::size_t k) -> const TargetDensity& { return *rungs[k]; };
  Path path(chains);
  std::uint32_t part = 0;
  const auto relax_at = [&](std::size_t k) {
    for (std::size_t t = 0; t < n_trajectories_; ++t) path.relax(hmc_, rung(k), key.child(part++));
  };
  const std::size_t n = softer.size();
  for (std::size_t k = 1; k <= n && path.any_alive(); ++k) {
    path.perturb(rung(k - 1), rung(k));
    if (path.any_alive()) relax_at(k);
  }
  if (path.any_alive()) path.propose(*middle_, rung(n), key.child(part++));
  for (std::size_t k = n; k > 0 && path.any_alive(); --k) {
    relax_at(k);
    path.perturb(rung(k), rung(k - 1));
  }

  Candidates candidates = path.candidates();
  if (!path.any_alive()) candidates.terms = {chains.energies, chains.other_terms};
  MoveRecord record = accept_or_reject(name(), candidates, key, chains);
  record.n_energy_evaluations = path.evaluations();
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

std::vector<std::shared_ptr<const EnergyFunction>> softened_energies(
    const System& system, std::size_t n_rungs, double softest, std::shared_ptr<ThreadPool> pool) {
  if (n_rungs == 0) throw InputError("softened energies: expected at least one rung");
  if (!(softest >= 0.0 && softest < 1.0))
    throw InputError("softened energies: the softest rung must keep a share in [0, 1), not " +
                     std::to_string(softest));
  std::vector<std::shared_ptr<const EnergyFunction>> rungs;
  for (std::size_t k = 1; k <= n_rungs; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(n_rungs);
    const double keep = 1.0 - (1.0 - softest) * share;
    rungs.push_back(std::make_shared<NativeEnergy>(softened(system, keep), pool));
  }
  return rungs;
}

}  // namespace saltus::engine
