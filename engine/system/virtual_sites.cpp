#include "engine/system/virtual_sites.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/text.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

constexpr double kWeightTolerance = 1e-6;  // OpenMM's

/// 1 / |v|, and 0 for a vector that has no direction.
double inverse_norm(Vec3 v) {
  const double length = norm(v);
  return length > 0.0 ? 1.0 / length : 0.0;
}

Vec3 weighted_sum(const std::vector<double>& weights, const VirtualSite& site, const double* x) {
  Vec3 sum;
  for (std::size_t n = 0; n < site.parents.size(); ++n)
    sum = sum + weights[n] * load_atom(x, site.parents[n]);
  return sum;
}

/// Directions of kLocalCoordinates and what they are made of.
struct LocalFrame {
  Vec3 x_sum, y_sum;                        ///< X, Y
  double x_inverse = 0.0, z_inverse = 0.0;  ///< 1 / |X|, 1 / |X x Y|
  Vec3 e_x, e_y, e_z;

  LocalFrame(const VirtualSite& site, const double* x)
      : x_sum(weighted_sum(site.x_weights, site, x)), y_sum(weighted_sum(site.y_weights, site, x)) {
    const Vec3 z = cross(x_sum, y_sum);
    x_inverse = inverse_norm(x_sum);
    z_inverse = inverse_norm(z);
    e_x = x_inverse * x_sum;
    e_z = z_inverse * z;
    e_y = cross(e_z, e_x);
  }
};

Vec3 place_out_of_plane(const VirtualSite& site, const double* x) {
  const Vec3 origin = load_atom(x, site.parents[0]);
  const Vec3 d_1 = load_atom(x, site.parents[1]) - origin;
  const Vec3 d_2 = load_atom(x, site.parents[2]) - origin;
  return origin + site.weights[0] * d_1 + site.weights[1] * d_2 + site.weights[2] * cross(d_1, d_2);
}

Vec3 place_local(const VirtualSite& site, const double* x) {
  const LocalFrame frame(site, x);
  const auto& p = site.local_position_nm;
  return weighted_sum(site.weights, site, x) + p[0] * frame.e_x + p[1] * frame.e_y +
         p[2] * frame.e_z;
}

/// What of the derivative by e = v / |v| is one by v.
Vec3 through_direction(Vec3 by_direction, Vec3 direction, double inverse_length) {
  return inverse_length * (by_direction - dot(by_direction, direction) * direction);
}

void spread_out_of_plane(const VirtualSite& site, const double* x, Vec3 force, double* forces) {
  const Vec3 origin = load_atom(x, site.parents[0]);
  const Vec3 d_1 = load_atom(x, site.parents[1]) - origin;
  const Vec3 d_2 = load_atom(x, site.parents[2]) - origin;
  const Vec3 on_1 = site.weights[0] * force + site.weights[2] * cross(d_2, force);
  const Vec3 on_2 = site.weights[1] * force + site.weights[2] * cross(force, d_1);
  add_to_atom(forces, site.parents[0], force - on_1 - on_2);
  add_to_atom(forces, site.parents[1], on_1);
  add_to_atom(forces, site.parents[2], on_2);
}

/// The steps of LocalFrame backwards, each with the derivative by what it makes.
void spread_local(const VirtualSite& site, const double* x, Vec3 force, double* forces) {
  const LocalFrame frame(site, x);
  const auto& p = site.local_position_nm;
  const Vec3 by_y = p[1] * force;
  const Vec3 by_z = p[2] * force + cross(frame.e_x, by_y);  // e_y = e_z x e_x
  const Vec3 by_x = p[0] * force + cross(by_y, frame.e_z);
  const Vec3 by_z_sum = through_direction(by_z, frame.e_z, frame.z_inverse);
  const Vec3 on_x =
      cross(frame.y_sum, by_z_sum) + through_direction(by_x, frame.e_x, frame.x_inverse);
  const Vec3 on_y = cross(by_z_sum, frame.x_sum);
  for (std::size_t n = 0; n < site.parents.size(); ++n)
    add_to_atom(forces, site.parents[n],
                site.weights[n] * force + site.x_weights[n] * on_x + site.y_weights[n] * on_y);
}

