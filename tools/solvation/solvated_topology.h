#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "engine/core/vec3.h"
#include "engine/system/topology.h"
#include "tools/solvation/ions.h"
#include "tools/solvation/water_filling.h"

namespace saltus::tools {

/// Puts solute, ions and water one after the other. Ions and water are in chains of their own,
/// whose identifiers the solute does not have; residues are numbered from 1, and after 9999 a new
/// chain begins, so that chain and number name each residue in files with four columns for it (as
/// long as the 62 letters and digits last; then chains have no identifier).
class SolvatedParts {
 public:
  /// @param positions  [N, 3], nm, of the solute
  SolvatedParts(const engine::Topology& solute, const std::vector<double>& positions);

  void add_ion(const Ion& ion, engine::Vec3 place);
  /// Molecule n of the water.
  void add_water(const std::vector<engine::Atom>& sites, const FilledWater& water, std::size_t n);

  const engine::Topology& topology() const { return topology_; }
  const std::vector<double>& positions() const { return positions_; }

 private:
  void begin_chain();
  void add_residue(const std::string& name);
  void add_atom(const std::string& name, int atomic_number, engine::Vec3 place);

  engine::Topology topology_;
  std::vector<double> positions_;
  std::set<std::string> identifiers_;  ///< of chains
  engine::Residue last_;               ///< of the chain in hand
  bool in_ions_ = false, in_water_ = false;
};

}  // namespace saltus::tools
