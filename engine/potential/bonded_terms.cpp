#include "engine/potential/bonded_terms.h"

#include <cmath>
#include <utility>

#include "engine/core/vec3.h"
#include "engine/potential/torsion_series.h"

namespace saltus::engine {

namespace {

class BondTerm final : public PotentialTerm {
 public:
  explicit BondTerm(const std::vector<HarmonicBond>& bonds) : bonds_(bonds) {}
  std::string name() const override { return "bonds"; }
  double evaluate(Span<const double> x, Span<double> forces, Span<double>) const override {
    return forces.empty() ? sum<false>(x.data(), nullptr) : sum<true>(x.data(), forces.data());
  }

 private:
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = 0.0;
    for (const HarmonicBond& bond : bonds_) {
      const Vec3 d = load_atom(x, bond.i) - load_atom(x, bond.j);
      const double r = norm(d);
      if (r == 0.0) return kInfiniteEnergy;
      const double stretch = r - bond.length_nm;
      energy += 0.5 * bond.k * stretch * stretch;
      if constexpr (kWithForces) {
        const Vec3 f = (-bond.k * stretch / r) * d;
        add_to_atom(forces, bond.i, f);
        add_to_atom(forces, bond.j, -1.0 * f);
      }
    }
    return energy;
  }

  const std::vector<HarmonicBond> bonds_;
};

class AngleTerm final : public PotentialTerm {
 public:
  explicit AngleTerm(const std::vector<HarmonicAngle>& angles) : angles_(angles) {}
  std::string name() const override { return "angles"; }
  double evaluate(Span<const double> x, Span<double> forces, Span<double>) const override {
    return forces.empty() ? sum<false>(x.data(), nullptr) : sum<true>(x.data(), forces.data());
  }

 private:
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = 0.0;
    for (const HarmonicAngle& angle : angles_) {
      const Vec3 vertex = load_atom(x, angle.j);
      const Vec3 a = load_atom(x, angle.i) - vertex, b = load_atom(x, angle.k_atom) - vertex;
      const Vec3 normal = cross(a, b);
      const double sine = norm(normal), cosine = dot(a, b);
      if (sine == 0.0) {
        const Vec3 between_ends = a - b;
        if (cosine == 0.0 || dot(between_ends, between_ends) == 0.0) return kInfiniteEnergy;
      }
      const double bend = std::atan2(sine, cosine) - angle.angle_rad;
      energy += 0.5 * angle.k * bend * bend;
      if constexpr (kWithForces) {
        if (sine == 0.0) continue;
        const double slope = angle.k * bend / sine;
        const Vec3 on_i = (slope / dot(a, a)) * cross(a, normal);
        const Vec3 on_k = (slope / dot(b, b)) * cross(normal, b);
        add_to_atom(forces, angle.i, -1.0 * on_i);
        add_to_atom(forces, angle.k_atom, -1.0 * on_k);
        add_to_atom(forces, angle.j, on_i + on_k);
      }
    }
    return energy;
  }

  const std::vector<HarmonicAngle> angles_;
};

class TorsionTerm final : public PotentialTerm {
 public:
  explicit TorsionTerm(TorsionSeries series) : series_(std::move(series)) {}

  std::string name() const override { return "torsions"; }
  double evaluate(Span<const double> x, Span<double> forces, Span<double>) const override {
    return forces.empty() ? sum<false>(x.data(), nullptr) : sum<true>(x.data(), forces.data());
  }

 private:
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = series_.constant;
    for (const TorsionQuadruple& q : series_.quadruples) {
      const Vec3 middle_j = load_atom(x, q.j), middle_k = load_atom(x, q.k);
      const Vec3 f = load_atom(x, q.i) - middle_j, g = middle_j - middle_k;
      const Vec3 h = load_atom(x, q.l) - middle_k;
      const Vec3 a = cross(f, g), b = cross(h, g);
      const double a2 = dot(a, a), b2 = dot(b, b), g2 = dot(g, g);
      const double g_length = std::sqrt(g2), scale = std::sqrt(a2 * b2);
      double cosine = 1.0, sine = 0.0;
      if (scale != 0.0) {
        const double inverse = 1.0 / scale;
        cosine = dot(a, b) * inverse;
        sine = -g_length * dot(f, b) * inverse;
      } else if (g2 == 0.0 || dot(f, f) == 0.0 || dot(h, h) == 0.0) {
        return kInfiniteEnergy;
      }
      // c + i s = exp(i n phi), raised by one factor exp(i phi) per harmonic.
      double c = 1.0, s = 0.0, slope = 0.0, order = 0.0;
      for (std::size_t n = q.first; n < q.last; ++n) {
        const double next = c * cosine - s * sine;
        s = s * cosine + c * sine;
        c = next;
        energy += series_.harmonics[n].a * c + series_.harmonics[n].b * s;
        if constexpr (kWithForces) {
          order += 1.0;
          slope += order * (series_.harmonics[n].b * c - series_.harmonics[n].a * s);
        }
      }
      if constexpr (kWithForces) {
        if (scale == 0.0) continue;
        const Vec3 on_i = (slope * g_length / a2) * a, on_l = (-slope * g_length / b2) * b;
        const Vec3 shift = (dot(f, g) / g2) * on_i + (dot(h, g) / g2) * on_l;
        add_to_atom(forces, q.i, on_i);
        add_to_atom(forces, q.j, -1.0 * (on_i + shift));
        add_to_atom(forces, q.k, shift - on_l);
        add_to_atom(forces, q.l, on_l);
      }
    }
    return energy;
  }

  const TorsionSeries series_;
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_bond_term(const std::vector<HarmonicBond>& bonds) {
  return std::make_unique<BondTerm>(bonds);
}

std::unique_ptr<const PotentialTerm> make_angle_term(const std::vector<HarmonicAngle>& angles) {
  return std::make_unique<AngleTerm>(angles);
}

std::unique_ptr<const PotentialTerm> make_torsion_term(
    const std::vector<PeriodicTorsion>& torsions) {
  return std::make_unique<TorsionTerm>(merge_torsions(torsions));
}

}  // namespace saltus::engine
