#include "tools/conformers/generate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/conformers/relaxation.h"
#include "engine/conformers/torsion_pool.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/torsion_preferences.h"
#include "tools/conformers/shape_harvest.h"
#include "tools/conformers/shortfall.h"

namespace saltus::tools {

namespace {

/// Seeds give the shapes of rings where no search does. More than two of other molecules change
/// nothing in how near conformers come to crystal structures, and each takes a tenth of the time.
/// With shapes from a search and few rotors, two alone have missed the lowest one now and then.
std::size_t number_of_seeds(const forcefields::Flexibility& flexibility,
                            const GenerationOptions& options) {
  constexpr std::size_t kMinSeeds = 2, kMaxSeeds = 9, kBasesOfRings = 2, kFewRotors = 3;
  const bool searched = options.rings != nullptr && options.rings->has_all_rings();
  const std::size_t n_of_searched = flexibility.n_rotors <= kFewRotors ? kBasesOfRings : 0;
  const std::size_t n_for_rings = searched ? n_of_searched : 2 * flexibility.n_flexible_rings;
  return std::min({options.n_conformers, kMaxSeeds, kMinSeeds + n_for_rings});
}

/// Grows with the molecule: the more torsions there are, the more shapes have to be seen before
/// those that stand for most of them are known.
std::size_t size_of_pool(const forcefields::Flexibility& flexibility, std::size_t n_wanted) {
  constexpr std::size_t kForEachRotor = 120, kMaxPool = 3000, kForEachWanted = 6;
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
                              const GenerationOptions& options, std::uint64_t round) {
  constexpr std::size_t kDrawsForEachKept = 4;
  engine::TorsionPoolOptions pool;
  pool.n_kept = size_of_pool(forcefields::flexibility_of(molecule), options.n_conformers);
  pool.n_draws = kDrawsForEachKept * pool.n_kept;
  pool.seed_weights = seeds.weights;
  pool.seed = options.seed;
  pool.round = round;
  pool.deadline = options.deadline;
  pool.held_atoms = options.held.atoms;
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
  if (options.rings != nullptr) options.rings->describe(counts);
  if (options.rings == nullptr || options.rings->empty()) return {seeds, {}};
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

/// Whether enough of the pool stands alone, so that further draws would be of new shapes.
bool more_draws_help(const StageCounts& counts) {
  constexpr double kFew = 0.05;
  return static_cast<double>(counts.n_alone) > kFew * static_cast<double>(counts.n_in_window);
}

/// Bonds between a core and the rest are off after distance geometry, and torsions would be turned
/// about them.
void mend_seeds(const engine::EnergyFunction& energy, const GenerationOptions& options,
                engine::CoordinateBatch& seeds) {
  constexpr std::size_t kMaxSteps = 100;
  if (options.held.empty()) return;
  engine::RelaxationOptions relaxation;
  relaxation.n_steps = kMaxSteps;
  relaxation.deadline = options.deadline;
  relaxation.frozen_atoms = options.held.atoms;
  engine::relax_conformers(energy, seeds, relaxation);
}

}  // namespace

GeneratedConformers generate_conformers(const forcefields::ChemMolecule& molecule,
                                        const engine::Configuration& configuration,
                                        const engine::EnergyFunction& energy,
                                        const GenerationOptions& options) {
  const forcefields::Flexibility flexibility = forcefields::flexibility_of(molecule);
  forcefields::EmbeddingOptions embedding;
  embedding.n_conformers = number_of_seeds(flexibility, options);
  embedding.seed = options.seed;
  embedding.thorough = options.thorough;
  embedding.deadline = options.deadline;
  embedding.held = options.held;
  forcefields::Embedding seeds = forcefields::embed(molecule, configuration, embedding);
  mend_seeds(energy, options, seeds.positions);
  GeneratedConformers result;
  result.counts.n_wanted = options.n_conformers;
  result.counts.n_seeds = seeds.positions.n_chains();
  result.counts.n_rejected = seeds.n_wrong_configuration;
  result.counts.n_misfits = seeds.n_misfits;
  result.counts.timed_out = seeds.timed_out;
  result.configuration_is_to_blame = seeds.configuration_is_to_blame;
  if (result.counts.n_seeds == 0) return result;
  result.counts.rings_are_open = rings_are_open(molecule, *options.graph, seeds.positions);
  const Seeds shapes =
      with_ring_shapes(seeds.positions, configuration, energy, options, result.counts);
  result.counts.n_seeds = shapes.positions.n_chains();
  // Pools are compared all with all.
  constexpr std::uint64_t kMaxRounds = 4;
  constexpr std::size_t kMaxDraws = 8000, kManyRotors = 6;
  // Of few rotors one pool has seen what there is.
  const std::uint64_t n_rounds = flexibility.n_rotors < kManyRotors ? 1 : kMaxRounds;
  ShapeHarvest harvest(molecule, configuration, energy, options);
  for (std::uint64_t round = 0; round < n_rounds; ++round) {
    const engine::TorsionPool drawn =
        draw_pool(molecule, configuration, energy, shapes, options, round);
    result.counts.n_rejected += drawn.n_wrong_configuration;
    result.counts.timed_out = result.counts.timed_out || drawn.timed_out;
    harvest.gather(drawn, result.counts);
    const bool in_vain = harvest.yields_little() && round > 0;
    if (harvest.is_complete() || in_vain || result.counts.timed_out ||
        !more_draws_help(result.counts) || result.counts.n_pool + drawn.energies.size() > kMaxDraws)
      break;
  }
  harvest.finish(result);
  return result;
}

}  // namespace saltus::tools
