#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "mlsamplers/training/internal_data.h"

namespace saltus::mlsamplers {

/// Angles to be modelled and what each is conditioned on.
struct MixtureFitData {
  struct Part {
    std::vector<double> conditions;  ///< [n, n_angles], rad
    std::vector<double> angles;      ///< [n], rad
  };
  std::size_t n_angles = 0;
  Part training, held_out;
};

/// Ends of leaps: rows of the data that a leap begins and ends at.
struct LeapEnds {
  std::vector<std::size_t> from, to;
};

/// Pairs (t, t + lag) of each series in both directions: equilibrium is time-reversible.
/// @param lag  in frames
LeapEnds lagged_ends(const InternalData& data, std::size_t lag);

/// Every row as an end, with a beginning that is drawn for it from the rows of the same part,
/// balanced over cells of soft torsions (torsion_cells.h): what a leap of infinite lag learns from.
/// Any distribution of beginnings is right for that, and rare ones are seen as often as others.
LeapEnds independent_ends(const InternalData& data, const engine::StepKey& key);

/// Soft torsion i at the end of each leap, given all of them at its beginning and those before i at
/// its end.
MixtureFitData soft_data(const InternalData& data, const LeapEnds& ends, std::size_t i);

/// The folded angle of rotor j of each row, given its soft torsions.
MixtureFitData rotor_data(const InternalData& data, int fold, std::size_t j);

}  // namespace saltus::mlsamplers
