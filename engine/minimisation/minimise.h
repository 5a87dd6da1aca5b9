#pragma once

#include <cstddef>
#include <vector>

#include "engine/potential/energy_function.h"
#include "engine/system/coordinates.h"
#include "engine/system/virtual_sites.h"

namespace saltus::engine {

/// When to stop, and what stays where it is.
struct MinimisationOptions {
  double force_tolerance = 10.0;  ///< kJ/mol/nm: a chain stops when its rms force is below
  std::size_t n_steps = 5000;     ///< of each chain, at most
  std::vector<std::size_t> frozen_atoms = {};   ///< never move; their forces do not count
  std::vector<VirtualSite> virtual_sites = {};  ///< follow their parents
};

/// Where a chain ended.
struct MinimisationResult {
  double energy = 0.0;      ///< kJ/mol
  double rms_force = 0.0;   ///< kJ/mol/nm, over the coordinates of the atoms that may move
  std::size_t n_steps = 0;  ///< evaluations of energy and forces after that of the start
  bool converged = false;   ///< the rms force is below the tolerance
};

/// Minimises each configuration of a batch to a stationary point near it, one SIMD lane
/// each, by L-BFGS with a trust radius. With pairs s = x' - x, y = F - F' of the last 6 trial
/// points x', H the limited-memory inverse Hessian made of them and H0 = (s.y / y.y) 1, the next
/// trial is x + t H F, t <= 1 such that no coordinate moves by more than the radius, at most 0.02
/// nm. It becomes the new x when the energy falls by 1e-4 t F.HF (Armijo). Where such gains are
/// lost in rounding, so that the energy may rise by 1e-12 (|E| + 1000 kJ/mol), the same is asked of
/// t (F + F').HF / 2, what the forces at both ends say. Otherwise the radius shrinks. Trials that
/// are refused give pairs, too; pairs without positive curvature s.y are left out. Points of
/// infinite energy are refused.
///
/// The energy never ends above that of the start but for that rounding. A chain that can get no
/// lower stops, and is reported as it is. What becomes of a chain is the same bits whatever the
/// other chains, their number and that of threads. Energies that work in lanes
/// (EnergyFunction::lanes) are evaluated in double whatever their Precision. Constraints are not
/// known here. Virtual sites are in their places at the end.
/// Source: Liu, Nocedal, Math. Program. 45, 503 (1989), doi:10.1007/BF01589116; for the rule in
/// rounding Hager, Zhang, SIAM J. Optim. 16, 170 (2005), doi:10.1137/030601880.
/// @param x  in and out [B, N, 3], nm; boxes stay as they are
/// @returns  [B]
/// @throws InputError      for a tolerance that is not positive or a frozen atom out of range
/// @throws InternalError   for a virtual site of atoms that are not there
/// @throws NumericalError  naming the first chain whose energy at the start is not finite; the
///                         other chains are relaxed all the same
std::vector<MinimisationResult> minimise(const EnergyFunction& energy, CoordinateBatch& x,
                                         const MinimisationOptions& options);

}  // namespace saltus::engine
