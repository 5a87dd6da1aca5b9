#pragma once

#include <cstddef>
#include <string>

#include "tests/validation/ensemble_ratio.h"

namespace saltus::tests {

/// What every frame of a trajectory says, by chain, of the chains at one temperature.
/// @param name  an observable of the file
ChainSeries observable_of(const std::string& trajectory, const std::string& name,
                          double temperature_K);

/// Kinetic energy of each frame and chain, kJ/mol: the sum of m v^2 / 2 over the atoms of one kind.
/// @param kind  1: hydrogens, 2: all others, 3: all
ChainSeries kinetic_energies(const std::string& trajectory, int kind);

/// Number of atoms of that kind.
std::size_t n_atoms(const std::string& trajectory, int kind);

}  // namespace saltus::tests
