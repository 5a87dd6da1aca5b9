#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/rigid/harmonic_minimum.h"
#include "engine/rigid/pose_coordinates.h"
#include "engine/rigid/precision_normal.h"

namespace saltus::engine {

/// The harmonic approximation of rigid bodies about a minimum, a probability density with exact
/// draws. Coordinates are those of PoseCoordinates with body 0 as the body of reference: the first
/// three numbers, where body 0 is, are always 0; the n others, 6 M - 3 for M molecules, are called
/// y. At the inverse temperature beta y is normal with precision beta H, so that with respect to
/// d^3p dS of each body, the position of body 0 left out and each orientation counted once,
///   log q = n/2 log(beta / 2 pi) + log det(H) / 2 - beta y^T H y / 2 + 2 sum_i log(1 + |v_i|^2).
///
/// q is a density of labelled bodies, each about its own site. With Z the integral of exp(-beta U)
/// over one such basin, positions relative to body 0 and each orientation counted once,
///   log Z = log <exp(-beta U(x) - log q(x))>_q,  and about log_integral(beta).
/// An absolute configurational integral has in addition: V for the position of body 0; a factor 8
/// for each molecule when orientations are measured by rotation vectors, d^3 omega = 8 dS, 8 pi^2
/// in all, a factor 4 for a line, 4 pi in all (2 for a molecule when all of S^3 is integrated over,
/// where each orientation is met twice); and one basin for every numbering of equal molecules and
/// of equal atoms that rotations of a molecule exchange, M! and 2^M for water, of which the first
/// cancels where molecules are not told apart.
class HarmonicCrystal {
 public:
  /// @throws InputError  when numbers do not fit each other or are not finite, and when the Hessian
  ///                     is not positive definite, saying its lowest eigenvalue
  HarmonicCrystal(std::shared_ptr<const RigidBodies> bodies, HarmonicMinimum minimum);

  const PoseCoordinates& coordinates() const { return coordinates_; }
  const RigidBodies& bodies() const { return *coordinates_.bodies(); }
  const HarmonicMinimum& minimum() const { return minimum_; }
  /// n: coordinates().size() - 3.
  std::size_t n_freedoms() const { return coordinates_.size() - 3; }
  /// d^2 U / dc dc [n + 3, n + 3], row-major, c with the positions of all bodies: what shifting
  /// everything does not change has no first three rows of its own, they are minus the sum of those
  /// of the other bodies.
  std::vector<double> full_hessian() const;
  /// Of the Hessian in y, v counted as PoseCoordinates::kTurn_nm v: kJ/mol/nm^2.
  double lowest_eigenvalue() const { return lowest_eigenvalue_; }

  /// Draws coordinates [n + 3]. Displacements may be longer than half a box edge (see
  /// PoseCoordinates::is_image); such are no poses.
  /// @param beta  mol/kJ
  std::vector<double> sample(double beta, RandomStream& stream) const;
  /// log q; -inf where a coordinate is not finite.
  /// @param coordinates  [n + 3], with body 0 as the body of reference
  double log_density(Span<const double> coordinates, double beta) const;
  /// log of the integral of exp(-beta (energy + y^T H y / 2)) over y:
  ///   -beta energy + n/2 log(2 pi / beta) - log det(H) / 2.
  /// Units: nm^3 for each body but body 0.
  double log_integral(double beta) const;

  /// Sites have no meaning in another box.
  /// @throws InputError  naming the first chain whose box is not that of the minimum
  void require_boxes(ConstCoordinates x, const std::string& who) const;

 private:
  HarmonicMinimum minimum_;
  PoseCoordinates coordinates_;
  PrecisionNormal normal_;  ///< of y
  double lowest_eigenvalue_ = 0.0;
};

}  // namespace saltus::engine
