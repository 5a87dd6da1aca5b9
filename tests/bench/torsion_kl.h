#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/torsion_molecules.h"

namespace saltus::tests {

/// Torsion KL and circular W1 of the network alone, ETKDG and nothing known, against long replica
/// exchange of unseen molecules, and the CPU time of the network; prints as it goes.
nlohmann::ordered_json measure_kl(const TorsionBenchOptions& options, const Network& network);

/// The same against ensembles by others (parallel-tempering hybrid Monte Carlo of VonMisesNet's
/// authors), our own replica exchange included.
nlohmann::ordered_json measure_pt_hmc(const TorsionBenchOptions& options, const Network& network);

}  // namespace saltus::tests
