#include "mlsamplers/timewarp/timewarp_shape.h"

#include <cmath>
#include <string>

#include "engine/core/error.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kMaxSize = 4096;
constexpr double kMaxLength_nm = 100.0, kMaxScaleBound = 20.0;

void require_count(const char* name, std::size_t value) {
  if (value > 0 && value <= kMaxSize) return;
  throw engine::InputError(std::string("timewarp: ") + name + " must be from 1 to " +
                           std::to_string(kMaxSize) + ", got " + std::to_string(value));
}

}  // namespace

void TimewarpShape::validate() const {
  require_count("couplings", n_couplings);
  require_count("encoders", n_encoders);
  require_count("width", width);
  require_count("feed_forward", feed_forward);
  require_count("hidden", hidden);
  require_count("element_width", element_width);
  require_count("the number of elements", n_element_kinds);
  require_count("the number of lengths", lengths_nm.size());
  if (n_couplings % 2 != 0)
    throw engine::InputError(
        "timewarp: couplings must be even, since they move positions and auxiliaries in turn, "
        "got " +
        std::to_string(n_couplings));
  for (const double length : lengths_nm)
    if (!(length > 0.0) || length > kMaxLength_nm)
      throw engine::InputError("timewarp: lengths must be above 0 and at most 100 nm, got " +
                               std::to_string(length));
  if (!(scale_bound >= 0.0) || scale_bound > kMaxScaleBound)
    throw engine::InputError("timewarp: scale_bound must be from 0 (not bounded) to 20, got " +
                             std::to_string(scale_bound));
}

std::uint64_t TimewarpShape::n_parameters() const {
  const std::uint64_t d = width, f = feed_forward, h = hidden, e = element_width,
                      heads = lengths_nm.size();
  const std::uint64_t encoder = 2 * heads * d * d + 2 * d * f + f + 5 * d;
  const std::uint64_t in = (e + 6) * h + h + h * d + d, out = d * h + h + 3 * h + 3;
  return e * n_element_kinds + 2 + 2 * n_couplings * (in + n_encoders * encoder + out);
}

TimewarpShape published_timewarp_shape() {
  TimewarpShape shape;
  shape.n_couplings = 12;
  shape.n_encoders = 6;
  shape.width = 128;
  shape.feed_forward = 2048;
  shape.hidden = 256;
  shape.element_width = 64;
  shape.n_element_kinds = 5;
  shape.lengths_nm = {0.1, 0.2, 0.5, 0.7, 1.0, 1.2};
  shape.scale_bound = 0.0;
  return shape;
}

}  // namespace saltus::mlsamplers
