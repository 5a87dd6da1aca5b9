#include "engine/system/box.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

std::string in_nm(double value) { return std::to_string(value) + " nm"; }

// Shorter components of box vectors are rounding errors of right angles.
constexpr double kZeroNm = 1e-6;

double without_rounding(double component) {
  return std::abs(component) < kZeroNm ? 0.0 : component;
}

/// How many times `edge` is taken from `component` so that at most half of it is left in size.
/// Rounds as Python does, and once more where the quotient is half a number but for its last digit.
double whole_edges(double component, double edge) {
  double n = std::nearbyint(component / edge);
  if (component - n * edge > 0.5 * edge) n += 1.0;
  if (component - n * edge < -0.5 * edge) n -= 1.0;
  return n;
}

void require_lengths_and_angles(const std::array<double, 3>& edges_nm,
                                const std::array<double, 3>& angles_rad) {
  const char* const edge_names[] = {"a", "b", "c"};
  const char* const angle_names[] = {"alpha", "beta", "gamma"};
  for (std::size_t n = 0; n < 3; ++n) {
    if (!(edges_nm[n] > kZeroNm) || !std::isfinite(edges_nm[n]))
      throw InputError(std::string("edge ") + edge_names[n] + " of the periodic box is " +
                       in_nm(edges_nm[n]) + ", expected a positive number");
    if (!(angles_rad[n] > 0.0) || !(angles_rad[n] < kPi))
      throw InputError(std::string("angle ") + angle_names[n] + " of the periodic box is " +
                       significant_text(angles_rad[n] * kDegreePerRadian, 8) +
                       " degrees, expected more than 0 and less than 180");
  }
}

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

Box Box::from_lengths_and_angles(const std::array<double, 3>& edges_nm,
                                 const std::array<double, 3>& angles_rad) {
  require_lengths_and_angles(edges_nm, angles_rad);
  const auto [alpha, beta, gamma] = angles_rad;
  const double b = edges_nm[1], c = edges_nm[2], by = b * std::sin(gamma);
  double cx = c * std::cos(beta);
  double cy = c * (std::cos(alpha) - std::cos(beta) * std::cos(gamma)) / std::sin(gamma);
  const double cz_squared = c * c - cx * cx - cy * cy;
  if (!(by > kZeroNm) || !(cz_squared > kZeroNm * kZeroNm)) {
    std::vector<std::string> angles;
    angles.reserve(angles_rad.size());
    for (const double angle : angles_rad)
      angles.push_back(significant_text(angle * kDegreePerRadian, 8));
    throw InputError("the angles of the periodic box, " + joined(angles) +
                     " degrees, are not those of three edges in space: expected each to be less "
                     "than the sum of the two others, and less than 360 degrees in all");
  }
  Box box({edges_nm[0], by, std::sqrt(cz_squared)});
  double bx = without_rounding(b * std::cos(gamma));
  cx = without_rounding(cx);
  cy = without_rounding(cy);
  // c by b and a, then b by a.
  const double n_b = whole_edges(cy, box.by);
  cx -= n_b * bx;
  box.cy = cy - n_b * box.by;
  box.cx = cx - whole_edges(cx, box.ax) * box.ax;
  box.bx = bx - whole_edges(bx, box.ax) * box.ax;
  return box;
}

Box Box::stretched(const std::array<double, 3>& factors) const {
  Box box({ax * factors[0], by * factors[1], cz * factors[2]});
  box.bx = bx * factors[0];
  box.cx = cx * factors[0];
  box.cy = cy * factors[1];
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

Vec3 Box::wrapped(Vec3 r) const {
  const double n_c = std::floor(r.z / cz);
  r = {r.x - n_c * cx, r.y - n_c * cy, r.z - n_c * cz};
  const double n_b = std::floor(r.y / by);
  r = {r.x - n_b * bx, r.y - n_b * by, r.z};
  r.x -= ax * std::floor(r.x / ax);
  return r;
}

std::array<double, 3> Box::edges_nm() const {
  return {ax, norm({bx, by, 0.0}), norm({cx, cy, cz})};
}

std::array<double, 3> Box::angles_rad() const {
  const Vec3 a{ax, 0.0, 0.0}, b{bx, by, 0.0}, c{cx, cy, cz};
  const auto angle = [](Vec3 v, Vec3 w) {
    return std::acos(std::fmax(-1.0, std::fmin(1.0, dot(v, w) / (norm(v) * norm(w)))));
  };
  return {angle(b, c), angle(a, c), angle(a, b)};
}

std::array<Vec3, 3> Box::reciprocal_vectors() const {
  const double a = 1.0 / ax, b = 1.0 / by, c = 1.0 / cz;
  return {Vec3{a, -a * b * bx, a * b * c * (bx * cy - by * cx)}, Vec3{0.0, b, -b * c * cy},
          Vec3{0.0, 0.0, c}};
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

std::string Box::problem_of_cutoff(double cutoff_nm) const {
  const double widest_nm = 0.5 * shortest_width();
  if (cutoff_nm <= widest_nm) return "";
  // Whole hundredths of a nanometre.
  constexpr double kPerNm = 100.0;
  const double advised_nm = std::floor(widest_nm * kPerNm) / kPerNm;
  const std::string what = "the cutoff, " + in_nm(cutoff_nm) +
                           ", is more than half the shortest width of the box, " +
                           in_nm(shortest_width()) + "; ";
  if (!(advised_nm > 0.0)) return what + "take a larger box";
  return what + "set cutoff = \"" + significant_text(advised_nm, 6) +
         " nm\" or less, or take a larger box";
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
    if (what.empty()) what = boxes[c].problem_of_cutoff(cutoff_nm);
    if (!what.empty()) throw InputError("the box of chain " + std::to_string(c) + ": " + what);
  }
}

}  // namespace saltus::engine
