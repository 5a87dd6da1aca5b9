#pragma once

#include <cstddef>

#include "engine/potential/energy_function.h"

namespace saltus::engine {

/// When to stop.
struct MinimisationOptions {
  double force_tolerance = 10.0;  ///< kJ/mol/nm: stops when the rms force is below
  std::size_t n_steps = 5000;     ///< at most
};

/// Where it ended.
struct MinimisationResult {
  double energy = 0.0, rms_force = 0.0;
  std::size_t n_steps = 0;
  bool converged = false;
};

/// Relaxes one configuration downhill with the fast inertial relaxation engine.
/// Source: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006), doi:10.1103/PhysRevLett.97.170201.
/// @param x  in and out [N, 3], nm
/// @throws NumericalError  when the energy of the start is not finite
MinimisationResult minimise(const EnergyFunction& energy, Span<double> x,
                            const MinimisationOptions& options);

}  // namespace saltus::engine
