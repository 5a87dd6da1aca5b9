#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/vec3.h"
#include "engine/rings/ring_system.h"

namespace saltus::engine {

/// Where a ring system stands in space: ring atom a of a reference is at centre + rotation r_a.
struct RingPose {
  Vec3 centre;                       ///< mean of the ring atoms, nm
  std::array<double, 9> rotation{};  ///< row-major
};

/// Coordinates of a ring system near a reference geometry r [n, 3] of its n ring atoms:
///   x_a = centre + R (r_a + sum_k B_ak q_k),  k < 3 n - 6,
/// B an orthonormal basis of all displacements without translation and rotation (sum_a y_a = 0,
/// sum_a r_a x y_a = 0: Eckart's conditions, so that R is the rotation of the closest fit), and
/// for each substituent s of ring atom c the three numbers
///   |x_s - x_c|, l lambda, l phi,
/// its direction being cos(lambda) (cos(phi) e1 + sin(phi) e2) + sin(lambda) e3 in the frame of c:
/// e1 away from the two neighbours in the ring, on the line that halves their angle, e2 normal to
/// the plane of the three, e3 = e1 x e2; l = kArc_nm makes all coordinates lengths. Volumes:
///   d^{3 (n + m)} x = V dq dcentre dR,
///   V = det(tr(M) 1 - M) / sqrt(det(I)) prod_s d_s^2 cos(lambda_s) / l^2,
/// M = sum_a (r_a + y_a) r_a^T, which Eckart's conditions make symmetric, I the tensor of inertia
/// of r, d_s the distances. Branches beyond substituents are carried as rigid bodies by the frame
/// of bond c-s and the first neighbour of c, so that they have no part in volumes.
/// Source: Wilson, Decius, Cross, Molecular Vibrations (1955), chapter 11, for Eckart's frame; the
/// determinant is that of the derivatives of x written out.
class RingCoordinates {
 public:
  static constexpr double kArc_nm = 0.11;

  /// @param reference  [n, 3], nm, of system->atoms; moved to its mean, its orientation is kept
  /// @param basis      of another reference, whose basis this one's is to resemble most; null: none
  /// @throws InputError  when the atoms of the reference lie on a line
  RingCoordinates(std::shared_ptr<const RingSystem> system, std::vector<double> reference,
                  const RingCoordinates* basis);

  std::size_t size() const { return system_->n_coordinates(); }
  std::size_t n_ring_coordinates() const { return 3 * system_->atoms.size() - 6; }
  const RingSystem& system() const { return *system_; }
  const std::vector<double>& reference() const { return reference_; }

  /// @param x  [N, 3], nm
  /// @param q  out [size()], nm
  /// @returns  log V; -infinity where the coordinates are not defined
  double measure(Span<const double> x, Span<double> q, RingPose& pose) const;

  /// Ring atoms, substituents and branches into `to`.
  /// @param from  [N, 3], nm: whose branches are carried
  /// @param to    in and out [N, 3], nm; other atoms stay
  /// @returns  log V; -infinity, with nothing moved, for what measure() would never give
  double build(Span<const double> q, const RingPose& pose, Span<const double> from,
               Span<double> to) const;

 private:
  double ring_volume(const std::vector<double>& points) const;

  std::shared_ptr<const RingSystem> system_;
  std::vector<double> reference_;  ///< [n, 3], centred
  std::vector<double> basis_;      ///< [3 n, 3 n - 6]
  double log_inertia_ = 0.0;       ///< log det(I) / 2
};

}  // namespace saltus::engine
