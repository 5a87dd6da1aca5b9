#pragma once

#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

/// How the work on one molecule of many ended.
enum class MoleculeStatus {
  kOk,
  kPartialTimeout,
  kPartial,        ///< fewer than asked for, though more should be possible
  kPoorlySampled,  ///< draws, but too few effective samples to rely on
  kParseSyntax,
  kParseValence,
  kParseAromatic,
  kEmpty,
  kDisconnected,
  kTooLarge,
  kNoParameters,
  kEmbedFailed,
  kStereoImpossible,
  kStereoUnspecified,
  kStereoUnsupported,  ///< a configuration is given that cannot be represented or kept
  kTimeout,
  kNoCoordinates,
  kCoreNotFound,   ///< what is to be held is not in the molecule
  kCoreAmbiguous,  ///< it is there several times
  kInternal,
};

/// "OK", "PARTIAL_TIMEOUT", "PARSE_SYNTAX" ...: the words of reports, which other programs read.
std::string status_word(MoleculeStatus status);

/// Whether there are conformers to show for it.
bool has_conformers(MoleculeStatus status);

/// Why there will be no conformers of a molecule; the others continue.
class MoleculeFailure final : public Error {
 public:
  MoleculeFailure(MoleculeStatus status, const std::string& message)
      : Error(message, 65), status_(status) {}
  MoleculeStatus status() const { return status_; }

 private:
  MoleculeStatus status_;
};

}  // namespace saltus::engine
