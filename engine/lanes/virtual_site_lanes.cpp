#include "engine/lanes/virtual_site_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/virtual_site_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Sums over the parents of one site.
template <class V>
struct Sums {
  Vector3<V> origin, x, y;
};

/// The axes of kLocalCoordinates. An axis along a vector of length 0 is 0.
template <class V>
struct Frame {
  V x_inverse, z_inverse;  // 1 / |X|, 1 / |X x Y|
  Vector3<V> e_x, e_y, e_z;
};

template <class D, class T = hn::TFromD<D>>
struct SiteKernel {
  using V = hn::Vec<D>;
  using Table = SiteTable<T>;
  using Site = typename Table::Site;
  using Parent = typename Table::Parent;

  static HWY_INLINE void place(D d, const Table& table, T* x) {
    for (const Site& site : table.sites) {
      const Parent* parents = table.parents.data() + site.first;
      switch (site.kind) {
        case VirtualSite::Kind::kAverage:
          store_atom(d, average(d, table, site, x), x, site.site);
          break;
        case VirtualSite::Kind::kOutOfPlane: {
          const Vector3<V> origin = load_atom(d, x, parents[0].atom);
          const Vector3<V> d_1 = load_atom(d, x, parents[1].atom) - origin;
          const Vector3<V> d_2 = load_atom(d, x, parents[2].atom) - origin;
          Vector3<V> r = mul_add(hn::Set(d, parents[0].weight), d_1, origin);
          r = mul_add(hn::Set(d, parents[1].weight), d_2, r);
          store_atom(d, mul_add(hn::Set(d, parents[2].weight), cross(d_1, d_2), r), x, site.site);
          break;
        }
        case VirtualSite::Kind::kLocalCoordinates: {
          const Sums<V> sums = sums_of(d, table, site, x);
          const Frame<V> frame = frame_of(d, sums);
          Vector3<V> r = mul_add(hn::Set(d, site.local_position[0]), frame.e_x, sums.origin);
          r = mul_add(hn::Set(d, site.local_position[1]), frame.e_y, r);
          store_atom(d, mul_add(hn::Set(d, site.local_position[2]), frame.e_z, r), x, site.site);
          break;
        }
      }
    }
  }

  static HWY_INLINE void spread(D d, const Table& table, const T* x, T* forces) {
    const V zero = hn::Zero(d);
    for (const Site& site : table.sites) {
      const Vector3<V> force = load_atom(d, forces, site.site);
      store_atom(d, Vector3<V>{zero, zero, zero}, forces, site.site);
      const Parent* parents = table.parents.data() + site.first;
      switch (site.kind) {
        case VirtualSite::Kind::kAverage:
          for (std::uint32_t n = site.first; n < site.last; ++n)
            add_to_atom(d, scaled(hn::Set(d, table.parents[n].weight), force), forces,
                        table.parents[n].atom);
          break;
        case VirtualSite::Kind::kOutOfPlane: {
          const Vector3<V> origin = load_atom(d, x, parents[0].atom);
          const Vector3<V> d_1 = load_atom(d, x, parents[1].atom) - origin;
          const Vector3<V> d_2 = load_atom(d, x, parents[2].atom) - origin;
          const V across = hn::Set(d, parents[2].weight);
          const Vector3<V> on_1 =
              mul_add(across, cross(d_2, force), scaled(hn::Set(d, parents[0].weight), force));
          const Vector3<V> on_2 =
              mul_add(across, cross(force, d_1), scaled(hn::Set(d, parents[1].weight), force));
          add_to_atom(d, force - on_1 - on_2, forces, parents[0].atom);
          add_to_atom(d, on_1, forces, parents[1].atom);
          add_to_atom(d, on_2, forces, parents[2].atom);
          break;
        }
        case VirtualSite::Kind::kLocalCoordinates:
          spread_local(d, table, site, x, force, forces);
          break;
      }
    }
  }

 private:
  static HWY_INLINE Vector3<V> average(D d, const Table& table, const Site& site, const T* x) {
    const Parent* parents = table.parents.data() + site.first;
    Vector3<V> sum = scaled(hn::Set(d, parents[0].weight), load_atom(d, x, parents[0].atom));
    for (std::uint32_t n = 1; n < site.last - site.first; ++n)
      sum = mul_add(hn::Set(d, parents[n].weight), load_atom(d, x, parents[n].atom), sum);
    return sum;
  }

  static HWY_INLINE Sums<V> sums_of(D d, const Table& table, const Site& site, const T* x) {
    const V zero = hn::Zero(d);
    Sums<V> sums = {average(d, table, site, x), {zero, zero, zero}, {zero, zero, zero}};
    for (std::uint32_t n = site.first; n < site.last; ++n) {
      const Parent& parent = table.parents[n];
      const Vector3<V> r = load_atom(d, x, parent.atom);
      sums.x = mul_add(hn::Set(d, parent.x_weight), r, sums.x);
      sums.y = mul_add(hn::Set(d, parent.y_weight), r, sums.y);
    }
    return sums;
  }

