#include "engine/reference/correction_map_term.h"

#include "engine/potential/bicubic_map.h"
#include "engine/potential/internal_geometry.h"

namespace saltus::engine {

namespace {

class CorrectionMapTerm final : public SummedTerm<CorrectionMapTerm> {
 public:
  CorrectionMapTerm(const std::vector<CorrectionMap>& maps,
                    const std::vector<CorrectionTorsion>& torsions)
      : torsions_(torsions) {
    for (const CorrectionMap& map : maps) maps_.push_back(make_bicubic_map(map));
  }
  std::string name() const override { return "correction_maps"; }
  template <bool kWithForces>
  double sum(const double* x, double* forces) const {
    double energy = 0.0;
    for (const CorrectionTorsion& torsion : torsions_) {
      const TorsionGeometry first(x, torsion.first), second(x, torsion.second);
      if (first.coincident() || second.coincident()) return kInfiniteEnergy;
      const double phi = first.phi(), psi = second.phi();
      // Numbers that overflow have no cell in the map.
      if (!std::isfinite(phi) || !std::isfinite(psi)) return kInfiniteEnergy;
      const MapValue value = evaluate_map(maps_[torsion.map], phi, psi);
      energy += value.energy;
      if constexpr (kWithForces) {
        first.add_forces(forces, value.by_first);
        second.add_forces(forces, value.by_second);
      }
    }
    return energy;
  }

 private:
  std::vector<BicubicMap> maps_;
  const std::vector<CorrectionTorsion> torsions_;
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_correction_map_term(
    const std::vector<CorrectionMap>& maps, const std::vector<CorrectionTorsion>& torsions) {
  return std::make_unique<CorrectionMapTerm>(maps, torsions);
}

}  // namespace saltus::engine
