#include "tools/conformers/shape_harvest.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "engine/conformers/diverse_set.h"
#include "engine/conformers/hydrogen_places.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

namespace {

/// Energies of the pool are worth exp(-E / this), kJ/mol: strained shapes count, but less.
constexpr double kWorthOfEnergy = 50.0;
/// The finest level at which shapes of the pool are told apart.
constexpr double kSameShape_nm = 0.03;
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

/// Of molecules with many rotors hardly any two of the pool are as near as 0.1 nm: what is a little
/// farther counts, too, lest the choice be of shapes that stand for nothing but themselves.
ShapeRadii radii_for(bool many_rotors) {
  if (many_rotors)
    return {{0.2, 0.15, 0.1, 0.07, 0.05, kSameShape_nm}, {0.1, 0.3, 1.0, 0.25, 0.1, 0.05}};
  return {{0.1, 0.07, 0.05, kSameShape_nm}, {1.0, 0.25, 0.1, 0.05}};
}

bool has_many_rotors(const forcefields::ChemMolecule& molecule) {
  constexpr std::size_t kMany = 10;
  return forcefields::flexibility_of(molecule).n_rotors >= kMany;
}

/// Puts more behind what is there, if anything is.
void append(const engine::CoordinateBatch& more, engine::CoordinateBatch& x) {
  if (x.n_chains() == 0) {
    x = more;
    return;
  }
  const std::size_t n = x.n_chains();
  engine::CoordinateBatch all = engine::CoordinateBatch::like(x.view(), n + more.n_chains());
  for (std::size_t c = 0; c < n; ++c) all.copy_chain(x.view(), c, c);
  for (std::size_t c = 0; c < more.n_chains(); ++c) all.copy_chain(more.view(), c, n + c);
  x = std::move(all);
}

}  // namespace

ShapeHarvest::ShapeHarvest(const forcefields::ChemMolecule& molecule,
                           const engine::Configuration& configuration,
                           const engine::EnergyFunction& energy, const GenerationOptions& options)
    : configuration_(configuration),
      energy_(energy),
      options_(options),
      coarse_(comparison_of(molecule, kFewSymmetries)),
      fine_(comparison_of(molecule, kManySymmetries)),
      radii_(radii_for(has_many_rotors(molecule))),
      nearness_(coarse_, radii_.nm) {}

void ShapeHarvest::gather(const engine::TorsionPool& more, StageCounts& counts) {
  constexpr std::size_t kMaxChoices = 3;
  counts.n_pool += more.energies.size();
  yields_little_ = false;
  add_to_pool(more);
  if (energies_.empty()) return;
  const std::vector<std::size_t> drawn = in_window(energies_, options_.energy_window);
  counts.n_in_window = drawn.size();
  counts.pool_is_exhausted = false;
  for (std::size_t c = 0; c < kMaxChoices && !counts.pool_is_exhausted && !is_complete(); ++c) {
    if (counts.timed_out && relaxed_.n_frames() > 0) return;
    const std::vector<std::size_t> order = choose(new_ones(drawn));
    take(order, counts);
    counts.pool_is_exhausted = order.empty() || yields_little_;
  }
  if (is_complete()) return;
  // What the last choice left is as good as nothing.
  counts.pool_is_exhausted = true;
  counts.n_alone = nearness_.count_alone(drawn);
}

/// Those whose energy is too high by what is known so far will never be chosen.
void ShapeHarvest::add_to_pool(const engine::TorsionPool& more) {
  if (more.energies.empty()) return;
  std::vector<double> all = energies_;
  all.insert(all.end(), more.energies.begin(), more.energies.end());
  std::vector<std::size_t> low;
  for (const std::size_t c : in_window(all, options_.energy_window))
    if (c >= energies_.size()) low.push_back(c - energies_.size());
  if (low.empty()) return;
  const engine::CoordinateBatch x = engine::conformers_at(more.positions, low);
  append(x, positions_);
  for (const std::size_t c : low) energies_.push_back(more.energies[c]);
  nearness_.add(x.view());
}

/// Relaxes the first of these, then the next ones in the place of those that were lost.
void ShapeHarvest::take(const std::vector<std::size_t>& order, StageCounts& counts) {
  // All that are there are compared after each part.
  constexpr std::size_t kMaxParts = 8;
  constexpr double kLittle = 0.15;  // new ones for each that is relaxed
  const std::size_t least = (order.size() + kMaxParts - 1) / kMaxParts;
  for (std::size_t first = 0; first < order.size() && !is_complete() && !yields_little_;) {
    if (counts.timed_out && relaxed_.n_frames() > 0) return;
    const std::size_t last = std::min(first + std::max(n_missing(), least), order.size());
    const auto begin = order.begin();
    const std::size_t n_before = kept_.size();
    relax(engine::conformers_at(positions_, {begin + static_cast<std::ptrdiff_t>(first),
                                             begin + static_cast<std::ptrdiff_t>(last)}),
          counts);
    compare();
    yields_little_ = static_cast<double>(kept_.size()) <
                     static_cast<double>(n_before) + kLittle * static_cast<double>(last - first);
    counts.n_chosen += last - first;
    first = last;
  }
}

