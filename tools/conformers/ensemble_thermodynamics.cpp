#include "tools/conformers/ensemble_thermodynamics.h"

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"

namespace saltus::tools {

EnsembleThermodynamics ensemble_thermodynamics(engine::Span<const double> shares,
                                               engine::Span<const double> energies,
                                               engine::Span<const double> degeneracies,
                                               double temperature_K) {
  if (shares.size() != energies.size() ||
      (!degeneracies.empty() && degeneracies.size() != shares.size()))
    throw engine::InternalError("shares, energies and degeneracies are of different numbers");
  EnsembleThermodynamics result;
  for (std::size_t c = 0; c < shares.size(); ++c) {
    if (shares[c] <= 0.0) continue;  // too small for a double: adds nothing
    const double g = degeneracies.empty() ? 1.0 : degeneracies[c];
    result.mean_energy += shares[c] * energies[c];
    result.entropy -= engine::kGasConstant * shares[c] * std::log(shares[c] / g);
  }
  result.free_energy = result.mean_energy - temperature_K * result.entropy;
  return result;
}

}  // namespace saltus::tools
