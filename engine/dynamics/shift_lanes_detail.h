// What constraint_lanes.cpp and triangle_lanes.cpp share. Included once for each instruction set,
// hence the toggled guard.
#if defined(SALTUS_ENGINE_DYNAMICS_SHIFT_LANES_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_DYNAMICS_SHIFT_LANES_DETAIL_H
#undef SALTUS_ENGINE_DYNAMICS_SHIFT_LANES_DETAIL_H
#else
#define SALTUS_ENGINE_DYNAMICS_SHIFT_LANES_DETAIL_H
#endif

#include <cstddef>

#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

/// Adds factor * direction to an atom of the lanes in question and leaves the others' bits alone.
template <class D>
HWY_INLINE void shift_atom(D d, hn::Mask<D> which, hn::Vec<D> factor,
                           const Vector3<hn::Vec<D>>& direction, double* values, std::size_t atom) {
  const auto old = load_atom(d, values, atom);
  const auto moved = mul_add(factor, direction, old);
  store_atom(d,
             Vector3<hn::Vec<D>>{hn::IfThenElse(which, moved.x, old.x),
                                 hn::IfThenElse(which, moved.y, old.y),
                                 hn::IfThenElse(which, moved.z, old.z)},
             values, atom);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
