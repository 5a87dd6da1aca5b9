#include "engine/conformers/torsion_pool.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "engine/conformers/held_atoms.h"
#include "engine/conformers/hydrogen_places.h"
#include "engine/conformers/relaxation.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

namespace {

using Clock = std::chrono::steady_clock;

void check(const EnergyFunction& energy, const TorsionGraph& graph, const TorsionModel& model,
           const CoordinateBatch& seeds, const TorsionPoolOptions& options) {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw InputError("torsion pool: " + what);
  };
  require(seeds.n_chains() > 0, "there must be a conformer to begin with");
  require(seeds.n_atoms() == energy.n_atoms() && seeds.n_atoms() == graph.atoms.size(),
          "conformers, graph and energy differ in their numbers of atoms");
  require(model.n_torsions() == graph.torsions.size(),
          "the model has " + std::to_string(model.n_torsions()) + " torsions, the molecule " +
              std::to_string(graph.torsions.size()));
  require(options.selection_energy > 0.0 && std::isfinite(options.selection_energy),
          "the energy of selection must be positive and finite");
  require(options.force_tolerance > 0.0, "the force tolerance must be positive");
  const auto& weights = options.seed_weights;
  if (weights.empty()) return;
  require(weights.size() == seeds.n_chains(), std::to_string(weights.size()) + " weights for " +
                                                  std::to_string(seeds.n_chains()) + " conformers");
  const auto is_weight = [](double w) { return w >= 0.0 && std::isfinite(w); };
  require(std::all_of(weights.begin(), weights.end(), is_weight) &&
              std::accumulate(weights.begin(), weights.end(), 0.0) > 0.0,
          "weights of conformers must be finite and not negative, one at least positive");
}

/// Torsions that make different shapes.
/// @param held  [R], 1 for those that stay
std::vector<std::size_t> torsions_to_draw(const TorsionGraph& graph,
                                          const std::vector<std::uint8_t>& held) {
  std::vector<std::size_t> result;
  for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
    if (held[t] == 0 && !turns_hydrogen_only(graph, graph.torsions[t])) result.push_back(t);
  }
  return result;
}

/// Draws all torsions of a conformer.
class Drawer {
 public:
  Drawer(const TorsionGraph& graph, const TorsionModel& model,
         const std::vector<std::size_t>& held_atoms)
      : graph_(turning_free_sides(graph, held_atoms)),
        model_(model),
        held_(held_torsions(graph, held_atoms)),
        drawn_(torsions_to_draw(graph, held_)),
        angles_(graph.torsions.size()),
        known_(graph.torsions.size()),
        signs_(graph.inversions.size()) {}

  bool has_any() const { return !drawn_.empty(); }

  void draw(RandomStream& random, Span<double> x) {
    torsion_angles(graph_, x, angles_);
    inversion_signs(graph_, x, signs_);
    known_ = held_;  // those that stay are known from the beginning
    for (const std::size_t t : drawn_) {
      model_.density(t, {angles_, known_, signs_}, density_);
      angles_[t] = density_.sample(random);
      known_[t] = 1;
      set_torsion(graph_.torsions[t], angles_[t], x);
    }
  }

 private:
  const TorsionGraph graph_;
  const TorsionModel& model_;
  const std::vector<std::uint8_t> held_;
  std::vector<std::size_t> drawn_;
  std::vector<double> angles_;
  std::vector<std::uint8_t> known_;
  std::vector<int> signs_;
  VonMisesMixture density_;
};

/// The best of those offered so far, at most so many.
class Keeper {
 public:
  Keeper(std::size_t max_kept, std::size_t n_atoms) : max_kept_(max_kept), n_values_(3 * n_atoms) {}

  /// @param score  the lowest are kept
  /// @param x      [1, N, 3]
  void offer(double score, ConstCoordinates x) {
    if (scores_.size() < max_kept_) {
      scores_.emplace_back(score, scores_.size());
      rows_.insert(rows_.end(), x.data, x.data + n_values_);
      boxes_.insert(boxes_.end(), x.boxes.begin(), x.boxes.end());
      std::push_heap(scores_.begin(), scores_.end());
    } else if (max_kept_ > 0 && score < scores_.front().first) {
      std::pop_heap(scores_.begin(), scores_.end());
      scores_.back().first = score;
      const std::size_t place = scores_.back().second;
      std::copy(x.data, x.data + n_values_,
                rows_.begin() + static_cast<std::ptrdiff_t>(place * n_values_));
      if (!x.boxes.empty()) boxes_[place] = x.boxes[0];
      std::push_heap(scores_.begin(), scores_.end());
    }
  }

  /// The seeds and what was kept, best first.
  CoordinateBatch behind(const CoordinateBatch& seeds) {
    std::sort_heap(scores_.begin(), scores_.end());
    const std::size_t n_seeds = seeds.n_chains();
    CoordinateBatch all = CoordinateBatch::like(seeds.view(), n_seeds + scores_.size());
    for (std::size_t c = 0; c < n_seeds; ++c) all.copy_chain(seeds.view(), c, c);
    const ConstCoordinates kept{rows_.data(), scores_.size(), seeds.n_atoms(), boxes_};
    for (std::size_t i = 0; i < scores_.size(); ++i)
      all.copy_chain(kept, scores_[i].second, n_seeds + i);
    return all;
  }

