#include "engine/conformers/molecule_status.h"

namespace saltus::engine {

std::string status_word(MoleculeStatus status) {
  switch (status) {
    case MoleculeStatus::kOk:
      return "OK";
    case MoleculeStatus::kPartialTimeout:
      return "PARTIAL_TIMEOUT";
    case MoleculeStatus::kPartial:
      return "PARTIAL";
    case MoleculeStatus::kPoorlySampled:
      return "POORLY_SAMPLED";
    case MoleculeStatus::kParseSyntax:
      return "PARSE_SYNTAX";
    case MoleculeStatus::kParseValence:
      return "PARSE_VALENCE";
    case MoleculeStatus::kParseAromatic:
      return "PARSE_AROMATIC";
    case MoleculeStatus::kEmpty:
      return "EMPTY";
    case MoleculeStatus::kDisconnected:
      return "DISCONNECTED";
    case MoleculeStatus::kTooLarge:
      return "TOO_LARGE";
    case MoleculeStatus::kNoParameters:
      return "NO_PARAMETERS";
    case MoleculeStatus::kEmbedFailed:
      return "EMBED_FAILED";
    case MoleculeStatus::kStereoImpossible:
      return "STEREO_IMPOSSIBLE";
    case MoleculeStatus::kStereoUnspecified:
      return "STEREO_UNSPECIFIED";
    case MoleculeStatus::kStereoUnsupported:
      return "STEREO_UNSUPPORTED";
    case MoleculeStatus::kTimeout:
      return "TIMEOUT";
    case MoleculeStatus::kNoCoordinates:
      return "NO_COORDINATES";
    case MoleculeStatus::kCoreNotFound:
      return "CORE_NOT_FOUND";
    case MoleculeStatus::kCoreAmbiguous:
      return "CORE_AMBIGUOUS";
    case MoleculeStatus::kInternal:
      break;
  }
  return "INTERNAL";
}

bool has_conformers(MoleculeStatus status) {
  return status == MoleculeStatus::kOk || status == MoleculeStatus::kPartialTimeout ||
         status == MoleculeStatus::kPartial || status == MoleculeStatus::kPoorlySampled;
}

}  // namespace saltus::engine
