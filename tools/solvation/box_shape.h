#pragma once

#include <optional>
#include <string>

#include "engine/system/box.h"

namespace saltus::tools {

/// Shapes of periodic boxes whose nearest images are all equally far: of the same distance, the
/// dodecahedron has 71 % and the octahedron 77 % of the cube's volume.
enum class BoxShape { kCube, kDodecahedron, kOctahedron };

/// "cube", "dodecahedron" or "octahedron"; nothing for another name.
std::optional<BoxShape> box_shape_named(const std::string& name);

/// The shape with edge vectors of this length, which is the distance of nearest images, in reduced
/// form: rhombic dodecahedron (1, 0, 0), (0, 1, 0), (1/2, 1/2, sqrt(2)/2); truncated octahedron
/// (1, 0, 0), (1/3, 2 sqrt(2)/3, 0), (-1/3, sqrt(2)/3, sqrt(6)/3).
/// Source: Bekker, J. Comput. Chem. 18, 1930 (1997),
/// doi:10.1002/(SICI)1096-987X(19971130)18:15<1930::AID-JCC8>3.0.CO;2-P.
engine::Box shaped_box(BoxShape shape, double edge_nm);

/// Edge of the box of this shape that has a volume in nm^3.
double edge_of_volume(BoxShape shape, double volume_nm3);

/// The next length that files with three decimals of an angstrom hold, so that the box of the file
/// is the one that was filled.
double rounded_up_edge(double edge_nm);

}  // namespace saltus::tools
