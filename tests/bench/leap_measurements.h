#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench_systems.h"
#include "tests/bench/measurement.h"

namespace saltus::tests {

/// Names of what leap_measurements() measures.
constexpr const char* kLeapName = "leap/draw";
constexpr const char* kLeapEnergyName = "leap/energy_double";
/// Names of what torsion_reset_measurements() measures.
constexpr const char* kTorsionResetName = "leap/torsion_reset";
constexpr const char* kTorsionResetEnergyName = "leap/torsion_reset_energy_double";
constexpr std::size_t kLeapChains = 1024;

/// The learned leap of data/models, both densities and the draw, and one energy without forces in
/// double precision of the same molecule, alanine dipeptide in implicit solvent: CPU time of one
/// thread; a unit is a chain.
/// @throws FileError, ModelError  from the model's file
std::vector<Measurement> leap_measurements(std::shared_ptr<const BenchSystem> system);

/// A reset of one torsion by the torsion network of data/models, both densities and the draw, and
/// one energy as above, of a molecule with bond orders.
/// @throws FileError, ModelError  from the network's file
std::vector<Measurement> torsion_reset_measurements(std::shared_ptr<const BenchSystem> system);

}  // namespace saltus::tests
