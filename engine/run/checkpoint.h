#pragma once

#include <cstdint>
#include <string>

#include "engine/ensemble/chain_batch.h"

namespace saltus::engine {

/// Everything a run needs to continue as if it had never stopped. Random numbers are functions of
/// seed and step, so no generator state is kept.
struct Checkpoint {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;            ///< steps done
  std::uint64_t frames_written = 0;  ///< valid frames per chain in the trajectory
  std::string deck_digest;           ///< of the resolved deck; another deck is refused
  std::string
      run_record_json;  ///< what a report needs beyond the trajectory; the program owns its form
  ChainBatch chains;
};

}  // namespace saltus::engine
