#include "engine/conformers/relaxation.h"

#include <algorithm>
#include <cmath>

#include "engine/minimisation/minimise.h"

namespace saltus::engine {

namespace {

/// Conformers that are relaxed together: a few blocks of lanes, between two looks at the clock.
constexpr std::size_t kTogether = 64;

/// Which of the chains [first, last) have finite energies.
std::vector<std::size_t> finite_chains(const EnergyFunction& energy, const CoordinateBatch& x,
                                       std::size_t first, std::size_t last) {
  std::vector<double> energies(last - first);
  energy.evaluate(x.view().slice(first, last - first), energies, {});
  std::vector<std::size_t> finite;
  for (std::size_t i = 0; i < energies.size(); ++i)
    if (std::isfinite(energies[i])) finite.push_back(first + i);
  return finite;
}

void relax_group(const EnergyFunction& energy, CoordinateBatch& x,
                 const std::vector<std::size_t>& chains, const RelaxationOptions& options,
                 Relaxation& relaxation) {
  CoordinateBatch group = CoordinateBatch::rows(x.view(), chains);
  const auto results =
      minimise(energy, group, {options.force_tolerance, options.n_steps, options.frozen_atoms});
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (!std::isfinite(results[i].energy)) continue;
    x.copy_chain(group.view(), i, chains[i]);
    relaxation.energies_kJ_mol[chains[i]] = results[i].energy;
    relaxation.ends[chains[i]] =
        results[i].converged ? Relaxed::kConverged : Relaxed::kNotConverged;
  }
}

}  // namespace

Relaxation relax_conformers(const EnergyFunction& energy, CoordinateBatch& x,
                            const RelaxationOptions& options) {
  Relaxation relaxation;
  relaxation.ends.assign(x.n_chains(), Relaxed::kNotReached);
  relaxation.energies_kJ_mol.assign(x.n_chains(), 0.0);
  for (std::size_t first = 0; first < x.n_chains(); first += kTogether) {
    if (std::chrono::steady_clock::now() > options.deadline) {
      relaxation.timed_out = true;
      break;
    }
    const std::size_t last = std::min(first + kTogether, x.n_chains());
    std::fill(relaxation.ends.begin() + static_cast<std::ptrdiff_t>(first),
              relaxation.ends.begin() + static_cast<std::ptrdiff_t>(last), Relaxed::kFailed);
    const auto chains = finite_chains(energy, x, first, last);
    if (!chains.empty()) relax_group(energy, x, chains, options, relaxation);
  }
  return relaxation;
}

}  // namespace saltus::engine
