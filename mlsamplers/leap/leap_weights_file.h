#pragma once

#include <string>

#include "engine/leap/leap_weights.h"
#include "mlsamplers/model/model_card.h"
#include "mlsamplers/model/model_file.h"

namespace saltus::mlsamplers {

inline constexpr const char* kLeapKind = "internal-coordinate leap";

/// What the file of a leap model holds: all that sampling needs (engine::LaneLeap). No LibTorch.
struct LeapFile {
  ModelCard card;
  engine::LeapWeights weights;
};

/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a leap model, is damaged or of another format version
LeapFile load_leap_weights(const std::string& path);
/// The same of a file that has been opened.
/// @throws ModelError
LeapFile read_leap_weights(ModelReader& reader);

}  // namespace saltus::mlsamplers
