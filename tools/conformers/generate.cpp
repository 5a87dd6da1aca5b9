#include "tools/conformers/generate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/conformers/diverse_set.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/conformers/torsion_pool.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/torsion_preferences.h"
#include "tools/conformers/shortfall.h"

namespace saltus::tools {

namespace {

/// Energies of the pool are worth exp(-E / this), kJ/mol: strained shapes count, but less.
constexpr double kWorthOfEnergy = 50.0;
/// Ways to renumber the molecule that the choice knows of.
constexpr std::size_t kMaxSymmetries = 8;

/// Seeds give the shapes of rings.
std::size_t number_of_seeds(const forcefields::Flexibility& flexibility, std::size_t n_wanted) {
  constexpr std::size_t kMinSeeds = 3, kMaxSeeds = 9;
  return std::min({n_wanted, kMaxSeeds, kMinSeeds + 2 * flexibility.n_flexible_rings});
}

std::size_t size_of_pool(const forcefields::Flexibility& flexibility, std::size_t n_wanted) {
  constexpr std::size_t kForEachRotor = 120, kMaxPool = 720, kForEachWanted = 6;
  return std::max(std::min(kMaxPool, kForEachRotor * (1 + flexibility.n_rotors)),
                  kForEachWanted * n_wanted);
}

/// What a pool begins with.
struct Seeds {
  engine::CoordinateBatch positions;
  std::vector<double> weights;  ///< of draws; empty: all alike
};

engine::TorsionPool draw_pool(const forcefields::ChemMolecule& molecule,
                              const engine::Configuration& configuration,
                              const engine::EnergyFunction& energy, const Seeds& seeds,
                              const GenerationOptions& options) {
  constexpr std::size_t kDrawsForEachKept = 4;
  engine::TorsionPoolOptions pool;
  pool.n_kept = size_of_pool(forcefields::flexibility_of(molecule), options.n_conformers);
  pool.n_draws = kDrawsForEachKept * pool.n_kept;
  pool.seed_weights = seeds.weights;
  pool.seed = options.seed;
  pool.deadline = options.deadline;
  const auto draw = [&](const engine::TorsionGraph& graph, const engine::TorsionModel& model) {
    return engine::draw_torsion_pool(energy, graph, model, seeds.positions, configuration, pool);
  };
  if (options.model) return draw(*options.graph, *options.model);
  return draw(*options.graph, *forcefields::torsion_preferences(molecule, *options.graph));
}

/// Behind the seeds the lowest combinations of ring shapes, relaxed.
Seeds with_ring_shapes(const engine::CoordinateBatch& seeds,
                       const engine::Configuration& configuration,
                       const engine::EnergyFunction& energy, const GenerationOptions& options,
                       StageCounts& counts) {
  constexpr std::size_t kMinShapes = 64, kForEachWanted = 2, kSteps = 120;
  constexpr double kWorthOfStrain = 12.0;  // kJ/mol
  if (options.rings == nullptr || options.rings->empty()) return {seeds, {}};
  options.rings->describe(counts);
  CombinedShapes shapes =
      options.rings->combined(seeds, std::max(kMinShapes, kForEachWanted * options.n_conformers));
  engine::RelaxationOptions relaxation;
  relaxation.force_tolerance = options.force_tolerance;
  relaxation.n_steps = kSteps;
  relaxation.deadline = options.deadline;
  const engine::Relaxation relaxed = engine::relax_conformers(energy, shapes.positions, relaxation);
  counts.timed_out = counts.timed_out || relaxed.timed_out;
  std::vector<std::size_t> good;
  Seeds result;
  // Seeds as they are built have likely shapes of rings.
  result.weights.assign(seeds.n_chains(), 1.0);
  for (std::size_t c = 0; c < shapes.strains.size(); ++c) {
    if (relaxed.ends[c] == engine::Relaxed::kFailed ||
        !engine::has_configuration(configuration, shapes.positions.view().chain(c)))
      continue;
    good.push_back(c);
    result.weights.push_back(std::exp(-shapes.strains[c] / kWorthOfStrain));
  }
  result.positions = joined(seeds, engine::conformers_at(shapes.positions, good));
  return result;
}

/// Makes sure that the lowest of all is among those chosen.
void include_lowest(const std::vector<double>& energies, std::size_t n_wanted,
                    std::vector<std::size_t>& chosen) {
  const auto lowest = static_cast<std::size_t>(std::min_element(energies.begin(), energies.end()) -
                                               energies.begin());
  if (std::count(chosen.begin(), chosen.end(), lowest) > 0) return;
  if (chosen.size() == n_wanted) chosen.pop_back();
  chosen.push_back(lowest);
}

std::vector<std::size_t> in_window(const std::vector<double>& energies, double window) {
  const double lowest = *std::min_element(energies.begin(), energies.end());
  std::vector<std::size_t> result;
  for (std::size_t c = 0; c < energies.size(); ++c)
    if (energies[c] <= lowest + window) result.push_back(c);
  return result;
}

/// Which of the pool represent it.
std::vector<std::size_t> choose(const forcefields::ChemMolecule& molecule,
                                const engine::TorsionPool& pool, const GenerationOptions& options,
                                StageCounts& counts) {
  const std::vector<std::size_t> candidates = in_window(pool.energies, options.energy_window);
  const double lowest = *std::min_element(pool.energies.begin(), pool.energies.end());
  std::vector<double> weights;
  for (const std::size_t c : candidates)
    weights.push_back(std::exp(-(pool.energies[c] - lowest) / kWorthOfEnergy));
  const engine::ShapeComparison comparison =
      forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule), kMaxSymmetries);
  engine::DiverseSetOptions choice;
  choice.n = options.n_conformers;
  const engine::CoordinateBatch x = engine::conformers_at(pool.positions, candidates);
  std::vector<std::size_t> chosen = engine::choose_diverse(x.view(), weights, comparison, choice);
  counts.n_pool = pool.energies.size();
  counts.n_in_window = candidates.size();
  counts.n_chosen = chosen.size();
  if (chosen.size() < options.n_conformers)
    counts.n_alone = engine::count_alone(x.view(), comparison, choice.radii_nm.back());
  for (std::size_t& c : chosen) c = candidates[c];
  if (options.rings != nullptr && !options.rings->empty())
    include_lowest(pool.energies, options.n_conformers, chosen);
  return chosen;
}

