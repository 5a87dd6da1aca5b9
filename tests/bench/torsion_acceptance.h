#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/torsion_molecules.h"

namespace saltus::tests {

/// Acceptance at 300 K of resets of one, two and three torsions of unseen molecules of the size of
/// drugs, with torsions from the network, from histograms of the same molecule at 300 K (the best
/// product of densities of single torsions) and from nothing known; prints as it goes.
nlohmann::ordered_json measure_acceptance(const TorsionBenchOptions& options,
                                          const Network& network);

}  // namespace saltus::tests
