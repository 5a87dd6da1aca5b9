// Oracle: OpenMM's Reference platform (independent implementation, double precision) for three
// waters with virtual sites of each kind; Ridders' derivative for the forces.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "engine/reference/plain_energy.h"
#include "tests/engine/reference/waters.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"

namespace saltus::tests {

namespace {

using namespace engine;

struct Reference {
  const char* name;
  Water water;
  NonbondedMethod method;
  double energy;                           // kJ/mol
  std::array<double, 3> oxygen, hydrogen;  // forces on atoms 0 and 1, kJ/mol/nm
};

constexpr auto kOpen = NonbondedMethod::kNoCutoff;
constexpr auto kEwald = NonbondedMethod::kEwald;

// Python module of OpenMM 7.7, Reference platform: the particles, sites and exceptions of `waters`,
// computeVirtualSites. Its forces on oxygens and hydrogens contain those of the sites.
const Reference kReferences[] = {
    {"four_site",
     Water::kFourSite,
     kOpen,
     11.7758972147,
     {-114.7934895, 125.9148394, 169.7323573},
     {-9.491886142, -176.7072217, -141.8418712}},
    {"four_site_ewald",
     Water::kFourSite,
     kEwald,
     11.7323106074,
     {-108.0712762, 121.7513636, 137.8038048},
     {-15.62409947, -174.4108059, -130.7235313}},
    {"midpoint",
     Water::kMidpoint,
     kOpen,
     28.1747454845,
     {-203.1905655, 296.3002308, 230.4333235},
     {-7.816934746, -391.6059316, -137.8658531}},
    {"midpoint_ewald",
     Water::kMidpoint,
     kEwald,
     27.6106385935,
     {-171.3533348, 279.6241764, 135.4211115},
     {-26.85486816, -384.8324928, -96.13341202}},
    {"five_site",
     Water::kFiveSite,
     kOpen,
     12.5446750012,
     {-133.040135, 110.2544622, 159.2663934},
     {-25.35433112, -140.9960902, -90.47160198}},
    {"five_site_ewald",
     Water::kFiveSite,
     kEwald,
     12.3709894139,
     {-123.962122, 110.046613, 122.6241297},
     {-33.00880255, -141.7389272, -77.81176544}},
    {"local",
     Water::kLocalCoordinates,
     kOpen,
     -1.50691767726,
     {71.99661556, 42.35181737, 78.98387492},
     {-88.55457768, -34.78116693, -56.71048749}},
    {"local_ewald",
     Water::kLocalCoordinates,
     kEwald,
     -1.03887382697,
     {74.49780281, 45.18705703, 74.21945175},
     {-91.93423658, -34.05741441, -58.63907722}},
};

class VirtualSiteEnergy : public testing::TestWithParam<Reference> {
 protected:
  System system() const { return waters(GetParam().water, GetParam().method); }
};

TEST_P(VirtualSiteEnergy, EqualsOpenMM) {
  // Sites are stored where they do not belong.
  const std::vector<double> x = water_positions(GetParam().water);
  double energy = 0.0;
  std::vector<double> forces(x.size(), 7.0);
  PlainEnergy(system(), nullptr).evaluate(in_box(system(), x).view(), {&energy, 1}, forces);
  EXPECT_NEAR(energy, GetParam().energy, tolerance_scale() * 1e-9);
  for (std::size_t d = 0; d < 3; ++d) {
    EXPECT_NEAR(forces[d], GetParam().oxygen[d], tolerance_scale() * 1e-6);
    EXPECT_NEAR(forces[3 + d], GetParam().hydrogen[d], tolerance_scale() * 1e-6);
  }
  for (const VirtualSite& site : system().virtual_sites)
    for (std::size_t d = 0; d < 3; ++d) EXPECT_EQ(forces[3 * site.site + d], 0.0);
}

TEST_P(VirtualSiteEnergy, KeepsThePromisesOfItsInterface) {
  EnergyInvariantOptions options;
  options.rotation = GetParam().method == kOpen;  // a box has directions
  options.force_tolerance = 1e-8;
  const std::vector<double> x = water_positions(GetParam().water);
  expect_energy_function_invariants(PlainEnergy(system(), nullptr), in_box(system(), x).view(),
                                    options);
}

TEST_P(VirtualSiteEnergy, TermsAreThoseOfThePlacesOfSites) {
  const std::vector<double> x = water_positions(GetParam().water);
  const auto terms = PlainEnergy(system(), nullptr).terms(in_box(system(), x).view());
  ASSERT_EQ(terms.size(), 1u);
  EXPECT_NEAR(terms[0].energy, GetParam().energy, tolerance_scale() * 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Waters, VirtualSiteEnergy, testing::ValuesIn(kReferences),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace

}  // namespace saltus::tests
