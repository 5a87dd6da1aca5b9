#pragma once

#include <string>

#include "io/report/comparison_data.h"

namespace saltus::io {

/// The comparison as JSON (RFC 8259), indented by two: keys in a fixed order, in snake case, with
/// the unit in the name; numbers that are not known are null. Without the curves of free energies
/// and points, which are for figures. Ends with a line feed.
std::string comparison_to_json(const ComparisonData& data);

/// Version of the keys; changes when one is renamed or changes its meaning.
constexpr int kComparisonSchema = 1;

}  // namespace saltus::io
