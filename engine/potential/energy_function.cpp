#include "engine/potential/energy_function.h"

#include "engine/core/error.h"

namespace saltus::engine {

void check_evaluation_sizes(const EnergyFunction& energy, ConstCoordinates x, Span<double> energies,
                            Span<double> forces) {
  if (x.n_atoms != energy.n_atoms())
    throw InternalError("energy evaluation: positions have " + std::to_string(x.n_atoms) +
                        " atoms, the energy function has " + std::to_string(energy.n_atoms()));
  if (energies.size() != x.n_chains)
    throw InternalError("energy evaluation: room for " + std::to_string(energies.size()) +
                        " energies, expected one for each of " + std::to_string(x.n_chains) +
                        " chains");
  if (!forces.empty() && forces.size() != x.size())
    throw InternalError("energy evaluation: room for " + std::to_string(forces.size()) +
                        " force components, expected none or " + std::to_string(x.size()));
  energy.box_needs().require(x.boxes, x.n_chains);
}

}  // namespace saltus::engine
