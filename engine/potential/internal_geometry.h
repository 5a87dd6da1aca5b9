#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "engine/core/vec3.h"

namespace saltus::engine {

/// The angle theta = atan2(|a x b|, a.b) at vertex j of atoms i-j-k, in [0, pi].
class AngleGeometry {
 public:
  /// @param x  [N, 3], nm
  AngleGeometry(const double* x, std::size_t i, std::size_t j, std::size_t k)
      : i_(i), j_(j), k_(k) {
    const Vec3 vertex = load_atom(x, j);
    a_ = load_atom(x, i) - vertex;
    b_ = load_atom(x, k) - vertex;
    normal_ = cross(a_, b_);
    sine_ = norm(normal_);
    cosine_ = dot(a_, b_);
  }

  /// Two of the three atoms lie on one spot.
  bool coincident() const {
    if (sine_ != 0.0) return false;
    const Vec3 between_ends = a_ - b_;
    return cosine_ == 0.0 || dot(between_ends, between_ends) == 0.0;
  }
  double theta() const { return std::atan2(sine_, cosine_); }
  /// Arms from j to i and from j to k.
  Vec3 arm_i() const { return a_; }
  Vec3 arm_k() const { return b_; }

  /// Adds -slope dtheta/dx, slope = dE/dtheta. At theta = 0 and pi the direction is undefined:
  /// adds nothing.
  void add_forces(double* forces, double slope) const {
    if (sine_ == 0.0) return;
    slope /= sine_;
    const Vec3 on_i = (slope / dot(a_, a_)) * cross(a_, normal_);
    const Vec3 on_k = (slope / dot(b_, b_)) * cross(normal_, b_);
    add_to_atom(forces, i_, -1.0 * on_i);
    add_to_atom(forces, k_, -1.0 * on_k);
    add_to_atom(forces, j_, on_i + on_k);
  }

 private:
  std::size_t i_, j_, k_;
  Vec3 a_, b_, normal_;               // normal_ = a x b
  double sine_ = 0.0, cosine_ = 0.0;  // times |a| |b|
};

/// The torsion phi of atoms i-j-k-l, in the IUPAC sign. Where three atoms in a row lie on a line it
/// is undefined: taken as 0, with no force.
/// Source of the forces: Blondel, Karplus, J. Comput. Chem. 17, 1132 (1996),
/// doi:10.1002/(SICI)1096-987X(19960715)17:9<1132::AID-JCC5>3.0.CO;2-T.
class TorsionGeometry {
 public:
  /// @param x      [N, 3], nm
  /// @param atoms  i, j, k, l
  TorsionGeometry(const double* x, const std::array<std::size_t, 4>& atoms) : atoms_(atoms) {
    const Vec3 middle_j = load_atom(x, atoms[1]), middle_k = load_atom(x, atoms[2]);
    f_ = load_atom(x, atoms[0]) - middle_j;
    g_ = middle_j - middle_k;
    h_ = load_atom(x, atoms[3]) - middle_k;
    a_ = cross(f_, g_);
    b_ = cross(h_, g_);
    a2_ = dot(a_, a_);
    b2_ = dot(b_, b_);
    g2_ = dot(g_, g_);
    g_length_ = std::sqrt(g2_);
    scale_ = std::sqrt(a2_ * b2_);
    if (scale_ == 0.0) return;
    const double inverse = 1.0 / scale_;
    cosine_ = dot(a_, b_) * inverse;
    sine_ = -g_length_ * dot(f_, b_) * inverse;
  }

  /// No three atoms in a row lie on a line.
  bool defined() const { return scale_ != 0.0; }
  /// Two neighbours lie on one spot.
  bool coincident() const {
    return scale_ == 0.0 && (g2_ == 0.0 || dot(f_, f_) == 0.0 || dot(h_, h_) == 0.0);
  }
  double cosine() const { return cosine_; }
  double sine() const { return sine_; }
  /// In [-pi, pi].
  double phi() const { return std::atan2(sine_, cosine_); }

  /// Adds -slope dphi/dx, slope = dE/dphi.
  void add_forces(double* forces, double slope) const {
    if (scale_ == 0.0) return;
    const Vec3 on_i = (slope * g_length_ / a2_) * a_, on_l = (-slope * g_length_ / b2_) * b_;
    const Vec3 shift = (dot(f_, g_) / g2_) * on_i + (dot(h_, g_) / g2_) * on_l;
    add_to_atom(forces, atoms_[0], on_i);
    add_to_atom(forces, atoms_[1], -1.0 * (on_i + shift));
    add_to_atom(forces, atoms_[2], shift - on_l);
    add_to_atom(forces, atoms_[3], on_l);
  }

 private:
  std::array<std::size_t, 4> atoms_;
  Vec3 f_, g_, h_;  // the bonds j -> i, k -> j, k -> l
  Vec3 a_, b_;      // normals f x g, h x g
  double a2_ = 0.0, b2_ = 0.0, g2_ = 0.0, g_length_ = 0.0, scale_ = 0.0;
  double cosine_ = 1.0, sine_ = 0.0;
};

}  // namespace saltus::engine
