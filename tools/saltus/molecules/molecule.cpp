#include "tools/saltus/molecules/molecule.h"

#include <utility>

#include "engine/dynamics/integrator.h"

namespace saltus::tools {

std::vector<double> on_constraints(const engine::System& system, std::vector<double> positions) {
  engine::CoordinateBatch batch(1, system.n_atoms());
  batch.values() = std::move(positions);
  engine::Integrator("system.constraints", engine::moving_particles(system))
      .project_positions(batch);
  return std::move(batch.values());
}

std::string describe(const Molecule& molecule, const std::string& fallback_name) {
  constexpr std::size_t kMaxListed = 6;
  const auto& residues = molecule.topology.residues;
  std::string name = fallback_name;
  if (residues.size() <= kMaxListed) {
    name.clear();
    for (const engine::Residue& residue : residues)
      name += (name.empty() ? "" : "-") + residue.name;
  }
  return name + ", " + std::to_string(molecule.topology.n_atoms()) + " atoms";
}

}  // namespace saltus::tools
