#pragma once

#include <memory>
#include <string>

#include "tests/bench/bench_systems.h"

namespace saltus::tests {

/// Energies and forces by another program, at its own interface and in its own units and types, so
/// that nothing of Saltus is in the time. Each call takes the next configuration.
class OtherProgram {
 public:
  virtual ~OtherProgram() = default;
  /// Energy, kJ/mol, and forces of the next configuration; the first call takes the first.
  virtual double evaluate() = 0;
};

/// OpenMM: setPositions and getState(Energy | Forces) of one Context. The CPU platform gets one
/// thread.
/// @throws InternalError  when the implicit solvent would need OpenMM's slow CustomGBForce: no fair
///                        comparison
std::unique_ptr<OtherProgram> openmm_program(std::shared_ptr<const BenchSystem> system,
                                             const std::string& platform);

/// RDKit: calcEnergy and calcGrad of one MMFF94 force field, all pairs.
std::unique_ptr<OtherProgram> rdkit_program(std::shared_ptr<const BenchSystem> system);

}  // namespace saltus::tests
