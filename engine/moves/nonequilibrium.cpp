#include "engine/moves/nonequilibrium.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/metropolis.h"
#include "engine/system/softening.h"

namespace saltus::engine {

namespace {

bool all_finite(Span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void copy_row(Span<const double> from, Span<double> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

/// All chains on their way through the protocol. A chain that cannot go on is parked where another
/// one is, so that the batch and its random streams stay whole, and will be rejected.
class Path {
 public:
  Path(const ChainBatch& start, ReferenceMeasure measure)
      : chains_(start),
        measure_(measure),
        work_(start.n_chains(), 0.0),
        log_forward_(start.n_chains(), 0.0),
        log_reverse_(start.n_chains(), 0.0),
        alive_(start.n_chains(), 1) {}

  const ChainBatch& chains() const { return chains_; }
  bool alive(std::size_t chain) const { return alive_[chain] != 0; }
  /// False when no chain can go on.
  bool any_alive() const { return std::find(alive_.begin(), alive_.end(), 1) != alive_.end(); }
  std::size_t evaluations() const { return evaluations_; }
  double work(std::size_t chain) const { return work_[chain]; }
  double log_forward(std::size_t chain) const { return log_forward_[chain]; }
  double log_reverse(std::size_t chain) const { return log_reverse_[chain]; }

  /// The energy changes to `energy` at the positions as they are.
  void perturb(const EnergyFunction& energy) {
    const std::vector<double> before = chains_.energies;
    energy.evaluate(chains_.positions.view(), chains_.energies, {});
    evaluations_ += chains_.n_chains();
    for (std::size_t c = 0; c < chains_.n_chains(); ++c) add_work(c, before[c]);
    park();
  }

  void relax(const HamiltonianMonteCarlo& hmc, const std::shared_ptr<const EnergyFunction>& energy,
             const StepKey& key) {
    const TransitionInfo info = hmc.apply(chains_, TargetDensity(energy, measure_), key);
    for (const MoveRecord& record : info.records) evaluations_ += record.energy_evaluations;
  }

  /// Goes where the proposal says.
  void propose(const Proposal& proposal, const EnergyFunction& energy, const StepKey& key) {
    ProposalBatch proposed = proposal.sample(chains_.view(), key);
    evaluations_ += proposed.energy_evaluations;
    for (std::size_t c = 0; c < chains_.n_chains(); ++c) {
      log_forward_[c] = proposed.log_forward[c];
      log_reverse_[c] = proposed.log_reverse[c];
      if (std::isfinite(log_forward_[c]) && std::isfinite(log_reverse_[c]) &&
          all_finite(proposed.positions.chain(c)))
        copy_row(proposed.positions.chain(c), chains_.positions.chain(c));
      else
        alive_[c] = 0;
    }
    perturb(energy);
  }

 private:
  void add_work(std::size_t chain, double energy_before) {
    work_[chain] += chains_.energies[chain] - energy_before;
    if (!std::isfinite(work_[chain])) alive_[chain] = 0;
  }

  void park() {
    const auto first = std::find(alive_.begin(), alive_.end(), 1);
    if (first == alive_.end()) return;
    const auto from = static_cast<std::size_t>(first - alive_.begin());
    for (std::size_t c = 0; c < alive_.size(); ++c) {
      if (alive_[c]) continue;
      const std::vector<double> there(chains_.positions.chain(from).begin(),
                                      chains_.positions.chain(from).end());
      copy_row(there, chains_.positions.chain(c));
      chains_.energies[c] = chains_.energies[from];
    }
  }

  ChainBatch chains_;
  ReferenceMeasure measure_;
  std::vector<double> work_, log_forward_, log_reverse_;
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

  Path path(chains, target.measure());
  std::uint32_t part = 0;
  const auto relax_at = [&](std::size_t rung) {
    for (std::size_t t = 0; t < n_trajectories_; ++t)
      path.relax(hmc_, softer_[rung], key.child(part++));
  };
  const std::size_t n = softer_.size();
  for (std::size_t k = 0; k < n && path.any_alive(); ++k) {
    path.perturb(*softer_[k]);
    if (path.any_alive()) relax_at(k);
  }
  if (path.any_alive()) path.propose(*middle_, *softer_[n - 1], key.child(part++));
  for (std::size_t k = n; k-- > 0 && path.any_alive();) {
    relax_at(k);
    path.perturb(k > 0 ? *softer_[k - 1] : target.energy());
  }

  MoveRecord record;
  record.name = name();
  record.energy_evaluations = path.evaluations();
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    // The work takes the place of the difference of target energies.
    const double log_ratio =
        path.alive(c) ? metropolis_log_ratio(0.0, -chains.states[c].beta() * path.work(c),
                                             path.log_forward(c), path.log_reverse(c))
                      : -std::numeric_limits<double>::infinity();
    const double u =
        RandomStream(key, StreamName::kAccept, static_cast<std::uint32_t>(c)).uniform();
    record.log_ratios.push_back(log_ratio);
    if (path.alive(c) && u < acceptance_probability(log_ratio)) {
      copy_row(path.chains().positions.chain(c), chains.positions.chain(c));
      chains.energies[c] = path.chains().energies[c];
      record.outcomes.push_back(Outcome::kAccepted);
    } else {
      record.outcomes.push_back(path.alive(c) ? Outcome::kRejected : Outcome::kInvalid);
    }
  }
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
