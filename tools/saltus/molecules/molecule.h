#pragma once

#include <string>
#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"

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
};

/// "ACE-ALA-NME, 22 atoms", or with the fallback name for more than six residues.
std::string describe(const Molecule& molecule, const std::string& fallback_name);

}  // namespace saltus::tools
