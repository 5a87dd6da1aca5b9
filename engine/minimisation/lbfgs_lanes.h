#pragma once

#include <cstddef>

#include "engine/core/aligned_vector.h"
#include "engine/lanes/lane_term.h"

namespace saltus::engine {

/// Pairs that an inverse Hessian is made of.
constexpr std::size_t kLbfgsPairs = 6;

/// A block of points that are being minimised (engine/lanes/lane_term.h): [value][lane], or [lane].
struct LbfgsBlock {
  explicit LbfgsBlock(std::size_t n_values);

  std::size_t n_values;
  std::size_t n_lanes = 0;                    ///< lanes beyond them are left alone
  AlignedVector<double> x, forces;            ///< nm, kJ/mol/nm
  AlignedVector<double> trial, trial_forces;  ///< the point to be judged
  AlignedVector<double> direction;            ///< H F, nm
  AlignedVector<double> steps, force_drops;   ///< [pair][value][lane]: s and y
  AlignedVector<double> weights;              ///< [pair][lane]: 1 / s.y; 0: no pair
  AlignedVector<double> compliance;           ///< H0, nm^2 mol/kJ
  AlignedVector<double> sy, ss, yy, f2;       ///< of the newest pair; |trial_forces|^2
  AlignedVector<double> slope, reach;         ///< F.HF; largest |HF| of a coordinate
  std::size_t newest = 0;                     ///< pair; older ones follow in a ring

  double* step(std::size_t pair) { return steps.data() + pair * n_values * kLaneWidth; }
  double* force_drop(std::size_t pair) { return force_drops.data() + pair * n_values * kLaneWidth; }
};

/// Takes s = trial - x and y = forces - trial_forces as the newest pair, over the oldest one; sets
/// sy, ss, yy and f2. The weight is for the caller to set.
void take_pair(LbfgsBlock& block);

/// x = trial and forces = trial_forces in the lanes where `which` [lane] is 1, not 0.
void take_trial(LbfgsBlock& block, const double* which);

/// direction = H F by the two loops over the pairs; sets slope and reach. A lane with a pair whose
/// weight is 0 needs finite values in it.
void find_direction(LbfgsBlock& block);

/// trial = x + factors direction; x itself where the factor is 0, whatever the direction is
/// @param factors  [lane]
void set_trial(LbfgsBlock& block, const double* factors);

}  // namespace saltus::engine
