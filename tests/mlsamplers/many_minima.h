#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/system/system.h"

namespace saltus::tests {

/// One rigid tetrahedron of atoms of different masses, or of equal ones, that may be anywhere and
/// prefers four orientations R_w, unequally: with b_i the corners, x_i - x the atoms relative to
/// their mean,
///   U = -sum_w D_w exp(-sum_i |x_i - x - R_w b_i|^2 / (2 s^2))
///     = -sum_w D_w exp(-kWidth (1 - cos theta_w)),
/// theta_w the angle of the rotation from R_w. At kHot_K it turns everywhere; at kCold_K it stays
/// at one minimum.
class ManyMinima {
 public:
  static constexpr double kHot_K = 2400.0, kCold_K = 300.0, kEdge_nm = 2.0;
  static constexpr double kWidth = 4.0;
  static constexpr std::size_t kMinima = 4;
  /// Fractions at each minimum, and the rest.
  using Populations = std::array<double, kMinima + 1>;

  /// kEqual: by its masses, but not by its energy, each orientation is one of twelve.
  enum class Masses { kDifferent, kEqual };

  explicit ManyMinima(Masses masses = Masses::kDifferent);

  std::shared_ptr<const engine::RigidBodies> bodies() const { return bodies_; }
  const engine::Canonical& target() const { return *target_; }

  /// Exact draws in their boxes, energies set, without velocities: uniform ones of which exp(-beta
  /// D), D the greatest depth, are taken at least.
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed,
                          double temperature_K = kHot_K) const;
  /// Every chain at one minimum.
  engine::ChainBatch at_minimum(std::size_t minimum, std::size_t n_chains,
                                double temperature_K) const;
  /// Where chains are: the minimum whose theta_w is least, if exp(-kWidth (1 - cos theta_w)) is
  /// above a tenth; kMinima elsewhere.
  std::vector<std::size_t> minima_of(const engine::ChainBatch& chains) const;
  static Populations fractions(const std::vector<std::size_t>& minima);
  /// Largest difference from the exact ones in standard errors of n independent chains.
  static double largest_error(const Populations& populations, double temperature_K, std::size_t n);
  /// By quadrature over SO(3) with n^3 points, in Euler's angles.
  static Populations exact(double temperature_K, std::size_t n);

 private:
  engine::ChainBatch placed(const std::vector<engine::Quaternion>& orientations,
                            double temperature_K) const;

  engine::System system_;
  std::vector<double> positions_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
  std::shared_ptr<const engine::Canonical> target_;
};

}  // namespace saltus::tests
