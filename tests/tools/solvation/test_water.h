#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/vec3.h"
#include "engine/system/box.h"
#include "forcefields/ffxml/force_field_files.h"
#include "io/formats/pdb.h"
#include "tools/solvation/water_box.h"

namespace saltus::tests {

/// A box of equilibrated water of OpenMM's Python package: "tip3p", "tip4pew" or "spce".
inline tools::WaterBox test_water(const std::string& model) {
  const std::string path = forcefields::find_force_field_file(model + ".pdb", {});
  const io::PdbStructure pdb = io::read_pdb(path);
  return tools::water_box_of(pdb.topology, pdb.positions.chain(0), pdb.box->edges_nm, path);
}

/// The shortest image of d, by trying all of those around it: for d between two places of the box's
/// brick, and boxes in reduced form.
inline double shortest_of_all_images(const engine::Box& box, engine::Vec3 d) {
  double shortest = norm(d);
  for (int c = -2; c <= 2; ++c)
    for (int b = -2; b <= 2; ++b)
      for (int a = -2; a <= 2; ++a)
        shortest =
            std::min(shortest, norm(engine::Vec3{d.x + a * box.ax + b * box.bx + c * box.cx,
                                                 d.y + b * box.by + c * box.cy, d.z + c * box.cz}));
  return shortest;
}

}  // namespace saltus::tests
