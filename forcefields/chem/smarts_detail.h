#pragma once

#include <GraphMol/GraphMol.h>

#include <memory>
#include <string>

namespace saltus::forcefields::detail {

/// The query of a SMARTS string.
/// @throws InputError  with the column, from 1, of what cannot be read, and why
std::unique_ptr<RDKit::ROMol> read_smarts(const std::string& smarts);

}  // namespace saltus::forcefields::detail
