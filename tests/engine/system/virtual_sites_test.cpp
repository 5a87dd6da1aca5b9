// Oracles: positions and forces of OpenMM 7.7 (Reference platform), Ridders derivatives of a
// function of the placed sites, and exact messages.
#include "engine/system/virtual_sites.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "engine/core/error.h"
#include "engine/lanes/native_energy.h"
#include "engine/reference/plain_energy.h"
#include "engine/system/close_contacts.h"
#include "engine/system/system.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;
using Kind = VirtualSite::Kind;

constexpr std::size_t kParents = 4, kAtoms = 9;

/// Sites of every kind on atoms 0 to 3, which are none.
std::vector<VirtualSite> all_kinds() {
  return {{4, Kind::kAverage, {0, 2}, {0.3, 0.7}, {}, {}, {}},
          {5, Kind::kAverage, {1, 0, 3}, {0.786646558, 0.106676721, 0.106676721}, {}, {}, {}},
          {6, Kind::kOutOfPlane, {0, 1, 2}, {-0.34490826, -0.2, 6.4437903}, {}, {}, {}},
          {7,
           Kind::kLocalCoordinates,
           {0, 1, 2},
           {0.5, 0.25, 0.25},
           {-1.0, 0.5, 0.5},
           {0.0, -1.0, 1.0},
           {0.03, -0.02, 0.05}},
          {8,
           Kind::kLocalCoordinates,
           {3, 0, 1, 2},
           {0.1, 0.2, 0.3, 0.4},
           {-1.0, 0.2, 0.5, 0.3},
           {0.5, -1.0, 0.25, 0.25},
           {-0.04, 0.01, 0.02}}};
}

/// Sites are not in their places yet.
std::vector<double> positions() {
  std::vector<double> x = {-0.254, 0.168,  -0.037, 0.134, 0.287, 0.023,
                           0.001,  -0.257, -0.139, 0.0,   0.108, 0.182};
  x.resize(3 * kAtoms, 0.5);
  return x;
}

TEST(VirtualSites, ArePlacedWhereOpenMMPlacesThem) {
  std::vector<double> x = positions();
  const std::vector<double> before = x;
  place_virtual_sites(all_kinds(), x);
  const double expected[] = {-0.075500000000, -0.129500000000, -0.108400000000, 0.078314751638,
                             0.255210337142,  0.033560995379,  -0.352722478891, 0.565565353563,
                             -1.295412332724, -0.054361540211, 0.109371053005,  -0.091865675468,
                             -0.010844994928, 0.006937160595,  0.002947135535};
  for (std::size_t i = 0; i < 3 * kParents; ++i) EXPECT_EQ(x[i], before[i]);
  // The numbers have 12 decimals.
  for (std::size_t i = 3 * kParents; i < x.size(); ++i)
    EXPECT_NEAR(x[i], expected[i - 3 * kParents], 1e-12 * tolerance_scale()) << i;
}

TEST(VirtualSites, HandForcesToParentsAsOpenMMDoes) {
  std::vector<double> x = positions();
  place_virtual_sites(all_kinds(), x);
  std::vector<double> forces = {-23.8, -86.8, -42.4, 81.9, -57.3, -9.6, 86.2, -95.0, 20.1,
                                90.0,  -53.9, 9.7,   81.8, -73.4, 4.7,  50.1, 33.8,  -6.4,
                                -59.0, -1.8,  -25.5, -4.5, -26.8, 67.6, 53.7, -37.2, 14.5};
  spread_site_forces(all_kinds(), x, forces);
  const double expected[] = {-166.406656909, -167.911892135, 153.980719996, 220.401807261,
                             35.239483543,   -144.347836238, 191.706617236, -206.378262726,
                             11.655350271,   110.698232413,  -59.349328682, 11.411765972};
  // The numbers have 9 decimals.
  for (std::size_t i = 0; i < 3 * kParents; ++i)
    EXPECT_NEAR(forces[i], expected[i], 1e-8 * tolerance_scale()) << i;
  for (std::size_t i = 3 * kParents; i < forces.size(); ++i) EXPECT_EQ(forces[i], 0.0);
}

/// A function of all positions without symmetry; a force on each if wanted.
double wavy(const std::vector<double>& x, std::vector<double>* forces) {
  double energy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double k = 3.0 + 0.7 * static_cast<double>(i), amplitude = 5.0 / k;
    energy += amplitude * std::sin(k * x[i]);
    if (forces != nullptr) (*forces)[i] = -amplitude * k * std::cos(k * x[i]);
  }
  return energy;
}

TEST(VirtualSites, ForcesAreDerivativesByTheParents) {
  const std::vector<VirtualSite> sites = all_kinds();
  RandomStream stream = test_stream(23);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<double> x = positions(), forces(x.size());
    for (std::size_t i = 0; i < 3 * kParents; ++i) x[i] += 0.05 * stream.normal();
    place_virtual_sites(sites, x);
    wavy(x, &forces);
    spread_site_forces(sites, x, forces);
    for (std::size_t i = 0; i < 3 * kParents; ++i) {
      const auto energy_at = [&](double value) {
        std::vector<double> y = x;
        y[i] = value;
        place_virtual_sites(sites, y);
        return wavy(y, nullptr);
      };
      const Derivative slope = ridders_derivative(energy_at, x[i], 0.01);
      EXPECT_NEAR(forces[i], -slope.value, (10.0 * slope.error + 1e-9) * tolerance_scale())
          << "trial " << trial << ", coordinate " << i;
    }
  }
}

