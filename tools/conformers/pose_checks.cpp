#include "tools/conformers/pose_checks.h"

#include <cmath>
#include <limits>

#include "engine/core/text.h"
#include "engine/core/units.h"

namespace saltus::tools {

namespace {

double distance(engine::Span<const double> x, std::size_t i, std::size_t j) {
  return std::hypot(x[3 * i] - x[3 * j], x[3 * i + 1] - x[3 * j + 1], x[3 * i + 2] - x[3 * j + 2]);
}

std::string in_angstrom(double value_nm) {
  return engine::fixed_text(engine::kAngstromPerNm * value_nm, 2);
}

}  // namespace

std::string impossible_bond(const engine::System& system, const forcefields::ChemMolecule& molecule,
                            engine::Span<const double> x) {
  constexpr double kMost_nm = 0.05;
  if (!system.mmff) return "";
  for (const engine::MmffBond& bond : system.mmff->bonds) {
    const double length = distance(x, bond.i, bond.j);
    if (std::abs(length - bond.length_nm) <= kMost_nm) continue;
    return "bond " + molecule.topology.atoms[bond.i].name + "-" +
           molecule.topology.atoms[bond.j].name + " is " + in_angstrom(length) +
           " angstrom long, expected about " + in_angstrom(bond.length_nm);
  }
  return "";
}

std::string clash(const engine::System& system, const forcefields::ChemMolecule& molecule,
                  engine::Span<const double> x) {
  constexpr double kCoincident_nm = 1e-3, kShare = 0.5;
  if (!system.mmff) return "";
  const auto is_heavy = [&](std::size_t i) { return molecule.topology.atoms[i].atomic_number > 1; };
  double closest = std::numeric_limits<double>::infinity();
  std::string text;
  for (const engine::MmffPair& pair : system.mmff->pairs) {
    const double r = distance(x, pair.i, pair.j);
    const bool heavy = is_heavy(pair.i) && is_heavy(pair.j);
    if (r >= (heavy ? kShare * pair.r_min_nm : kCoincident_nm) || r >= closest) continue;
    closest = r;
    text = "atoms " + molecule.topology.atoms[pair.i].name + " and " +
           molecule.topology.atoms[pair.j].name + " are " + in_angstrom(r) + " angstrom apart";
  }
  return text;
}

}  // namespace saltus::tools
