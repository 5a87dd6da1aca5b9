#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/vec3.h"
#include "engine/system/topology.h"

namespace saltus::tools {

/// A rectangular periodic box of equilibrated water, of which larger boxes are made.
struct WaterBox {
  std::array<double, 3> edges_nm{};
  std::vector<engine::Atom> sites;    ///< [n_sites], of one molecule, its oxygen first
  std::vector<engine::Vec3> oxygens;  ///< [n], nm
  std::vector<engine::Vec3> offsets;  ///< [n, n_sites], nm, of each site from its oxygen

  std::size_t n_molecules() const { return oxygens.size(); }
  /// Molecules in one nm^3.
  double density() const;
};

/// The same from the content of a file.
/// @param positions  [N, 3], nm, whole molecules
/// @param source     starts messages
/// @throws InputError  when a residue is not a molecule of water with its oxygen first, or not like
///                     the first one; when the box is no box, or its density not that of water
WaterBox water_box_of(const engine::Topology& topology, engine::Span<const double> positions,
                      const std::array<double, 3>& edges_nm, const std::string& source);

}  // namespace saltus::tools
