#pragma once

#include <array>
#include <cstddef>

#include "engine/core/aligned_vector.h"
#include "engine/lanes/lane_term.h"
#include "engine/torsions/von_mises_mixture.h"

namespace saltus::engine {

/// Mixtures of the chains of a block, rows of lanes: each lane has the numbers of a
/// VonMisesMixture. Lanes with fewer components than others are filled with weights of 0.
struct MixtureBlock {
  /// Makes room, for one component at least; what is there means nothing then.
  void resize(std::size_t n);
  void set(const std::array<VonMisesMixture, kLaneWidth>& mixtures);
  /// The mixture of a lane, which stays where it is.
  MixtureView view(std::size_t lane) const;

  std::size_t n_components = 0;
  AlignedVector<double> fold, uniform;                   ///< [lane]
  AlignedVector<double> weights, means, concentrations;  ///< [K][lane]
  /// [K][lane], made by prepare_mixtures: (1 - u) w_k / (sum w) / (2 pi exp(-kappa_k) I0(kappa_k)).
  AlignedVector<double> scales;
};

/// Flattens each lane's mixture as VonMisesMixture::flattened does where its power is below 1,
/// mixes a uniform density in, u -> share + (1 - share) u, and makes `scales`.
/// @param power  [lane], in (0, 1]
/// @param share  in [0, 1]
void prepare_mixtures(const double* power, double share, std::size_t n_lanes,
                      MixtureBlock& mixtures);

/// log q of an angle of each lane, by prepared mixtures; NaN where a mixture is none.
/// @param tau  [lane], rad, in [-pi, pi)
/// @param out  [lane]
void mixture_log_densities(const MixtureBlock& mixtures, std::size_t n_lanes, const double* tau,
                           double* out);

}  // namespace saltus::engine
