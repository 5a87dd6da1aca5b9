#pragma once

#include <GraphMol/GraphMol.h>

#include <string>

namespace saltus::forcefields::detail {

/// Puts the charges of the record's field atom.dprop.PartialCharge on the atoms; what is wrong with
/// the field is kept for given_charges() to say, since most readers do not want them.
/// @param record  of an SD file, data fields included
void keep_given_charges(const std::string& record, RDKit::RWMol& molecule);

}  // namespace saltus::forcefields::detail
