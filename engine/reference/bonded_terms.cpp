#include "engine/reference/bonded_terms.h"

#include <cmath>
#include <utility>

#include "engine/core/vec3.h"
#include "engine/potential/internal_geometry.h"
#include "engine/potential/torsion_series.h"

namespace saltus::engine {

namespace {

class BondTerm final : public SummedTerm<BondTerm> {
 public:
  explicit BondTerm(const std::vector<HarmonicBond>& bonds) : bonds_(bonds) {}
  std::string name() const override { return "bonds"; }
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

 private:
  const std::vector<HarmonicBond> bonds_;
};

class AngleTerm final : public SummedTerm<AngleTerm> {
 public:
  explicit AngleTerm(const std::vector<HarmonicAngle>& angles) : angles_(angles) {}
  std::string name() const override { return "angles"; }
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = 0.0;
    for (const HarmonicAngle& angle : angles_) {
      const AngleGeometry geometry(x, angle.i, angle.j, angle.k_atom);
      if (geometry.coincident()) return kInfiniteEnergy;
      const double bend = geometry.theta() - angle.angle_rad;
      energy += 0.5 * angle.k * bend * bend;
      if constexpr (kWithForces) geometry.add_forces(forces, angle.k * bend);
    }
    return energy;
  }

 private:
  const std::vector<HarmonicAngle> angles_;
};

class TorsionTerm final : public SummedTerm<TorsionTerm> {
 public:
  explicit TorsionTerm(TorsionSeries series) : series_(std::move(series)) {}

  std::string name() const override { return "torsions"; }
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = series_.constant;
    for (const TorsionQuadruple& q : series_.quadruples) {
      const TorsionGeometry geometry(x, {q.i, q.j, q.k, q.l});
      if (geometry.coincident()) return kInfiniteEnergy;
      const double cosine = geometry.cosine(), sine = geometry.sine();
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
      if constexpr (kWithForces) geometry.add_forces(forces, slope);
    }
    return energy;
  }

 private:
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
