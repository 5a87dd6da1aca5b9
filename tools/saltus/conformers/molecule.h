#pragma once

#include "tools/saltus/conformers/record.h"

namespace saltus::tools {

/// Makes conformers of one record: reading, choice of configuration, embedding, relaxation, choice
/// of conformers; configurations are verified after embedding and after relaxation. The result
/// depends on record number, molecule and settings only (unless time runs out). Never throws for a
/// molecule: what is wrong with it is in the outcome.
ConformerOutcome make_conformers(const ConformerRecord& record, const ConformerSettings& settings);

}  // namespace saltus::tools
