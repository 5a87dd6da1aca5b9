#pragma once

#include <OpenMM.h>

#include <cstddef>
#include <memory>

namespace saltus::openmm_plugin {

/// Energies and forces of many configurations of a System at once, by the lanes of Saltus, which
/// read the forces of the System as data; no Context. Positions and energies are double, forces
/// are computed in float.
class BatchEnergy {
 public:
  /// @param threads  0: as many as the machine has cores; results do not depend on it
  /// @throws OpenMMException  naming the force that the lanes do not have, or an option of it
  explicit BatchEnergy(const OpenMM::System& system, int threads = 0);
  ~BatchEnergy();

  int getNumParticles() const;
  /// All configurations have the default box of the System, if it has one.
  /// @param positions  [B, N, 3], nm
  /// @param energies   out [B], kJ/mol; +inf where atoms coincide
  /// @param forces     out [B, N, 3], kJ/mol/nm; null: not wanted
  /// @throws OpenMMException  when the box is too small for the cutoff
  void evaluate(const double* positions, std::size_t n_configurations, double* energies,
                double* forces) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace saltus::openmm_plugin
