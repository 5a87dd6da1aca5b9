#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::forcefields {
struct ChemMolecule;
}

namespace saltus::tools {

/// A molecule ready to be simulated, and notes on it for the user.
struct Molecule {
  engine::Topology topology;
  engine::System system;
  std::vector<double> positions;  ///< [N, 3], nm
  std::vector<double> charges;    ///< [N], e; empty when the force field has none
  std::string force_field;        ///< names, for messages
  std::string system_xml;         ///< file the system was read from, when OpenMM can read it, too
  std::vector<std::string> force_field_files;  ///< force-field XML that was read, paths
  std::vector<std::string> notes;
  /// With bond orders, without coordinates; null when the input has none (PDB, AMBER).
  std::shared_ptr<const forcefields::ChemMolecule> chem;

  /// The positions [1, N, 3] in the box of the system, if it has one; valid as long as both.
  engine::ConstCoordinates view() const {
    return {positions.data(), 1, system.n_atoms(),
            system.box ? engine::Span<const engine::Box>(&*system.box, 1)
                       : engine::Span<const engine::Box>()};
  }
};

/// Positions moved onto the constraints, which files have rounded off.
/// @param positions  [N, 3], nm
/// @throws NumericalError  when that cannot be done
std::vector<double> on_constraints(const engine::System& system, std::vector<double> positions);

/// "ACE-ALA-NME, 22 atoms", or with the fallback name for more than six residues.
std::string describe(const Molecule& molecule, const std::string& fallback_name);

}  // namespace saltus::tools
