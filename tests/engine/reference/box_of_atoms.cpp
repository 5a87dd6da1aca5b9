#include "tests/engine/reference/box_of_atoms.h"

#include <cmath>

namespace saltus::tests {

using namespace engine;

Box tilted_box() {
  Box box(kBoxEdges);
  box.bx = 0.4;
  box.cx = -0.5;
  box.cy = 0.6;
  return box;
}

System box_of_atoms(const Box& box) {
  System system;
  system.masses.assign(kBoxAtoms, 40.0);
  system.box = box;
  Nonbonded& nonbonded = system.nonbonded.emplace();
  for (std::size_t n = 0; n < kBoxAtoms; ++n)
    nonbonded.particles.push_back(
        {n % 2 == 0 ? 0.3 : -0.3, n % 3 == 0 ? 0.28 : 0.34, n % 3 == 0 ? 0.4 : 0.996});
  nonbonded.exceptions = {{0, 1, -0.05, 0.3, 0.5}, {3, 6, 0.0, 1.0, 0.0}, {5, 2, 0.04, 0.31, 0.2}};
  nonbonded.method = NonbondedMethod::kCutoffPeriodic;
  nonbonded.cutoff_nm = 0.6;
  return system;
}

std::vector<double> positions_in(const Box& box) {
  std::vector<double> x;
  for (std::size_t n = 0; n < kBoxAtoms; ++n) {
    const double order = static_cast<double>(n);
    const double a =
        (0.4 * static_cast<double>(n % 3) + 0.03 * std::sin(1.7 * order)) / kBoxEdges[0] +
        (n % 4 == 0 ? 1.0 : 0.0);
    const double b = (0.43 * static_cast<double>(n / 3 % 3) + 0.03 * std::sin(2.9 * order + 1.0)) /
                         kBoxEdges[1] -
                     (n % 5 == 0 ? 2.0 : 0.0);
    const double c =
        (0.5 * static_cast<double>(n / 9) + 0.03 * std::sin(4.3 * order + 2.0)) / kBoxEdges[2];
    x.insert(x.end(), {a * box.ax + b * box.bx + c * box.cx, b * box.by + c * box.cy, c * box.cz});
  }
  return x;
}

}  // namespace saltus::tests
