#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/system/system.h"

namespace saltus::tests {

/// A frame of the fixture ice_xi: TIP4P-Ew water in a periodic box, with Ewald sums, a switching
/// function from 0.9 times the cutoff on and the dispersion correction. Molecules are four
/// particles each, oxygen, two hydrogens and the site. Source: Horn et al., JCP 120, 9665 (2004),
/// doi:10.1063/1.1683075.
struct IceXiFrame {
  engine::System system;          ///< without constraints
  std::vector<double> positions;  ///< [N, 3], nm, as in the file: rounded to float
};

/// Path of a frame, such as that of "model-iceXI_T100_N16".
std::string ice_xi_path(const std::string& name);
/// Nothing when the file is not there.
std::optional<IceXiFrame> read_ice_xi(const std::string& name, double cutoff_nm);

/// Holds all molecules rigid, as TIP4P-Ew has them.
void add_rigid_water(engine::System& system);

}  // namespace saltus::tests
