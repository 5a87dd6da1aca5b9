#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace saltus::tools {

/// Seed of one molecule of many: the same for the same user's seed, record and molecule, whatever
/// the threads and the other molecules. Never 0.
/// @param smiles  canonical
std::uint64_t molecule_seed(std::uint64_t seed, std::size_t record, const std::string& smiles);

}  // namespace saltus::tools
