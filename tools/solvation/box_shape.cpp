#include "tools/solvation/box_shape.h"

#include <cmath>

#include "engine/core/error.h"

namespace saltus::tools {

std::optional<BoxShape> box_shape_named(const std::string& name) {
  if (name == "cube") return BoxShape::kCube;
  if (name == "dodecahedron") return BoxShape::kDodecahedron;
  if (name == "octahedron") return BoxShape::kOctahedron;
  return std::nullopt;
}

engine::Box shaped_box(BoxShape shape, double edge_nm) {
  engine::Box box({edge_nm, edge_nm, edge_nm});
  switch (shape) {
    case BoxShape::kCube:
      return box;
    case BoxShape::kDodecahedron:
      box.cx = box.cy = 0.5 * edge_nm;
      box.cz = std::sqrt(0.5) * edge_nm;
      return box;
    case BoxShape::kOctahedron:
      box.bx = edge_nm / 3.0;
      box.by = std::sqrt(8.0) / 3.0 * edge_nm;
      box.cx = -box.bx;
      box.cy = 0.5 * box.by;  // exactly, as the reduced form asks for at most half
      box.cz = std::sqrt(6.0) / 3.0 * edge_nm;
      return box;
  }
  throw engine::InternalError("unknown shape of a box");
}

double edge_of_volume(BoxShape shape, double volume_nm3) {
  return std::cbrt(volume_nm3 / shaped_box(shape, 1.0).volume());
}

double rounded_up_edge(double edge_nm) {
  constexpr double kPerNm = 1e4;
  // A length that has so many decimals stays, whatever its last binary digit.
  constexpr double kTolerance = 1e-6;
  return std::ceil(edge_nm * kPerNm - kTolerance) / kPerNm;
}

}  // namespace saltus::tools
