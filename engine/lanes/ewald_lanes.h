#pragma once

#include <memory>
#include <vector>

#include "engine/lanes/lane_term.h"
#include "engine/potential/ewald_split.h"
#include "engine/potential/pair_list.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// reference/ewald_waves.h for whole blocks: the part of an Ewald sum that is not made of pairs
/// within the cutoff. Called "nonbonded", as it is a part of that.
/// @param in_waves  PairList::in_waves
std::unique_ptr<const LaneTerm> make_ewald_wave_lanes(const Nonbonded& nonbonded,
                                                      const EwaldSplit& split,
                                                      const std::vector<PairParameters>& in_waves);

}  // namespace saltus::engine
