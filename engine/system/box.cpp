#include "engine/system/box.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

std::string in_nm(double value) { return std::to_string(value) + " nm"; }

}  // namespace

Box Box::from_vectors(Span<const double> rows) {
  constexpr std::size_t kValues = 9;
  if (rows.size() != kValues)
    throw InternalError("a box is made of 9 numbers, got " + std::to_string(rows.size()));
  if (rows[1] != 0.0 || rows[2] != 0.0 || rows[5] != 0.0)
    throw InputError(
        "the box vectors are not lower triangular: expected a = (ax, 0, 0), b = (bx, by, 0), "
        "c = (cx, cy, cz); turn the system so that they are");
  Box box({rows[0], rows[4], rows[8]});
  box.bx = rows[3];
  box.cx = rows[6];
  box.cy = rows[7];
  return box;
}

double Box::shortest_width() const { return std::min({ax, by, cz}); }

Vec3 Box::nearest_image(Vec3 d) const {
  const double n_c = std::floor(d.z / cz + 0.5);
  d = {d.x - n_c * cx, d.y - n_c * cy, d.z - n_c * cz};
  const double n_b = std::floor(d.y / by + 0.5);
  d = {d.x - n_b * bx, d.y - n_b * by, d.z};
  d.x -= ax * std::floor(d.x / ax + 0.5);
  return d;
}

std::string Box::problem() const {
  const std::pair<const char*, double> all[] = {{"ax", ax}, {"bx", bx}, {"by", by},
                                                {"cx", cx}, {"cy", cy}, {"cz", cz}};
  for (const auto& [name, value] : all)
    if (!std::isfinite(value)) return std::string(name) + " is not a finite number";
  for (const auto& [name, value] : {all[0], all[2], all[5]})
    if (!(value > 0.0))
      return std::string(name) + " is " + in_nm(value) + ", expected a positive number";
  const auto too_long = [](const char* name, double value, double edge) -> std::string {
    if (std::abs(value) <= 0.5 * edge) return "";
    return std::string(name) + " is " + in_nm(value) + ", expected at most half of " + in_nm(edge) +
           " in size (reduce the box vectors, as OpenMM does)";
  };
  for (const std::string& text :
       {too_long("bx", bx, ax), too_long("cx", cx, ax), too_long("cy", cy, by)})
    if (!text.empty()) return text;
  return "";
}

void BoxNeeds::require(Span<const Box> boxes, std::size_t n_chains) const {
  if (!boxes.empty() && boxes.size() != n_chains)
    throw InternalError("positions of " + std::to_string(n_chains) + " chains come with " +
                        std::to_string(boxes.size()) + " boxes");
  if (!needed) return;
  if (boxes.size() != n_chains)
    throw InternalError(
        "the energy function is periodic, but the positions come without their boxes");
  for (std::size_t c = 0; c < n_chains; ++c) {
    std::string what = boxes[c].problem();
    if (what.empty() && rectangular && !boxes[c].is_rectangular())
      what = "it is triclinic, and this energy function knows rectangular boxes only";
    const double widest_nm = 0.5 * boxes[c].shortest_width();
    if (what.empty() && !(cutoff_nm <= widest_nm))
      what = "the cutoff is " + in_nm(cutoff_nm) + ", expected at most half the shortest width, " +
             in_nm(widest_nm);
    if (!what.empty()) throw InputError("the box of chain " + std::to_string(c) + ": " + what);
  }
}

}  // namespace saltus::engine
