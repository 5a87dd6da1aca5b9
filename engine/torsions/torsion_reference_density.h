#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "engine/ensemble/reference_density.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "engine/torsions/torsion_reset.h"

namespace saltus::engine {

/// How the density of a TorsionReferenceDensity is made.
struct TorsionReferenceDensityOptions {
  double temperature_K = 300.0;  ///< of the samples, and of the draws
  /// The model's densities are flattened when hotter.
  double model_temperature_K = TorsionResetOptions{}.model_temperature_K;
  /// Share of the uniform density in each torsion's, (0, 1]; more than resets need, since weights
  /// must stay bounded.
  double uniform = 0.1;
  /// Covariances are multiplied by this, >= 1: a density too wide costs little, one too narrow
  /// makes weights of infinite variance.
  double inflation = 1.1;
  /// Correlations of the samples are multiplied by 1 - this, in [0, 1]; 1 leaves variances only.
  double shrinkage = 0.05;
};

/// A density of all coordinates of one molecule up to rigid motion that can be drawn from:
///   p0(x) = (1/M) sum_m prod_b q_b(tau_b | tau_{<b}, signs of m) N(y; mean_m, C) / J(x),
/// tau: the torsions of the graph, y: all other internal coordinates (bond lengths, angles, offsets
/// of torsions, ring torsions), m: reference geometries, which differ in ring puckers and signs of
/// nitrogens; C is common to all. J = prod b^2 sin(theta), the Z-matrix's volume element
/// (cartesian_to_internal). Normalised: integral of p0 over x and a volume of rigid motions
/// dR = 8 pi^2 V is 8 pi^2 V; unit nm^(3 - 3N).
///
/// The Z-matrix places one leading atom beyond each bond b at the torsion phi_b. Turning the bond
/// moves tau_b and phi_b alike, so tau_b = phi_b + f(y), and the change from (y, phi) to (y, tau)
/// is unit triangular: no factor appears.
///
/// Torsions among y differ from their mean by an angle in [-pi, pi), bond angles lie in (0, pi),
/// bond lengths are positive. Draws of the Gaussian beyond are reported as invalid; as draws of
/// weight zero they keep importance sampling exact. A torsion among y that spreads over more than
/// 1 rad (those about a linear chain of atoms) is uniform.
class TorsionReferenceDensity final : public ReferenceDensity {
 public:
  /// @param references  [M, N, 3], nm, M >= 1
  /// @param samples     [M * S, N, 3], nm, S >= 2: those of reference m in rows m S .. m S + S - 1,
  ///                    from near it (dynamics at temperature_K); torsions of the graph do not
  ///                    matter, other coordinates make mean_m and C
  /// @throws InputError  when sizes do not fit, an option is out of range, fewer than 4 atoms, the
  ///                     molecule is not connected, a torsion's bond does not turn, or the
  ///                     coordinates do not vary (naming what is wrong)
  TorsionReferenceDensity(std::shared_ptr<const TorsionGraph> graph,
                          std::shared_ptr<const TorsionModel> model,
                          const CoordinateBatch& references, const CoordinateBatch& samples,
                          const TorsionReferenceDensityOptions& options);
  ~TorsionReferenceDensity() override;

  std::size_t n_atoms() const override;

  /// Draws every configuration of x; the first atom placed is at the origin.
  /// @param x      out [B, N, 3], nm; where invalid, that of a reference
  /// @param valid  out [B], 0 for a draw outside the support, to be given weight zero
  void draw(const StepKey& key, CoordinateBatch& x, Span<std::uint8_t> valid) const override;

  /// log p0, the sum over all components; -inf where it vanishes or is not defined.
  /// @param out  [B]
  void log_density(ConstCoordinates x, Span<double> out) const override;

 private:
  struct Prepared;
  std::unique_ptr<const Prepared> prepared_;
};

}  // namespace saltus::engine