 private:
  std::size_t max_kept_, n_values_;
  std::vector<std::pair<double, std::size_t>> scores_;  ///< a heap, with places in rows_
  std::vector<double> rows_;
  std::vector<Box> boxes_;  ///< of the rows, or none
};

/// Which seed each draw begins with: in turn, or as evenly as whole numbers allow by weights.
std::vector<std::size_t> seeds_of_draws(const TorsionPoolOptions& options, std::size_t n_seeds) {
  std::vector<std::size_t> seeds(options.n_draws);
  double sum = 0.0;
  for (const double weight : options.seed_weights) sum += weight;
  double reached = 0.0;
  std::size_t seed = 0;
  for (std::size_t d = 0; d < seeds.size(); ++d) {
    if (options.seed_weights.empty()) {
      seeds[d] = d % n_seeds;
      continue;
    }
    const double at = sum * (static_cast<double>(d) + 0.5) / static_cast<double>(options.n_draws);
    while (seed + 1 < n_seeds && reached + options.seed_weights[seed] <= at)
      reached += options.seed_weights[seed++];
    seeds[d] = seed;
  }
  return seeds;
}

/// Draws until there are enough or time is up, which the result tells.
bool draw_all(const EnergyFunction& energy, const CoordinateBatch& seeds, Drawer& drawer,
              const TorsionPoolOptions& options, Keeper& keeper) {
  constexpr std::size_t kTogether = 256;
  const StepKey key{options.seed, options.round};
  const std::vector<std::size_t> from = seeds_of_draws(options, seeds.n_chains());
  CoordinateBatch x = CoordinateBatch::like(seeds.view(), std::min(kTogether, options.n_draws));
  std::vector<double> energies(x.n_chains());
  for (std::size_t first = 0; first < options.n_draws; first += kTogether) {
    if (Clock::now() > options.deadline) return true;
    const std::size_t n = std::min(kTogether, options.n_draws - first);
    for (std::size_t c = 0; c < n; ++c) {
      x.copy_chain(seeds.view(), from[first + c], c);
      RandomStream random(key, StreamName::kPoolTorsions, static_cast<std::uint32_t>(first + c));
      drawer.draw(random, x.chain(c));
    }
    energy.evaluate(x.view().slice(0, n), {energies.data(), n}, {});
    for (std::size_t c = 0; c < n; ++c) {
      if (!std::isfinite(energies[c])) continue;
      RandomStream random(key, StreamName::kPoolChoice, static_cast<std::uint32_t>(first + c));
      const double noise = std::log(-std::log(random.uniform()));
      keeper.offer(energies[c] / options.selection_energy + noise, x.view().slice(c, 1));
    }
  }
  return false;
}

std::vector<double> relax(const EnergyFunction& energy, const TorsionPoolOptions& options,
                          TorsionPool& pool) {
  RelaxationOptions relaxation;
  relaxation.force_tolerance = options.force_tolerance;
  relaxation.n_steps = options.n_steps;
  relaxation.deadline = options.deadline;
  relaxation.frozen_atoms = options.held_atoms;
  const Relaxation relaxed = relax_conformers(energy, pool.positions, relaxation);
  pool.timed_out = pool.timed_out || relaxed.timed_out;
  std::vector<double> energies = relaxed.energies_kJ_mol;
  for (std::size_t c = 0; c < energies.size(); ++c)
    if (relaxed.ends[c] == Relaxed::kFailed || relaxed.ends[c] == Relaxed::kNotReached)
      energies[c] = std::numeric_limits<double>::infinity();
  return energies;
}

/// Leaves out what has no energy or another configuration.
void keep_good(const Configuration& configuration, std::vector<double> energies,
               TorsionPool& pool) {
  CoordinateBatch& x = pool.positions;
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < energies.size(); ++c) {
    if (!std::isfinite(energies[c])) continue;
    if (!has_configuration(configuration, x.view().chain(c))) {
      ++pool.n_wrong_configuration;
      continue;
    }
    good.push_back(c);
    pool.energies.push_back(energies[c]);
  }
  x = CoordinateBatch::rows(x.view(), good);
}

}  // namespace

TorsionPool draw_torsion_pool(const EnergyFunction& energy, const TorsionGraph& graph,
                              const TorsionModel& model, const CoordinateBatch& seeds,
                              const Configuration& configuration,
                              const TorsionPoolOptions& options) {
  check(energy, graph, model, seeds, options);
  TorsionPool pool;
  Keeper keeper(options.n_kept, seeds.n_atoms());
  Drawer drawer(graph, model, options.held_atoms);
  if (drawer.has_any()) pool.timed_out = draw_all(energy, seeds, drawer, options, keeper);
  pool.positions = keeper.behind(seeds);
  keep_good(configuration, relax(energy, options, pool), pool);
  return pool;
}

}  // namespace saltus::engine
