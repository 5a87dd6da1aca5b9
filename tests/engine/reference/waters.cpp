#include "tests/engine/reference/waters.h"

#include <utility>

namespace saltus::tests {

using namespace engine;

namespace {

/// Sites of a water whose oxygen is atom `o`, followed by two hydrogens.
std::vector<VirtualSite> sites_of(Water water, std::size_t o) {
  VirtualSite site;
  site.site = o + 3;
  site.parents = {o, o + 1, o + 2};
  switch (water) {
    case Water::kFourSite:  // TIP4P-Ew
      site.weights = {0.786646558, 0.106676721, 0.106676721};
      return {site};
    case Water::kMidpoint:
      site.parents.pop_back();
      site.weights = {1.2, -0.2};
      return {site};
    case Water::kFiveSite: {  // TIP5P
      site.kind = VirtualSite::Kind::kOutOfPlane;
      site.weights = {-0.34490826, -0.34490826, -6.4437903};
      VirtualSite other = site;
      other.site = o + 4;
      other.weights[2] = 6.4437903;
      return {site, other};
    }
    case Water::kLocalCoordinates:
      site.kind = VirtualSite::Kind::kLocalCoordinates;
      site.weights = {0.7, 0.2, 0.1};
      site.x_weights = {-1.0, 0.6, 0.4};
      site.y_weights = {0.3, -1.0, 0.7};
      site.local_position_nm = {0.013, -0.021, 0.017};
      return {site};
  }
  return {};
}

std::vector<double> charges_of(Water water) {
  if (water == Water::kFiveSite) return {0.0, 0.241, 0.241, -0.241, -0.241};
  if (water == Water::kLocalCoordinates) return {0.1, 0.4, 0.4, -0.9};
  return {0.0, 0.52422, 0.52422, -1.04844};
}

constexpr std::size_t kWaters = 3;

}  // namespace

System waters(Water water, NonbondedMethod method) {
  System system;
  system.box = Box({1.2, 1.3, 1.4});
  Nonbonded& nonbonded = system.nonbonded.emplace();
  nonbonded.method = method;
  nonbonded.cutoff_nm = 0.55;
  nonbonded.ewald.tolerance = 1e-4;
  const std::vector<double> charges = charges_of(water);
  for (std::size_t w = 0; w < kWaters; ++w) {
    const std::size_t o = system.n_atoms();
    for (std::size_t n = 0; n < charges.size(); ++n) {
      system.masses.push_back(n == 0 ? 16.0 : n < 3 ? 1.0 : 0.0);
      nonbonded.particles.push_back({charges[n], n == 0 ? 0.3 : 1.0, n == 0 ? 0.65 : 0.0});
      for (std::size_t m = 0; m < n; ++m)
        nonbonded.exceptions.push_back({o + m, o + n, 0.0, 1.0, 0.0});
    }
    for (VirtualSite& site : sites_of(water, o)) system.virtual_sites.push_back(std::move(site));
  }
  return system;
}

std::vector<double> water_positions(Water water) {
  const double oxygens[kWaters][3] = {{0.1, 0.2, 0.3}, {0.35, 0.3, 0.15}, {1.05, 1.2, 0.7}};
  const double bonds[2][kWaters][3] = {
      {{0.06, 0.07, 0.01}, {-0.05, 0.08, -0.02}, {0.01, -0.09, 0.03}},
      {{-0.07, 0.06, -0.02}, {0.03, 0.02, 0.09}, {-0.08, 0.02, -0.05}}};
  std::vector<double> x;
  for (std::size_t w = 0; w < kWaters; ++w) {
    x.insert(x.end(), oxygens[w], oxygens[w] + 3);
    for (const auto& bond : bonds)
      for (std::size_t d = 0; d < 3; ++d) x.push_back(oxygens[w][d] + bond[w][d]);
    x.resize(x.size() + 3 * (charges_of(water).size() - 3), 0.0);
  }
  return x;
}

}  // namespace saltus::tests