/// Those of the pool that are like none of those kept.
std::vector<std::size_t> ShapeHarvest::new_ones(const std::vector<std::size_t>& drawn) const {
  if (kept_.empty()) return drawn;
  const double same_nm = std::max(options_.rmsd_nm, kSameShape_nm);
  const std::vector<bool> is_new = engine::is_far_from_all(
      engine::conformers_at(positions_, drawn).view(),
      engine::conformers_at(relaxed_.positions, kept_).view(), coarse_, same_nm);
  std::vector<std::size_t> result;
  for (std::size_t c = 0; c < drawn.size(); ++c)
    if (is_new[c]) result.push_back(drawn[c]);
  return result;
}

/// Which of the pool represent it, the most important ones first, and as many more as may have to
/// stand in for some of them.
std::vector<std::size_t> ShapeHarvest::choose(const std::vector<std::size_t>& candidates) const {
  constexpr std::size_t kForEachMissing = 2;
  if (candidates.empty()) return {};
  const double lowest = *std::min_element(energies_.begin(), energies_.end());
  std::vector<double> weights;
  for (const std::size_t c : candidates)
    weights.push_back(std::exp(-(energies_[c] - lowest) / kWorthOfEnergy));
  std::vector<std::size_t> chosen = engine::choose_diverse(
      nearness_, candidates, weights, radii_.worth, kForEachMissing * n_missing());
  if (options_.rings != nullptr && !options_.rings->empty()) put_lowest_first(candidates, chosen);
  return chosen;
}

/// Of rings the lowest shape is looked for, whatever it stands for.
void ShapeHarvest::put_lowest_first(const std::vector<std::size_t>& candidates,
                                    std::vector<std::size_t>& chosen) const {
  const auto lower = [&](std::size_t a, std::size_t b) { return energies_[a] < energies_[b]; };
  const std::size_t lowest = *std::min_element(candidates.begin(), candidates.end(), lower);
  chosen.erase(std::remove(chosen.begin(), chosen.end(), lowest), chosen.end());
  chosen.insert(chosen.begin(), lowest);
}

engine::RelaxationOptions ShapeHarvest::relaxation() const {
  constexpr std::size_t kMaxSteps = 300;
  engine::RelaxationOptions relaxation;
  relaxation.force_tolerance = options_.force_tolerance;
  relaxation.n_steps = kMaxSteps;
  relaxation.deadline = options_.deadline;
  relaxation.frozen_atoms = options_.held.atoms;
  return relaxation;
}

/// Puts the good ones behind those that are there.
void ShapeHarvest::relax(engine::CoordinateBatch chosen, StageCounts& counts) {
  engine::settle_hydrogens(energy_, *options_.graph, options_.held.atoms, chosen);
  const engine::Relaxation done = engine::relax_conformers(energy_, chosen, relaxation());
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
  append(engine::conformers_at(chosen, good), relaxed_.positions);
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

/// Of the lowest ones, places of hydrogens are tried to the end of their relaxation: which is the
/// lowest one is asked for more often than how high the others are.
void ShapeHarvest::polish_lowest(StageCounts& counts) {
  constexpr std::size_t kLowest = 2, kMaxVariants = 12;
  constexpr std::uint64_t kFirstStep = 2'000'000;  // rounds of pools are never so many
  constexpr double kLower = 1e-3;                  // kJ/mol
  for (std::size_t k = 0; k < std::min(kLowest, kept_.size()) && !counts.timed_out; ++k) {
    const std::size_t frame = kept_[k];
    engine::CoordinateBatch x = engine::hydrogen_variants(
        energy_, *options_.graph, options_.held.atoms, relaxed_.positions.view().chain(frame),
        kMaxVariants, {options_.seed, kFirstStep + k});
    if (x.n_chains() == 0) return;
    const engine::Relaxation done = engine::relax_conformers(energy_, x, relaxation());
    counts.timed_out = counts.timed_out || done.timed_out;
    for (std::size_t c = 0; c < x.n_chains(); ++c) {
      if (done.ends[c] != engine::Relaxed::kConverged ||
          !(done.energies_kJ_mol[c] < relaxed_.energies[frame] - kLower) ||
          !engine::has_configuration(configuration_, x.view().chain(c)))
        continue;
      relaxed_.energies[frame] = done.energies_kJ_mol[c];
      relaxed_.converged[frame] = true;
      relaxed_.positions.copy_chain(x.view(), c, frame);
    }
  }
  compare();
}

void ShapeHarvest::finish(GeneratedConformers& result) {
  polish_lowest(result.counts);
  // Those that stand in for others are not counted twice.
  result.counts.n_built = std::min(relaxed_.n_frames(), options_.n_conformers);
  result.counts.n_duplicates = selection_.n_duplicates;
  result.counts.n_outside_window = selection_.n_outside_window;
  static_cast<engine::ConformerEnsemble&>(result) = std::move(relaxed_);
  result.keep(kept_);
}

}  // namespace saltus::tools
