#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/potential/energy_function.h"
#include "engine/rigid/rigid_bodies.h"

namespace saltus::engine {

/// A minimum of U in the poses of rigid bodies. Plain numbers: a harmonic crystal can be made of
/// them again.
struct HarmonicMinimum {
  std::vector<RigidPose> sites;   ///< [M]
  std::optional<Box> box;         ///< none: not periodic
  double energy = 0.0;            ///< kJ/mol, U at the sites
  std::vector<double> hessian;    ///< [n, n], row-major: d^2 U / dy dy, symmetric; kJ/mol
  double rms_gradient = 0.0;      ///< of U at the sites, kJ/mol/nm, over all coordinates
  std::size_t n_evaluations = 0;  ///< energies that finding it took
};

/// How a minimum is looked for.
struct HarmonicMinimumOptions {
  /// kJ/mol/nm, rms over all coordinates, v counted as PoseCoordinates::kTurn_nm v: more than this
  /// at the end is an error. What is left tilts a harmonic crystal by g^2 / 2 H in each coordinate,
  /// at 1 and the softest mode of ice, 365 kJ/mol/nm^2, 1e-3 kJ/mol. The search goes on to a
  /// hundredth of it, but an energy that jumps where pairs are cut off may stop it before.
  double gradient_tolerance = 1.0;
  std::size_t n_steps = 5000;  ///< of minimisation, at most
};

/// Minimises U in the poses of all bodies from the given ones, body 0 staying where it is
/// (engine/minimisation/minimise.h in the coordinates y of HarmonicCrystal), and differentiates:
/// columns of the Hessian are central differences of forces and torques, 2 n configurations, h =
/// 1e-4 nm for displacements and as far for an arm of 0.1 nm for v, symmetrised. Their error is
/// h^2 / 6 times the fourth derivative, estimated as 1e-5 of the Hessian at hydrogen bonds,
/// plus that of the forces divided by h. Moves that use the Hessian are exact whatever its error.
/// @param positions  [N, 3], nm; molecules whole
/// @throws InputError      for an option that is not positive
/// @throws NumericalError  when a body is not where its constraints hold, when the energy of the
///                         start is not finite, and when the tolerance is not reached
HarmonicMinimum find_harmonic_minimum(const std::shared_ptr<const RigidBodies>& bodies,
                                      const EnergyFunction& energy, Span<const double> positions,
                                      const std::optional<Box>& box,
                                      const HarmonicMinimumOptions& options = {});

}  // namespace saltus::engine
