#include "tools/conformers/shape_harvest.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "engine/conformers/diverse_set.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

namespace {

/// Energies of the pool are worth exp(-E / this), kJ/mol: strained shapes count, but less.
constexpr double kWorthOfEnergy = 50.0;
/// Ways to renumber the molecule that the choice from the pool knows of, and the comparison of
/// those that are relaxed.
constexpr std::size_t kFewSymmetries = 8, kManySymmetries = 5000;

std::vector<std::size_t> in_window(const std::vector<double>& energies, double window) {
  const double lowest = *std::min_element(energies.begin(), energies.end());
  std::vector<std::size_t> result;
  for (std::size_t c = 0; c < energies.size(); ++c)
    if (energies[c] <= lowest + window) result.push_back(c);
  return result;
}

engine::ShapeComparison comparison_of(const forcefields::ChemMolecule& molecule,
                                      std::size_t max_symmetries) {
  return forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule),
                                       max_symmetries);
}

}  // namespace

ShapeHarvest::ShapeHarvest(const forcefields::ChemMolecule& molecule,
                           const engine::Configuration& configuration,
                           const engine::EnergyFunction& energy, const GenerationOptions& options)
    : configuration_(configuration),
      energy_(energy),
      options_(options),
      coarse_(comparison_of(molecule, kFewSymmetries)),
      fine_(comparison_of(molecule, kManySymmetries)) {}

void ShapeHarvest::gather(const engine::TorsionPool& pool, StageCounts& counts) {
  // Each time fewer are missing; what is left then would take more time than it is worth.
  constexpr std::size_t kMaxTimes = 6;
  const std::vector<std::size_t> order = choose(pool, candidates(pool));
  std::size_t first = 0;
  for (std::size_t time = 0; time < kMaxTimes && first < order.size() && !is_complete(); ++time) {
    if (counts.timed_out && relaxed_.n_frames() > 0) break;
    const std::size_t last = std::min(first + n_missing(), order.size());
    const auto begin = order.begin();
    relax(engine::conformers_at(pool.positions, {begin + static_cast<std::ptrdiff_t>(first),
                                                 begin + static_cast<std::ptrdiff_t>(last)}),
          counts);
    compare();
    counts.n_chosen += last - first;
    first = last;
  }
  const std::vector<std::size_t> drawn = in_window(pool.energies, options_.energy_window);
  counts.n_pool = pool.energies.size();
  counts.n_in_window = drawn.size();
  counts.pool_is_exhausted = !is_complete() && first == order.size();
  if (!counts.pool_is_exhausted) return;
  const engine::CoordinateBatch x = engine::conformers_at(pool.positions, drawn);
  counts.n_alone =
      engine::count_alone(x.view(), coarse_, engine::DiverseSetOptions{}.radii_nm.back());
}

/// Those of the pool that are like none of those kept.
std::vector<std::size_t> ShapeHarvest::candidates(const engine::TorsionPool& pool) const {
  const std::vector<std::size_t> drawn = in_window(pool.energies, options_.energy_window);
  if (kept_.empty()) return drawn;
  std::vector<engine::ShapeComparison::Shape> kept;
  for (const std::size_t k : kept_)
    kept.push_back(coarse_.shape(relaxed_.positions.view().chain(k)));
  const double same_nm = std::max(options_.rmsd_nm, engine::DiverseSetOptions{}.radii_nm.back());
  std::vector<std::size_t> result;
  for (const std::size_t c : drawn) {
    const auto shape = coarse_.shape(pool.positions.view().chain(c));
    if (std::none_of(kept.begin(), kept.end(), [&](const engine::ShapeComparison::Shape& other) {
          return coarse_.closer_than(shape, other, same_nm);
        }))
      result.push_back(c);
  }
  return result;
}

/// Which of the pool represent it, the most important ones first, and as many more as may have to
/// stand in for some of them.
std::vector<std::size_t> ShapeHarvest::choose(const engine::TorsionPool& pool,
                                              const std::vector<std::size_t>& candidates) const {
  constexpr std::size_t kForEachMissing = 2;
  if (candidates.empty()) return {};
  const double lowest = *std::min_element(pool.energies.begin(), pool.energies.end());
  std::vector<double> weights;
  for (const std::size_t c : candidates)
    weights.push_back(std::exp(-(pool.energies[c] - lowest) / kWorthOfEnergy));
  engine::DiverseSetOptions choice;
  choice.n = kForEachMissing * n_missing();
  const engine::CoordinateBatch x = engine::conformers_at(pool.positions, candidates);
  std::vector<std::size_t> chosen = engine::choose_diverse(x.view(), weights, coarse_, choice);
  for (std::size_t& c : chosen) c = candidates[c];
  return chosen;
}

/// Puts the good ones behind those that are there.
void ShapeHarvest::relax(engine::CoordinateBatch chosen, StageCounts& counts) {
  constexpr std::size_t kMaxSteps = 300;
  engine::RelaxationOptions relaxation;
  relaxation.force_tolerance = options_.force_tolerance;
  relaxation.n_steps = kMaxSteps;
  relaxation.deadline = options_.deadline;
  const engine::Relaxation done = engine::relax_conformers(energy_, chosen, relaxation);
  counts.timed_out = counts.timed_out || done.timed_out;
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < done.ends.size(); ++c) {
    if (done.ends[c] == engine::Relaxed::kFailed || done.ends[c] == engine::Relaxed::kNotReached) {
      ++counts.n_not_relaxed;
    } else if (!engine::has_configuration(configuration_, chosen.view().chain(c))) {
      ++counts.n_wrong;
      ++counts.n_rejected;
    } else {
      good.push_back(c);
      relaxed_.energies.push_back(done.energies_kJ_mol[c]);
      relaxed_.converged.push_back(done.ends[c] == engine::Relaxed::kConverged);
    }
  }
  relaxed_.positions = engine::CoordinateBatch::joined(
      relaxed_.positions.view(), engine::CoordinateBatch::rows(chosen.view(), good).view());
}

void ShapeHarvest::compare() {
  kept_.clear();
  if (relaxed_.n_frames() == 0) return;
  engine::SelectionOptions options;
  options.rmsd_nm = options_.rmsd_nm;
  options.energy_window = options_.energy_window;
  options.max_kept = options_.n_conformers;
  selection_ =
      engine::select_conformers(relaxed_.positions.view(), relaxed_.energies, fine_, options);
  kept_ = selection_.kept;
}

void ShapeHarvest::finish(GeneratedConformers& result) {
  result.counts.n_built = relaxed_.n_frames();
  result.counts.n_duplicates = selection_.n_duplicates;
  result.counts.n_outside_window = selection_.n_outside_window;
  static_cast<engine::ConformerEnsemble&>(result) = std::move(relaxed_);
  result.keep(kept_);
}

}  // namespace saltus::tools
