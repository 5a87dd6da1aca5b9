#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/torsion_molecules.h"

namespace saltus::tests {

/// Torsion populations of the command's Boltzmann sampler against replica exchange without torsion
/// moves, and effective samples of the slowest torsion per energy evaluation of both and of hybrid
/// Monte Carlo at 300 K alone, on unseen molecules with 3 to 8 rotors; prints as it goes.
///
/// Both samplers' errors come from the scatter of independent chains (ladders of runs with
/// different seeds). Chains of hybrid Monte Carlo start in frames of the first sampler; stuck
/// ones still count as one sample each, so that its efficiency is an upper bound.
nlohmann::ordered_json measure_boltzmann(const TorsionBenchOptions& options,
                                         const Network& network);

}  // namespace saltus::tests