TEST(VirtualSites, LocalAxesWithoutDirectionAreZero) {
  // All three parents in one place, and on one line.
  std::vector<VirtualSite> site = {all_kinds()[3]};
  for (const double length : {0.0, 0.1}) {
    std::vector<double> x(3 * kAtoms, 0.2), forces(3 * kAtoms, 1.0);
    x[3] += length;
    x[6] += 2.0 * length;
    place_virtual_sites(site, x);
    spread_site_forces(site, x, forces);
    // X = -r_0 + (r_1 + r_2) / 2 is along x on the line.
    const double origin = 0.2 + 0.75 * length;
    EXPECT_NEAR(x[21], origin + (length > 0.0 ? 0.03 : 0.0), 1e-15 * tolerance_scale());
    EXPECT_NEAR(x[22], 0.2, 1e-15 * tolerance_scale());
    for (const double force : forces) EXPECT_TRUE(std::isfinite(force));
  }
}

/// Five sites on four atoms, valid.
System valid_system() {
  System s;
  s.masses.assign(kAtoms, 0.0);
  for (std::size_t n = 0; n < kParents; ++n) s.masses[n] = 12.0;
  s.virtual_sites = all_kinds();
  return s;
}

struct Fault {
  std::function<void(System&)> plant;
  std::string message;
};

TEST(VirtualSites, ValidationNamesTheFault) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NO_THROW(valid_system().validate("x.xml"));
  const std::vector<Fault> faults = {
      {[](System& s) { s.virtual_sites[1].site = 9; },
       "virtual site 1: atom 9 is out of range, the system has 9 atoms"},
      {[](System& s) { s.masses[5] = 1.008; },
       "virtual site 1: atom 5 has the mass 1.008, expected 0"},
      {[](System& s) { s.virtual_sites[2].site = 4; },
       "virtual site 2: atom 4 is a virtual site already"},
      {[](System& s) { s.virtual_sites[0].parents[1] = 12; },
       "virtual site 0: parent 12 is out of range, the system has 9 atoms"},
      {[](System& s) { s.virtual_sites[0].parents[1] = 8; },
       "virtual site 0: parent 8 is a virtual site itself"},
      {[](System& s) {
         s.virtual_sites[3].parents[1] = 3;
         s.virtual_sites[3].parents[0] = 3;
       },
       "virtual site 3: parent 3 is repeated"},
      {[](System& s) { s.virtual_sites[0].parents = {1}; },
       "virtual site 0: 1 parents, expected 2 or 3"},
      {[](System& s) {
         s.virtual_sites[2].parents = {1, 2};
       },
       "virtual site 2: 2 parents, expected 3"},
      {[](System& s) { s.virtual_sites[3].parents = {1}; },
       "virtual site 3: 1 parents, expected 2 or more"},
      {[](System& s) { s.virtual_sites[1].weights.pop_back(); },
       "virtual site 1: 2 weights, expected 3"},
      {[](System& s) { s.virtual_sites[4].y_weights.push_back(0.0); },
       "virtual site 4: 5 weights of the y axis, expected 4"},
      {[](System& s) {
         s.virtual_sites[1].x_weights = {1.0, -1.0, 0.0};
       },
       "virtual site 1: 3 weights of the x axis, expected 0"},
      {[](System& s) {
         s.virtual_sites[0].weights = {0.5, 0.25};
       },
       "virtual site 0: the weights add up to 0.75, expected 1"},
      {[](System& s) {
         s.virtual_sites[3].x_weights = {-1.0, 0.5, 0.75};
       },
       "virtual site 3: the weights of the x axis add up to 0.25, expected 0"},
      {[](System& s) { s.virtual_sites[2].weights[2] = kNan; },
       "virtual site 2: one of the weights is not finite"},
      {[](System& s) { s.virtual_sites[3].local_position_nm[1] = kNan; },
       "virtual site 3: the local position is not finite"},
  };
  for (const Fault& fault : faults) {
    System s = valid_system();
    fault.plant(s);
    EXPECT_EQ(message_of<InputError>([&] { s.validate("x.xml"); }), "x.xml: " + fault.message);
  }
}

TEST(VirtualSites, AreNotFrozenAtoms) {
  System s = valid_system();
  EXPECT_TRUE(frozen_atoms(s).empty());
  EXPECT_EQ(laboratory_tie(s), "");
  s.masses[2] = 0.0;
  EXPECT_EQ(frozen_atoms(s), std::vector<std::size_t>{2});
  EXPECT_EQ(laboratory_tie(s), "atoms of mass 0");
}

TEST(VirtualSites, ContactsAreThoseOfTheirPlaces) {
  // A charge on the line of two atoms, and another molecule's charge right beside that place.
  System s;
  s.masses = {16.0, 16.0, 0.0, 1.0};
  s.virtual_sites = {{2, Kind::kAverage, {0, 1}, {0.5, 0.5}, {}, {}, {}}};
  s.nonbonded.emplace();
  s.nonbonded->particles = {{0.0, 0.3, 0.5}, {0.0, 0.3, 0.5}, {-1.0, 1.0, 0.0}, {1.0, 1.0, 0.0}};
  const std::vector<double> x = {0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 9.0, 9.0, 9.0, 0.5, 0.01, 0.0};
  const auto found = ContactCheck(s).find({x.data(), 1, 4});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].i, 2u);
  EXPECT_EQ(found[0].j, 3u);
  EXPECT_NEAR(found[0].distance_nm, 0.01, 1e-15 * tolerance_scale());
}

}  // namespace
}  // namespace saltus::tests