  static HWY_INLINE V inverse_norm(D d, const Vector3<V>& v) {
    const V square = dot(v, v);
    return hn::IfThenZeroElse(hn::Eq(square, hn::Zero(d)), rsqrt(d, square));
  }

  static HWY_INLINE Frame<V> frame_of(D d, const Sums<V>& sums) {
    const Vector3<V> z = cross(sums.x, sums.y);
    Frame<V> frame;
    frame.x_inverse = inverse_norm(d, sums.x);
    frame.z_inverse = inverse_norm(d, z);
    frame.e_x = scaled(frame.x_inverse, sums.x);
    frame.e_z = scaled(frame.z_inverse, z);
    frame.e_y = cross(frame.e_z, frame.e_x);
    return frame;
  }

  /// What of the derivative by e = v / |v| is one by v.
  static HWY_INLINE Vector3<V> through_direction(const Vector3<V>& by_direction,
                                                 const Vector3<V>& direction, V inverse_length) {
    return scaled(inverse_length,
                  neg_mul_add(dot(by_direction, direction), direction, by_direction));
  }

  /// The steps of frame_of backwards, each with the derivative by what it makes.
  static HWY_INLINE void spread_local(D d, const Table& table, const Site& site, const T* x,
                                      const Vector3<V>& force, T* forces) {
    const Sums<V> sums = sums_of(d, table, site, x);
    const Frame<V> frame = frame_of(d, sums);
    const Vector3<V> by_y = scaled(hn::Set(d, site.local_position[1]), force);
    const Vector3<V> by_z =
        mul_add(hn::Set(d, site.local_position[2]), force, cross(frame.e_x, by_y));
    const Vector3<V> by_x =
        mul_add(hn::Set(d, site.local_position[0]), force, cross(by_y, frame.e_z));
    const Vector3<V> by_z_sum = through_direction(by_z, frame.e_z, frame.z_inverse);
    const Vector3<V> on_x =
        cross(sums.y, by_z_sum) + through_direction(by_x, frame.e_x, frame.x_inverse);
    const Vector3<V> on_y = cross(by_z_sum, sums.x);
    for (std::uint32_t n = site.first; n < site.last; ++n) {
      const Parent& parent = table.parents[n];
      Vector3<V> on_parent = scaled(hn::Set(d, parent.weight), force);
      on_parent = mul_add(hn::Set(d, parent.x_weight), on_x, on_parent);
      on_parent = mul_add(hn::Set(d, parent.y_weight), on_y, on_parent);
      add_to_atom(d, on_parent, forces, parent.atom);
    }
  }
};

template <class T>
HWY_INLINE void spread_block(const SiteTable<T>& table, const T* x, T* forces) {
  const hn::CappedTag<T, kLaneWidth> d;
  for (std::size_t lane = 0; lane < kLaneWidth; lane += hn::Lanes(d))
    SiteKernel<decltype(d)>::spread(d, table, x + lane, forces + lane);
}

}  // namespace

void place_sites(const SiteTable<double>& table, double* x) {
  const hn::CappedTag<double, kLaneWidth> d;
  for (std::size_t lane = 0; lane < kLaneWidth; lane += hn::Lanes(d))
    SiteKernel<hn::CappedTag<double, kLaneWidth>>::place(d, table, x + lane);
}

void spread_sites_double(const SiteTable<double>& table, const double* x, double* forces) {
  spread_block(table, x, forces);
}

void spread_sites_float(const SiteTable<float>& table, const float* x, float* forces) {
  spread_block(table, x, forces);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(place_sites);
HWY_EXPORT(spread_sites_double);
HWY_EXPORT(spread_sites_float);

template <class T>
SiteTable<T>::SiteTable(const std::vector<VirtualSite>& virtual_sites) {
  for (const VirtualSite& v : virtual_sites) {
    const auto first = static_cast<std::uint32_t>(parents.size());
    for (std::size_t n = 0; n < v.parents.size(); ++n) {
      const bool local = v.kind == VirtualSite::Kind::kLocalCoordinates;
      parents.push_back({static_cast<std::uint32_t>(v.parents[n]), static_cast<T>(v.weights[n]),
                         local ? static_cast<T>(v.x_weights[n]) : T(0),
                         local ? static_cast<T>(v.y_weights[n]) : T(0)});
    }
    const auto& p = v.local_position_nm;
    sites.push_back({static_cast<std::uint32_t>(v.site),
                     v.kind,
                     first,
                     static_cast<std::uint32_t>(parents.size()),
                     {static_cast<T>(p[0]), static_cast<T>(p[1]), static_cast<T>(p[2])}});
  }
}

template struct SiteTable<double>;
template struct SiteTable<float>;

void VirtualSiteLanes::place(double* x) const { HWY_DYNAMIC_DISPATCH(place_sites)(exact_, x); }

void VirtualSiteLanes::spread(const double* x, double* forces) const {
  HWY_DYNAMIC_DISPATCH(spread_sites_double)(exact_, x, forces);
}

void VirtualSiteLanes::spread(const float* x, float* forces) const {
  HWY_DYNAMIC_DISPATCH(spread_sites_float)(single_, x, forces);
}

}  // namespace saltus::engine
#endif
