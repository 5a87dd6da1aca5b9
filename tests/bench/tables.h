#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench_systems.h"
#include "tests/bench/dynamics_measurements.h"
#include "tests/bench/measurement.h"

namespace saltus::tests {

/// What was measured, as Markdown: how and where, times, ratios, scaling, memory. What was not run
/// is "-"; tables of which nothing was run are left out.
std::string markdown_tables(const std::vector<std::shared_ptr<const BenchSystem>>& systems,
                            const Results& results, const MemoryGrowth& memory);

}  // namespace saltus::tests
