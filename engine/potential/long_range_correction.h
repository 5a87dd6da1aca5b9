#pragma once

#include "engine/system/system.h"

namespace saltus::engine {

/// Mean Lennard-Jones energy that the cutoff and the switching function leave out in a periodic box
/// of volume V whose N particles are spread evenly, kJ/mol; 0 unless
/// Nonbonded::long_range_correction:
///   E = 8 pi N^2 / V <epsilon (sigma^12 / (9 r_c^9) - sigma^6 / (3 r_c^3)
///       + integral_(r_s)^(r_c) (1 - S(r)) (sigma^12 / r^12 - sigma^6 / r^6) r^2 dr)>,
/// <> the mean over all N (N + 1) / 2 pairs, those of a particle with itself included, as OpenMM's
/// NonbondedForce has it; r_s is the switching distance and S the switching function.
/// Source: Shirts et al., JPCB 111, 13052 (2007), doi:10.1021/jp0735987.
class LongRangeCorrection {
 public:
  /// @throws InputError  when it is not finite
  explicit LongRangeCorrection(const Nonbonded& nonbonded);

  bool is_zero() const { return mean_ == 0.0; }
  /// kJ/mol
  /// @param volume  of the box, nm^3
  double energy(double volume) const;

 private:
  double pairs_ = 0.0;  ///< 8 pi N^2
  double mean_ = 0.0;   ///< the mean <>, kJ/mol nm^3
};

}  // namespace saltus::engine
