#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/conformers/make_conformers.h"

namespace saltus::tools {

/// One record of the input.
struct ConformerRecord : NamedMolecule {
  std::string text;  ///< the line as it was; of SDF records nothing
  /// Names and values of the data fields of an SD record.
  std::vector<std::pair<std::string, std::string>> fields;
  double input_fraction = 0.0;  ///< share of the inputs read so far; 0 where nobody knows
  std::shared_ptr<const ConformerOutcome> outcome;  ///< by an earlier run, a shard; usually null
};

}  // namespace saltus::tools
