#include "tools/conformers/ring_search.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "engine/conformers/molecule_status.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/ring_moves.h"
#include "engine/conformers/ring_systems.h"
#include "engine/core/random.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "tools/conformers/force_field.h"

namespace saltus::tools {

namespace {

using Clock = std::chrono::steady_clock;

/// How much work a ring system is.
struct Effort {
  std::size_t n_first, n_kicks, n_embedded;  ///< builds at first, and in each round
  std::size_t min_patience;                  ///< builds without anything new
  std::size_t patience_for_lowest;           ///< without anything lower
  std::size_t max_builds;
};

/// @param freedom  see engine::ring_freedom
Effort effort_for(std::size_t freedom, std::size_t n_wanted) {
  constexpr std::size_t kMany = 5, kForEachWanted = 8;
  const bool large = freedom > kMany;
  Effort effort{};
  effort.n_first = large ? 16 : 8;
  effort.n_kicks = large ? 28 : 12;
  // Distance geometry takes ten times as long as a kick, by which small rings reach all shapes.
  effort.n_embedded = large ? 4 : 1;
  effort.min_patience = 16 + 4 * freedom;
  // The square of cyclododecane, 2 kcal/mol below all else, is met that rarely.
  effort.patience_for_lowest = (large ? 80 : 24) * freedom;
  effort.max_builds = std::max(64 + 12 * freedom * freedom, large ? kForEachWanted * n_wanted : 0);
  return effort;
}

class Search {
 public:
  Search(const forcefields::RingFragment& fragment, const std::vector<int>& classes,
         const engine::EnergyFunction& energy, const RingSearchOptions& options)
      : fragment_(fragment),
        energy_(energy),
        options_(options),
        graph_(forcefields::torsion_graph_of(fragment.molecule)),
        effort_(effort_for(engine::ring_freedom(graph_, fragment.system), options.n_wanted)),
        moves_(graph_, fragment.system),
        states_(graph_, fragment.system, classes) {}

  RingShapes run() {
    take(built(effort_.n_first));
    while (!is_done()) {
      ++round_;
      const bool has_moves = moves_.has_any();
      if (has_moves) take(kicked());
      take(built(has_moves ? effort_.n_embedded : effort_.n_first));
    }
    finish();
    return std::move(shapes_);
  }

 private:
  bool is_done() {
    if (states_.states().empty() || round_ > effort_.max_builds) return true;
    shapes_.timed_out = shapes_.timed_out || Clock::now() > options_.deadline;
    if (shapes_.timed_out) return true;
    // The more shapes there are, the longer it takes until each one would have been met.
    constexpr std::size_t kForEachShape = 5;
    const std::size_t n_shapes = states_.in_window(options_.energy_window).size();
    shapes_.saturated =
        shapes_.n_since_new >= std::max(effort_.min_patience, kForEachShape * n_shapes);
    if (shapes_.saturated || shapes_.n_builds >= effort_.max_builds) return true;
    return n_since_lowest_ >= effort_.patience_for_lowest && n_shapes >= options_.n_wanted;
  }

  engine::CoordinateBatch built(std::size_t n) {
    forcefields::EmbeddingOptions embedding;
    embedding.n_conformers = n;
    embedding.seed = options_.seed + 1000003 * round_;
    embedding.thorough = options_.thorough && round_ == 0;
    embedding.deadline = options_.deadline;
    forcefields::Embedding made =
        forcefields::embed(fragment_.molecule, fragment_.configuration, embedding);
    shapes_.timed_out = shapes_.timed_out || made.timed_out;
    return std::move(made.positions);
  }

  /// Low shapes rather than high ones, those that were not often used rather than others.
  std::size_t choose(engine::RandomStream& random) {
    constexpr double kSpread = 12.0;  // kJ/mol
    const double lowest = states_.lowest_energy();
    std::vector<double> sums;
    double sum = 0.0;
    for (const engine::RingConformer& state : states_.states()) {
      sum += std::exp(-(state.energy - lowest) / kSpread) / static_cast<double>(1 + state.n_used);
      sums.push_back(sum);
    }
    const auto chosen = std::upper_bound(sums.begin(), sums.end(), sum * random.uniform());
    return std::min(static_cast<std::size_t>(chosen - sums.begin()), sums.size() - 1);
  }

