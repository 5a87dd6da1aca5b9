#include "engine/leap/internal_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/leap/internal_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/leap/internal_lanes_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

void measure_internal_vectors(const ZMatrix& z, std::size_t n_lanes, const double* x, double* q,
                              double* log_jac) {
  const LeapDoubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    hn::Store(measure_internal(d, z, x + lane, q + lane), d, log_jac + lane);
}

void place_internal_vectors(const ZMatrix& z, std::size_t n_lanes, const PlacedFrom& from,
                            double* y, double* log_jac) {
  const LeapDoubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    hn::Store(place_atoms(d, z, from.q + lane, from.x + lane, y + lane), d, log_jac + lane);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(measure_internal_vectors);
HWY_EXPORT(place_internal_vectors);

void measure_internal_block(const ZMatrix& z, std::size_t n_lanes, const double* x, double* q,
                            double* log_jac) {
  HWY_DYNAMIC_DISPATCH(measure_internal_vectors)(z, n_lanes, x, q, log_jac);
}

void place_internal_block(const ZMatrix& z, std::size_t n_lanes, const PlacedFrom& from, double* y,
                          double* log_jac) {
  HWY_DYNAMIC_DISPATCH(place_internal_vectors)(z, n_lanes, from, y, log_jac);
}

}  // namespace saltus::engine
#endif
