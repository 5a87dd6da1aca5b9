#include "tools/conformers/minimum_search.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/conformer_input.h"
#include "tools/conformers/isomer.h"
#include "tools/conformers/molecule_seed.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

constexpr double kNothing = std::numeric_limits<double>::infinity();

/// Adds the conformers of one search to those of the others.
void add(const engine::ConformerEnsemble& found, engine::ConformerEnsemble& all) {
  const std::size_t n_before = all.n_frames(), n = n_before + found.n_frames();
  engine::CoordinateBatch positions(n, found.positions.n_atoms());
  for (std::size_t c = 0; c < n; ++c)
    positions.copy_chain(c < n_before ? all.positions.view() : found.positions.view(),
                         c < n_before ? c : c - n_before, c);
  all.positions = std::move(positions);
  all.energies.insert(all.energies.end(), found.energies.begin(), found.energies.end());
  all.converged.insert(all.converged.end(), found.converged.begin(), found.converged.end());
}

void sort_by_energy(engine::ConformerEnsemble& conformers) {
  std::vector<std::size_t> order(conformers.n_frames());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return conformers.energies[a] < conformers.energies[b];
  });
  conformers.keep(order);
}

}  // namespace

double MinimumSearch::lowest_energy() const {
  return lowest.empty() ? kNothing : *std::min_element(lowest.begin(), lowest.end());
}

std::size_t MinimumSearch::n_found(double energy) const {
  return static_cast<std::size_t>(std::count_if(
      lowest.begin(), lowest.end(), [&](double found) { return found < energy + kSameMinimum; }));
}

MinimumSearch search_minima(const forcefields::ChemMolecule& molecule,
                            const ConformerSettings& settings, std::size_t n_searches,
                            std::chrono::steady_clock::time_point end) {
  MinimumSearch search;
  std::optional<MoleculeFailure> failure;
  IsomerTask task;
  task.molecule = molecule;
  task.molecule.positions_nm.clear();
  const std::string smiles = forcefields::canonical_smiles(molecule);
  for (std::size_t s = 0; s < n_searches; ++s) {
    task.end = share_of_time(end, 1.0 / static_cast<double>(n_searches - s));
    ConformerOutcome outcome;
    IsomerConformers isomer;
    isomer.smiles = smiles;
    isomer.seed = molecule_seed(settings.seed, s + 1, smiles);
    search.lowest.push_back(kNothing);
    try {
      make_isomer_conformers(task, settings, outcome, isomer);
      const std::vector<double>& energies = isomer.ensemble.energies;
      if (!energies.empty())
        search.lowest.back() = *std::min_element(energies.begin(), energies.end());
      add(isomer.ensemble, search.conformers);
      if (outcome.status == MoleculeStatus::kPartialTimeout)
        search.note = "time ran out in a search for minima; see --timeout";
    } catch (const MoleculeFailure& error) {
      if (!failure) failure = error;
    }
  }
  if (search.conformers.n_frames() == 0 && failure) throw MoleculeFailure(*failure);
  sort_by_energy(search.conformers);
  return search;
}

}  // namespace saltus::tools
