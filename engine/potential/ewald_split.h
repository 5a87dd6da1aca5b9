#pragma once

#include <array>
#include <limits>

#include "engine/system/system.h"

namespace saltus::engine {

/// alpha of an Ewald sum, 1/nm: the given one, else sqrt(-ln(2 tolerance)) / cutoff, as in OpenMM.
double ewald_alpha(const Nonbonded& nonbonded);

/// How an Ewald sum is split between space and waves. With k_C the Coulomb constant and V the
/// volume of the box, it is
///   sum over pairs within the cutoff, nearest images, of k_C q_i q_j erfc(alpha r) / r
///   + k_C / (2 pi V) sum_(m != 0) exp(-pi^2 m^2 / alpha^2) / m^2 |sum_j q_j exp(2 pi i m r_j)|^2
///   - k_C alpha / sqrt(pi) sum_j q_j^2
///   - sum over exceptions of k_C q_i q_j erf(alpha r) / r, with the charges of the particles,
/// over m = n_a a* + n_b b* + n_c c* with whole n. Exceptions interact by their own charge product
/// over r besides; they use positions as they are. The wave m = 0 is left out and nothing stands
/// for it, as in OpenMM 7.7: of a box with a net charge Q the constant
/// -k_C pi Q^2 / (2 V alpha^2), a background of the opposite charge, is missing, so that its energy
/// depends on alpha.
///
/// kEwald takes the waves that OpenMM takes, |n| up to limits from the edges of the system's own
/// box; they stay when boxes change. kPme takes all waves that matter in the box of each chain:
/// those left out are a hundred times smaller, by exp(-pi^2 m^2 / alpha^2), than the pairs beyond
/// the cutoff. There is no grid, whose error is OpenMM's alone.
/// Ewald, Ann. Phys. 369, 253 (1921), doi:10.1002/andp.19213690304.
class EwaldSplit {
 public:
  /// @param box  of the system
  /// @throws InputError  when so many waves are needed that an energy would take minutes, as of a
  ///                     box much too large for its atoms or of a tiny tolerance
  EwaldSplit(const Nonbonded& nonbonded, const Box& box);

  /// 1/nm; see ewald_alpha
  double alpha() const { return alpha_; }
  /// kJ/mol: what each charge would feel of its own screening charge.
  double self_energy() const { return self_energy_; }
  /// |m| at most this, 1/nm; infinite with kEwald.
  double longest_wave_vector() const { return longest_; }
  /// The largest |n_a|, |n_b|, |n_c| in a box.
  std::array<long, 3> largest_indices(const Box& box) const;

 private:
  double alpha_ = 0.0, self_energy_ = 0.0;
  double longest_ = std::numeric_limits<double>::infinity();
  std::array<long, 3> fixed_{};  ///< kEwald only
};

}  // namespace saltus::engine
