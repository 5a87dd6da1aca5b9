#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/units.h"
#include "engine/system/system.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::tools {

/// How atoms are held where a pose has them: free within a radius, pulled back beyond it.
struct PoseRestraint {
  double flat_radius_nm = 0.3 * engine::kNmPerAngstrom;  ///< 0: harmonic
  /// kJ/mol/nm^2, in E = k/2 max(0, d - flat radius)^2, d the distance from the place in the pose.
  double k = 100.0 * engine::kKJPerKcal * engine::kAngstromPerNm * engine::kAngstromPerNm;
};

/// The heavy atoms, or all of a molecule that has none; indices.
std::vector<std::size_t> restrained_atoms(const forcefields::ChemMolecule& molecule);

/// The system with these atoms held at positions x.
/// @param x  [N, 3], nm
engine::System with_pose_restraints(engine::System system, const std::vector<std::size_t>& atoms,
                                    engine::Span<const double> x, const PoseRestraint& restraint);

}  // namespace saltus::tools
