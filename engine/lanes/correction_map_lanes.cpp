#include "engine/lanes/correction_map_lanes.h"

#include <array>
#include <cstddef>

#include "engine/core/units.h"
#include "engine/potential/bicubic_map.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/correction_map_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_geometry_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_CORRECTION_MAP_TABLES
#define SALTUS_ENGINE_LANES_CORRECTION_MAP_TABLES
namespace saltus::engine {
namespace {

template <class T>
struct CorrectionMapTable {
  struct Map {
    T size, cells_per_radian;
    std::vector<T> coefficients;  // see BicubicMap
  };
  struct Entry {
    std::size_t map;
    std::array<std::size_t, 4> first, second;
  };
  CorrectionMapTable(const std::vector<BicubicMap>& bicubic,
                     const std::vector<CorrectionTorsion>& torsions) {
    for (const BicubicMap& map : bicubic) {
      const double size = static_cast<double>(map.size);
      maps.push_back({static_cast<T>(size), static_cast<T>(size / kTwoPi), {}});
      for (double c : map.coefficients) maps.back().coefficients.push_back(static_cast<T>(c));
    }
    for (const CorrectionTorsion& t : torsions) entries.push_back({t.map, t.first, t.second});
  }
  std::vector<Map> maps;
  std::vector<Entry> entries;
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

struct CorrectionMapKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const CorrectionMapTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    V energy = hn::Zero(d);
    for (const auto& entry : table.entries) {
      const auto& map = table.maps[entry.map];
      const auto first = torsion_of(d, view.x + lane, entry.first);
      const auto second = torsion_of(d, view.x + lane, entry.second);
      const auto value = evaluate(d, map, cell_point(d, map, torsion_angle(d, first)),
                                  cell_point(d, map, torsion_angle(d, second)));
      energy = hn::Add(energy, hn::Add(value.energy, hn::Add(first.penalty, second.penalty)));
      if constexpr (kWithForces) {
        T* forces = view.forces + lane;
        add_torsion_forces(d, first, value.by_first, forces, entry.first);
        add_torsion_forces(d, second, value.by_second, forces, entry.second);
      }
    }
    add_energy(d, energy, view.energies, lane);
  }

 private:
  /// Cell of an angle, a whole number in [0, size), and where in it, in [0, 1].
  template <class V>
  struct CellPoint {
    V cell, t;
  };
  template <class V>
  struct Value {
    V energy, by_first, by_second;
  };

  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE TorsionGeometry<hn::Vec<D>> torsion_of(D d, const T* x,
                                                           const std::array<std::size_t, 4>& atom) {
    return torsion_geometry(d, load_atom(d, x, atom[0]), load_atom(d, x, atom[1]),
                            load_atom(d, x, atom[2]), load_atom(d, x, atom[3]));
  }

  template <class D, class Map, class V = hn::Vec<D>>
  static HWY_INLINE CellPoint<V> cell_point(D d, const Map& map, V angle) {
    const V size = hn::Set(d, map.size), zero = hn::Zero(d);
    V position = hn::Mul(angle, hn::Set(d, map.cells_per_radian));
    position = hn::Add(position, hn::IfThenElseZero(hn::Lt(position, zero), size));
    // A tiny negative angle rounds up to the end of the last cell; NaN has no cell, but needs one.
    const V last = hn::Sub(size, constant(d, 1.0));
    const V within = hn::IfThenZeroElse(hn::IsNaN(position), position);
    const V cell = hn::Min(hn::Floor(within), last);
    return {cell, hn::Sub(position, cell)};
  }

  template <class D, class Map, class V = hn::Vec<D>>
  static HWY_INLINE Value<V> evaluate(D d, const Map& map, const CellPoint<V>& p,
                                      const CellPoint<V>& q) {
    const hn::RebindToSigned<D> di;
    // The 16 coefficients of a lane's cell lie side by side.
    const V cell = hn::MulAdd(hn::Set(d, map.size), q.cell, p.cell);
    const auto offset = hn::ShiftLeft<4>(hn::ConvertTo(di, cell));
    const V two = constant(d, 2.0), three = constant(d, 3.0), zero = hn::Zero(d);
    Value<V> value = {zero, zero, zero};
    for (std::size_t m = 4; m-- > 0;) {
      const auto* row = map.coefficients.data() + 4 * m;
      const V c0 = hn::GatherIndex(d, row, offset), c1 = hn::GatherIndex(d, row + 1, offset);
      const V c2 = hn::GatherIndex(d, row + 2, offset), c3 = hn::GatherIndex(d, row + 3, offset);
      const V sum = hn::MulAdd(hn::MulAdd(hn::MulAdd(c3, q.t, c2), q.t, c1), q.t, c0);
      const V slope = hn::MulAdd(hn::MulAdd(hn::Mul(three, c3), q.t, hn::Mul(two, c2)), q.t, c1);
      value.by_first = hn::MulAdd(value.by_first, p.t, value.energy);
      value.energy = hn::MulAdd(value.energy, p.t, sum);
      value.by_second = hn::MulAdd(value.by_second, p.t, slope);
    }
    const V cells_per_radian = hn::Set(d, map.cells_per_radian);
    value.by_first = hn::Mul(value.by_first, cells_per_radian);
    value.by_second = hn::Mul(value.by_second, cells_per_radian);
    return value;
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(correction_maps, CorrectionMapKernel, CorrectionMapTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(correction_maps)

std::unique_ptr<const LaneTerm> make_correction_map_lanes(
    const std::vector<CorrectionMap>& maps, const std::vector<CorrectionTorsion>& torsions) {
  std::vector<BicubicMap> bicubic;
  for (const CorrectionMap& map : maps) bicubic.push_back(make_bicubic_map(map));
  return SALTUS_LANE_TERM(({"correction_maps"}), correction_maps, CorrectionMapTable, bicubic,
                          torsions);
}

}  // namespace saltus::engine
#endif