/// Takes those chosen down and puts the good ones into the result, lowest energy first.
void relax_chosen(const engine::EnergyFunction& energy, const engine::Configuration& configuration,
                  engine::CoordinateBatch chosen, const GenerationOptions& options,
                  GeneratedConformers& result) {
  constexpr std::size_t kMaxSteps = 300;
  engine::RelaxationOptions relaxation;
  relaxation.force_tolerance = options.force_tolerance;
  relaxation.n_steps = kMaxSteps;
  relaxation.deadline = options.deadline;
  engine::Relaxation relaxed = engine::relax_conformers(energy, chosen, relaxation);
  result.counts.timed_out = result.counts.timed_out || relaxed.timed_out;
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < relaxed.ends.size(); ++c) {
    result.converged.push_back(relaxed.ends[c] == engine::Relaxed::kConverged);
    if (relaxed.ends[c] == engine::Relaxed::kFailed ||
        relaxed.ends[c] == engine::Relaxed::kNotReached) {
      ++result.counts.n_not_relaxed;
      continue;
    }
    if (engine::has_configuration(configuration, chosen.view().chain(c)))
      good.push_back(c);
    else
      ++result.counts.n_wrong;
  }
  result.counts.n_rejected += result.counts.n_wrong;
  std::stable_sort(good.begin(), good.end(), [&](std::size_t a, std::size_t b) {
    return relaxed.energies_kJ_mol[a] < relaxed.energies_kJ_mol[b];
  });
  result.positions = std::move(chosen);
  result.energies = std::move(relaxed.energies_kJ_mol);
  result.keep(good);
  result.counts.n_built = good.size();
}

}  // namespace

GeneratedConformers generate_conformers(const forcefields::ChemMolecule& molecule,
                                        const engine::Configuration& configuration,
                                        const engine::EnergyFunction& energy,
                                        const GenerationOptions& options) {
  const forcefields::Flexibility flexibility = forcefields::flexibility_of(molecule);
  forcefields::EmbeddingOptions embedding;
  embedding.n_conformers = number_of_seeds(flexibility, options.n_conformers);
  embedding.seed = options.seed;
  embedding.thorough = options.thorough;
  embedding.deadline = options.deadline;
  const forcefields::Embedding seeds = forcefields::embed(molecule, configuration, embedding);
  GeneratedConformers result;
  result.counts.n_wanted = options.n_conformers;
  result.counts.n_seeds = seeds.positions.n_chains();
  result.counts.n_rejected = seeds.n_wrong_configuration;
  result.counts.timed_out = seeds.timed_out;
  result.configuration_is_to_blame = seeds.configuration_is_to_blame;
  if (result.counts.n_seeds == 0) return result;
  result.counts.rings_are_open = rings_are_open(molecule, *options.graph, seeds.positions);
  const Seeds shapes =
      with_ring_shapes(seeds.positions, configuration, energy, options, result.counts);
  result.counts.n_seeds = shapes.positions.n_chains();
  const engine::TorsionPool pool = draw_pool(molecule, configuration, energy, shapes, options);
  result.counts.n_rejected += pool.n_wrong_configuration;
  result.counts.timed_out = result.counts.timed_out || pool.timed_out;
  if (pool.energies.empty()) return result;
  const std::vector<std::size_t> chosen = choose(molecule, pool, options, result.counts);
  relax_chosen(energy, configuration, engine::conformers_at(pool.positions, chosen), options,
               result);
  return result;
}

}  // namespace saltus::tools
