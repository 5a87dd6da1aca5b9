#pragma once

#include <string>

#include "tools/saltus/conformers/record.h"

namespace saltus::tools {

/// A record and what came of it, for another run of the same version of the program: all that
/// outputs use.
std::string outcome_bytes(const ConformerRecord& record, const ConformerOutcome& outcome);

/// Puts them back; the outcome is the record's.
/// @param what  the file they come from, for messages
/// @throws FileError  when the bytes are none
ConformerRecord record_of_bytes(std::string bytes, const std::string& what);

}  // namespace saltus::tools
