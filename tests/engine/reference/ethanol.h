#pragma once

#include <vector>

#include "engine/system/system.h"

namespace saltus::tests {

enum class Solvent { kNone, kObc1, kObc2, kGbn2 };

/// Ethanol with every kind of energy term, C C O H(O) 3 H(C) 2 H(C). The parameters resemble those
/// of general force fields but are invented: one torsion has an odd phase and period, one is
/// improper, the hydroxyl hydrogen has no Lennard-Jones term and a radius between those of the neck
/// tables.
/// @param cutoff_nm  of nonbonded and solvent terms; 0 means none
engine::System ethanol_system(Solvent solvent, double cutoff_nm);

/// A slightly strained configuration, [9, 3], nm.
const std::vector<double>& ethanol_positions();

}  // namespace saltus::tests
