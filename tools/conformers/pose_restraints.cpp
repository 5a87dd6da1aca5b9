#include "tools/conformers/pose_restraints.h"

#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

std::vector<std::size_t> restrained_atoms(const forcefields::ChemMolecule& molecule) {
  return forcefields::shape_atoms(molecule);
}

engine::System with_pose_restraints(engine::System system, const std::vector<std::size_t>& atoms,
                                    engine::Span<const double> x, const PoseRestraint& restraint) {
  for (const std::size_t atom : atoms)
    system.position_restraints.push_back({atom,
                                          {x[3 * atom], x[3 * atom + 1], x[3 * atom + 2]},
                                          restraint.k,
                                          restraint.flat_radius_nm});
  return system;
}

}  // namespace saltus::tools
