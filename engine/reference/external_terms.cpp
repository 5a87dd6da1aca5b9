#include "engine/reference/external_terms.h"

#include <algorithm>
#include <cmath>

#include "engine/core/units.h"
#include "engine/potential/internal_geometry.h"

namespace saltus::engine {

namespace {

class RestraintTerm final : public SummedTerm<RestraintTerm> {
 public:
  RestraintTerm(const std::vector<PositionRestraint>& positions,
                const std::vector<TorsionRestraint>& torsions)
      : positions_(positions), torsions_(torsions) {}
  std::string name() const override { return "restraints"; }
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = 0.0;
    for (const PositionRestraint& restraint : positions_)
      energy += position<kWithForces>(restraint, x, forces);
    for (const TorsionRestraint& restraint : torsions_)
      energy += torsion<kWithForces>(restraint, x, forces);
    return energy;
  }

 private:
  template <bool kWithForces>
  static double position(const PositionRestraint& restraint, const double* x, double* forces) {
    const auto& p = restraint.position_nm;
    const Vec3 d = load_atom(x, restraint.atom) - Vec3{p[0], p[1], p[2]};
    const double distance = norm(d), excess = distance - restraint.flat_radius_nm;
    if (excess <= 0.0) return 0.0;
    if constexpr (kWithForces)
      add_to_atom(forces, restraint.atom, (-restraint.k * excess / distance) * d);
    return 0.5 * restraint.k * excess * excess;
  }

  template <bool kWithForces>
  static double torsion(const TorsionRestraint& restraint, const double* x, double* forces) {
    const TorsionGeometry geometry(x, {restraint.i, restraint.j, restraint.k_atom, restraint.l});
    if (geometry.coincident()) return kInfiniteEnergy;
    const double deviation = std::remainder(geometry.phi() - restraint.angle_rad, kTwoPi);
    const double excess = std::abs(deviation) - restraint.flat_half_width_rad;
    if (excess <= 0.0) return 0.0;
    if constexpr (kWithForces)
      geometry.add_forces(forces, restraint.k * std::copysign(excess, deviation));
    return 0.5 * restraint.k * excess * excess;
  }

  const std::vector<PositionRestraint> positions_;
  const std::vector<TorsionRestraint> torsions_;
};

class FieldTerm final : public PotentialTerm {
 public:
  explicit FieldTerm(const UniformField& field)
      : field_{field.field[0], field.field[1], field.field[2]}, charges_(field.charges) {}
  std::string name() const override { return "field"; }
  double evaluate(ConstCoordinates x, Span<double> forces, Span<double>) const override {
    double energy = 0.0;
    for (std::size_t i = 0; i < charges_.size(); ++i) {
      energy -= charges_[i] * dot(field_, load_atom(x.data, i));
      if (!forces.empty()) add_to_atom(forces.data(), i, charges_[i] * field_);
    }
    return energy;
  }

 private:
  Vec3 field_;
  const std::vector<double> charges_;
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_restraint_term(
    const std::vector<PositionRestraint>& positions,
    const std::vector<TorsionRestraint>& torsions) {
  return std::make_unique<RestraintTerm>(positions, torsions);
}

std::unique_ptr<const PotentialTerm> make_field_term(const UniformField& field) {
  return std::make_unique<FieldTerm>(field);
}

}  // namespace saltus::engine
