#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/potential/torsion_series.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// Bonds, angles and torsions as functions of vectors between atoms, most of them bonds. A vector
/// is stored once, in one direction; terms that need the other one carry signs.
template <class T>
struct BondedTable {
  /// x_i - x_j, with the harmonic bond that lies on it; the first n_bonds have one.
  struct Vector {
    std::uint32_t i, j;
    T length, k;
  };
  /// Between vectors a and b; `sign` -1 when just one of them points towards the vertex.
  struct Angle {
    std::uint32_t a, b;
    T sign, angle, k;
  };
  /// Vectors f = s_f (x_i - x_j), g = s_g (x_j - x_k), h = s_h (x_l - x_k), the signs those of the
  /// stored directions.
  struct TorsionVectors {
    std::uint32_t f, g, h;
  };
  /// A torsion that is even in phi, as a polynomial in y = s_f s_h cos phi without its constant:
  /// E = sum_k coefficient[k - 1] y^k, dE/dy = sum_k slope[k - 1] y^(k - 1).
  template <int kDegree>
  struct EvenTorsion {
    TorsionVectors vectors;
    T cosine_sign;
    std::array<T, kDegree> coefficient, slope;
  };
  /// Any other: harmonics [first, last) of the common table; signs s_f s_h of cos phi,
  /// s_f s_g s_h of sin phi, and s_g.
  struct AnyTorsion {
    TorsionVectors vectors;
    std::uint32_t first, last;
    T cosine_sign, sine_sign, g_sign;
  };
  struct Harmonic {
    T a, b;
  };

  explicit BondedTable(const System& system) : n_bonds(system.bonds.size()) {
    for (const HarmonicBond& bond : system.bonds) {
      known_.try_emplace({bond.i, bond.j}, static_cast<std::uint32_t>(vectors.size()));
      vectors.push_back({static_cast<std::uint32_t>(bond.i), static_cast<std::uint32_t>(bond.j),
                         static_cast<T>(bond.length_nm), static_cast<T>(bond.k)});
    }
    for (const HarmonicAngle& angle : system.angles) {
      const auto [a, sign_a] = vector_between(angle.i, angle.j);
      const auto [b, sign_b] = vector_between(angle.k_atom, angle.j);
      angles.push_back(
          {a, b, sign_a * sign_b, static_cast<T>(angle.angle_rad), static_cast<T>(angle.k)});
    }
    add_torsions(merge_torsions(system.torsions));
    has_torsions = !system.torsions.empty();
  }

  /// Three components, inverse length, slope by the length and three slopes by the direction.
  static constexpr std::size_t kValuesPerVector = 8;
  std::size_t workspace_size() const { return kValuesPerVector * vectors.size(); }

  std::vector<Vector> vectors;
  std::vector<Angle> angles;
  std::vector<EvenTorsion<3>> cubic_torsions;
  std::vector<EvenTorsion<6>> sextic_torsions;
  std::vector<AnyTorsion> torsions;
  std::vector<Harmonic> harmonics;
  T torsion_constant = T(0);
  std::size_t n_bonds;
  bool has_torsions = false;

 private:
  void add_torsions(const TorsionSeries& series) {
    double constant = series.constant;
    for (const TorsionQuadruple& q : series.quadruples) {
      const auto [f, sign_f] = vector_between(q.i, q.j);
      const auto [g, sign_g] = vector_between(q.j, q.k);
      const auto [h, sign_h] = vector_between(q.l, q.k);
      const TorsionVectors between = {f, g, h};
      const std::size_t degree = q.last - q.first;
      if (degree > 6 || !is_even(series, q)) {
        const auto first = static_cast<std::uint32_t>(harmonics.size());
        for (std::size_t n = q.first; n < q.last; ++n)
          harmonics.push_back(
              {static_cast<T>(series.harmonics[n].a), static_cast<T>(series.harmonics[n].b)});
        torsions.push_back({between, first, static_cast<std::uint32_t>(harmonics.size()),
                            sign_f * sign_h, sign_f * sign_g * sign_h, sign_g});
        continue;
      }
      const std::array<double, 7> powers = powers_of_cosine(series, q, sign_f * sign_h);
      constant += powers[0];
      if (degree <= 3)
        cubic_torsions.push_back(even_torsion<3>(between, sign_f * sign_h, powers));
      else
        sextic_torsions.push_back(even_torsion<6>(between, sign_f * sign_h, powers));
    }
    torsion_constant = static_cast<T>(constant);
  }

  /// No harmonic has a part odd in phi, but for the rounding of sin(pi).
  static bool is_even(const TorsionSeries& series, const TorsionQuadruple& q) {
    for (std::size_t n = q.first; n < q.last; ++n)
      if (std::abs(series.harmonics[n].b) > 1e-15 * std::abs(series.harmonics[n].a)) return false;
    return true;
  }

  /// sum_n a_n T_n(sign y) in powers of y; T_n are Chebyshev's polynomials, cos(n phi) =
  /// T_n(cos phi).
  static std::array<double, 7> powers_of_cosine(const TorsionSeries& series,
                                                const TorsionQuadruple& q, double sign) {
    std::array<double, 7> sum{}, before{}, last{};
    before[0] = 1.0;
    last[1] = sign;
    for (std::size_t n = q.first; n < q.last; ++n) {
      for (std::size_t k = 0; k < 7; ++k) sum[k] += series.harmonics[n].a * last[k];
      std::array<double, 7> next{};
      for (std::size_t k = 0; k < 7; ++k)
        next[k] = (k > 0 ? 2.0 * sign * last[k - 1] : 0.0) - before[k];
      before = last;
      last = next;
    }
    return sum;
  }

  template <int kDegree>
  static EvenTorsion<kDegree> even_torsion(const TorsionVectors& vectors, T cosine_sign,
                                           const std::array<double, 7>& powers) {
    EvenTorsion<kDegree> torsion;
    torsion.vectors = vectors;
    torsion.cosine_sign = cosine_sign;
    for (std::size_t k = 1; k <= kDegree; ++k) {
      torsion.coefficient[k - 1] = static_cast<T>(powers[k]);
      torsion.slope[k - 1] = static_cast<T>(static_cast<double>(k) * powers[k]);
    }
    return torsion;
  }

  /// The vector x_i - x_j as a stored one and a sign.
  std::pair<std::uint32_t, T> vector_between(std::size_t i, std::size_t j) {
    const auto reversed = known_.find({j, i});
    if (reversed != known_.end()) return {reversed->second, T(-1)};
    const auto [found, is_new] =
        known_.try_emplace({i, j}, static_cast<std::uint32_t>(vectors.size()));
    if (is_new)
      vectors.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j), T(0), T(0)});
    return {found->second, T(1)};
  }

  std::map<std::pair<std::size_t, std::size_t>, std::uint32_t> known_;
};

}  // namespace saltus::engine