  engine::CoordinateBatch kicked() {
    constexpr std::size_t kTries = 8;
    // Away from places where a symmetry keeps minimisation on a saddle.
    constexpr double kShake_nm = 0.002;
    // Of pools there are never so many rounds, so that no two draws use the same numbers.
    constexpr std::uint64_t kFirstStep = 1'000'000;
    engine::CoordinateBatch x(effort_.n_kicks, fragment_.molecule.n_atoms());
    for (std::size_t c = 0; c < effort_.n_kicks; ++c) {
      engine::RandomStream random({options_.seed, kFirstStep + round_},
                                  engine::StreamName::kPoolTorsions, static_cast<std::uint32_t>(c));
      engine::RingConformer& from = states_.states()[choose(random)];
      ++from.n_used;
      for (std::size_t t = 0; t < kTries; ++t) {
        std::copy(from.positions.begin(), from.positions.end(), x.chain(c).begin());
        moves_.kick(random, x.chain(c));
        if (engine::has_configuration(fragment_.configuration, x.chain(c))) break;
      }
      for (double& value : x.chain(c)) value += kShake_nm * random.normal();
    }
    return x;
  }

  void take(engine::CoordinateBatch x) {
    constexpr std::size_t kMaxSteps = 400;
    constexpr double kTolerance = 5.0;  // kJ/mol/nm
    if (x.n_chains() == 0) return;
    engine::RelaxationOptions relaxation;
    relaxation.n_steps = kMaxSteps;
    relaxation.force_tolerance = kTolerance;
    relaxation.deadline = options_.deadline;
    const engine::Relaxation relaxed = engine::relax_conformers(energy_, x, relaxation);
    shapes_.timed_out = shapes_.timed_out || relaxed.timed_out;
    for (std::size_t c = 0; c < x.n_chains(); ++c)
      if (relaxed.ends[c] == engine::Relaxed::kConverged ||
          relaxed.ends[c] == engine::Relaxed::kNotConverged)
        take(relaxed.energies_kJ_mol[c], x.view().chain(c));
  }

  void take(double energy, engine::Span<const double> x) {
    constexpr double kLower = 0.5;  // kJ/mol
    ++shapes_.n_builds, ++shapes_.n_since_new, ++n_since_lowest_;
    if (!engine::has_configuration(fragment_.configuration, x)) return;
    const double lowest = states_.lowest_energy();
    const bool is_new = states_.offer(energy, x);
    if (is_new && energy <= lowest + options_.energy_window) shapes_.n_since_new = 0;
    if (energy < lowest - kLower) n_since_lowest_ = 0;
  }

  void finish() {
    std::vector<std::size_t> n_cis;
    const std::vector<std::size_t> low = states_.in_window(options_.energy_window);
    for (const std::size_t s : low)
      n_cis.push_back(engine::number_of_cis_amides(graph_, states_.states()[s].positions));
    for (std::size_t i = 0; i < low.size(); ++i)
      if (n_cis[i] == *std::min_element(n_cis.begin(), n_cis.end()))
        shapes_.states.push_back(states_.states()[low[i]]);
    shapes_.share_of_new = states_.share_of_new(options_.energy_window);
  }

  const forcefields::RingFragment& fragment_;
  const engine::EnergyFunction& energy_;
  const RingSearchOptions& options_;
  const engine::TorsionGraph graph_;
  const Effort effort_;
  const engine::RingMoves moves_;
  engine::RingConformers states_;
  RingShapes shapes_;
  std::uint64_t round_ = 0;
  std::size_t n_since_lowest_ = 0;
};

}  // namespace

RingShapes search_ring_shapes(const forcefields::RingFragment& fragment,
                              const std::vector<int>& classes, const ConformerSettings& settings,
                              const RingSearchOptions& options) {
  try {
    const ConformerField field = make_conformer_field(fragment.molecule, settings);
    return Search(fragment, classes, *field.energy, options).run();
  } catch (const engine::MoleculeFailure&) {  // no parameters: the molecule's own seeds remain
    return {};
  }
}

}  // namespace saltus::tools