/// What is wrong with the numbers of a site; empty when nothing is.
std::string problem_of_weights(const VirtualSite& site) {
  const std::size_t n = site.parents.size();
  const bool local = site.kind == VirtualSite::Kind::kLocalCoordinates;
  struct Weights {
    const char* name;
    const std::vector<double>& values;
    std::size_t size;
  };
  const std::size_t n_axis = local ? n : 0;
  for (const Weights& w : {Weights{"weights", site.weights, n},
                           Weights{"weights of the x axis", site.x_weights, n_axis},
                           Weights{"weights of the y axis", site.y_weights, n_axis}}) {
    if (w.values.size() != w.size)
      return std::to_string(w.values.size()) + " " + w.name + ", expected " +
             std::to_string(w.size);
    for (const double value : w.values)
      if (!std::isfinite(value)) return std::string("one of the ") + w.name + " is not finite";
    if (site.kind == VirtualSite::Kind::kOutOfPlane || w.values.empty()) continue;
    const double sum = std::accumulate(w.values.begin(), w.values.end(), 0.0);
    const double expected = &w.values == &site.weights ? 1.0 : 0.0;
    if (std::abs(sum - expected) > kWeightTolerance)
      return std::string("the ") + w.name + " add up to " + shortest_text(sum) + ", expected " +
             shortest_text(expected);
  }
  for (const double value : site.local_position_nm)
    if (!std::isfinite(value)) return "the local position is not finite";
  return "";
}

std::string problem_of_parents(const VirtualSite& site, const std::vector<bool>& is_site) {
  const std::size_t n = site.parents.size();
  const auto expected = [&](const char* number) {
    return std::to_string(n) + " parents, expected " + number;
  };
  switch (site.kind) {
    case VirtualSite::Kind::kAverage:
      if (n != 2 && n != 3) return expected("2 or 3");
      break;
    case VirtualSite::Kind::kOutOfPlane:
      if (n != 3) return expected("3");
      break;
    case VirtualSite::Kind::kLocalCoordinates:
      if (n < 2) return expected("2 or more");
      break;
  }
  for (auto parent = site.parents.begin(); parent != site.parents.end(); ++parent) {
    const std::string name = "parent " + std::to_string(*parent);
    if (*parent >= is_site.size())
      return name + " is out of range, the system has " + std::to_string(is_site.size()) + " atoms";
    if (is_site[*parent]) return name + " is a virtual site itself";
    if (std::find(site.parents.begin(), parent, *parent) != parent) return name + " is repeated";
  }
  return "";
}

}  // namespace

void place_virtual_sites(Span<const VirtualSite> sites, Span<double> x) {
  for (const VirtualSite& site : sites) {
    Vec3 place;
    switch (site.kind) {
      case VirtualSite::Kind::kAverage:
        place = weighted_sum(site.weights, site, x.data());
        break;
      case VirtualSite::Kind::kOutOfPlane:
        place = place_out_of_plane(site, x.data());
        break;
      case VirtualSite::Kind::kLocalCoordinates:
        place = place_local(site, x.data());
        break;
    }
    double* to = x.data() + 3 * site.site;
    to[0] = place.x;
    to[1] = place.y;
    to[2] = place.z;
  }
}

void spread_site_forces(Span<const VirtualSite> sites, Span<const double> x, Span<double> forces) {
  for (const VirtualSite& site : sites) {
    const Vec3 force = load_atom(forces.data(), site.site);
    std::fill_n(forces.data() + 3 * site.site, 3, 0.0);
    switch (site.kind) {
      case VirtualSite::Kind::kAverage:
        for (std::size_t n = 0; n < site.parents.size(); ++n)
          add_to_atom(forces.data(), site.parents[n], site.weights[n] * force);
        break;
      case VirtualSite::Kind::kOutOfPlane:
        spread_out_of_plane(site, x.data(), force, forces.data());
        break;
      case VirtualSite::Kind::kLocalCoordinates:
        spread_local(site, x.data(), force, forces.data());
        break;
    }
  }
}

std::string problem_of_sites(Span<const VirtualSite> sites, Span<const double> masses) {
  std::vector<bool> is_site(masses.size(), false);
  for (const VirtualSite& site : sites)
    if (site.site < masses.size()) is_site[site.site] = true;
  std::vector<bool> seen(masses.size(), false);
  for (std::size_t n = 0; n < sites.size(); ++n) {
    const VirtualSite& site = sites[n];
    const std::string where = "virtual site " + std::to_string(n) + ": ";
    const std::string atom = "atom " + std::to_string(site.site);
    if (site.site >= masses.size())
      return where + atom + " is out of range, the system has " + std::to_string(masses.size()) +
             " atoms";
    if (masses[site.site] != 0.0)
      return where + atom + " has the mass " + shortest_text(masses[site.site]) + ", expected 0";
    if (seen[site.site]) return where + atom + " is a virtual site already";
    seen[site.site] = true;
    std::string problem = problem_of_parents(site, is_site);
    if (problem.empty()) problem = problem_of_weights(site);
    if (!problem.empty()) return where + problem;
  }
  return "";
}

}  // namespace saltus::engine
