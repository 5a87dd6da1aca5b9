// Oracle: energies, forces and places of virtual sites of water by OpenMM 7.7's Reference platform,
// from System XML files that OpenMM wrote (data/make_box_data.py).
#include <gmock/gmock.h>

#include "engine/core/error.h"
#include "forcefields/openmm/openmm_energy.h"
#include "forcefields/openmm/system_xml.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using engine::VirtualSite;
using forcefields::OpenMMEnergy;

std::string file_of(const std::string& name) { return data_path(name + ".xml"); }

engine::System system_of(const std::string& name) {
  return forcefields::read_system_xml(file_of(name)).system;
}

void expect_reference(const OpenMMEnergy& energy, const engine::System& system,
                      const std::string& name) {
  // The references have twelve digits of numbers up to 1e3.
  const double energy_tolerance = 1e-8 * tolerance_scale(),
               force_tolerance = 1e-7 * tolerance_scale();
  const ReferenceData reference(data_path(name + ".xml.reference"));
  const engine::CoordinateBatch x = in_box(system, reference["positions"]);
  std::vector<double> total(1), forces(3 * system.n_atoms());
  energy.evaluate(x.view(), total, forces);
  EXPECT_NEAR(total[0], reference["xml.total"][0], energy_tolerance);
  for (std::size_t n = 0; n < forces.size(); ++n)
    EXPECT_NEAR(forces[n], reference["xml.forces"][n], force_tolerance) << "component " << n;
}

class BoxFiles : public testing::TestWithParam<const char*> {};

TEST_P(BoxFiles, GiveOpenMMsEnergies) {
  const engine::System system = system_of(GetParam());
  expect_reference(OpenMMEnergy(system, {}), system, GetParam());
  expect_reference(*OpenMMEnergy::of_system_xml(file_of(GetParam()), system, {}), system,
                   GetParam());
}

TEST_P(BoxFiles, PlacesOfSitesAreOpenMMs) {
  const engine::System system = system_of(GetParam());
  const ReferenceData reference(data_path(std::string(GetParam()) + ".xml.reference"));
  std::vector<double> x = reference["positions"];
  engine::place_virtual_sites(system.virtual_sites, x);
  for (std::size_t n = 0; n < x.size(); ++n)
    EXPECT_NEAR(x[n], reference["xml.placed"][n], 1e-11 * tolerance_scale()) << "component " << n;
}

TEST_P(BoxFiles, StoredPlacesOfSitesHaveNoEffect) {
  const engine::System system = system_of(GetParam());
  const OpenMMEnergy energy(system, {});
  const ReferenceData reference(data_path(std::string(GetParam()) + ".xml.reference"));
  std::vector<double> x = reference["positions"], before(1), after(1);
  energy.evaluate(in_box(system, x).view(), before, {});
  for (const VirtualSite& site : system.virtual_sites) x[3 * site.site] += 0.1;
  energy.evaluate(in_box(system, x).view(), after, {});
  EXPECT_EQ(before, after);
}

INSTANTIATE_TEST_SUITE_P(Files, BoxFiles, testing::Values("waters_pme", "waters_ewald"));

TEST(SystemXmlBoxes, SayWhatTheFileSays) {
  const engine::System system = system_of("waters_pme");
  ASSERT_TRUE(system.box && system.nonbonded);
  EXPECT_EQ(system.box->vectors(),
            (std::array<double, 9>{2.0, 0.0, 0.0, 0.5, 1.9, 0.0, -0.5, 0.4, 1.8}));
  EXPECT_EQ(system.nonbonded->method, engine::NonbondedMethod::kPme);
  EXPECT_EQ(system.nonbonded->ewald.tolerance, 1e-6);
  EXPECT_EQ(system.nonbonded->ewald.alpha_per_nm, 0.0);
  ASSERT_EQ(system.virtual_sites.size(), 6u);
  EXPECT_EQ(system.virtual_sites[0].kind, VirtualSite::Kind::kAverage);
  EXPECT_EQ(system.virtual_sites[1].kind, VirtualSite::Kind::kOutOfPlane);
  EXPECT_EQ(system.virtual_sites[3].kind, VirtualSite::Kind::kLocalCoordinates);
  EXPECT_EQ(system.virtual_sites[3].parents, (std::vector<std::size_t>{9, 10, 11}));
}

/// What the reader makes of waters_pme.xml with its first `from` replaced.
engine::System read_after(const std::string& from, const std::string& to) {
  const std::string text = with_replaced(read_text(file_of("waters_pme")), from, to);
  return forcefields::read_system_xml(write_text(testing::TempDir(), "pme.xml", text)).system;
}

/// What it says.
std::string message_after(const std::string& from, const std::string& to) {
  const std::string message = message_of<engine::InputError>([&] { read_after(from, to); });
  return message.substr(std::min(message.size(), message.find("pme.xml")));
}

TEST(SystemXmlBoxes, GridIsThatOfTheFile) {
  const auto nonbonded =
      read_after("ljnz=\"0\" method=\"4\" name=\"NonbondedForce\" nx=\"0\" ny=\"0\" nz=\"0\"",
                 "ljnz=\"0\" method=\"4\" nx=\"32\" ny=\"30\" nz=\"27\"")
          .nonbonded;
  // A grid has no use without alpha, which OpenMM finds from the tolerance then.
  EXPECT_EQ(nonbonded->ewald.n_grid, (std::array<std::size_t, 3>{}));
  const std::string text =
      with_replaced(with_replaced(read_text(file_of("waters_pme")), "alpha=\"0\"", "alpha=\"4\""),
                    "nx=\"0\" ny=\"0\" nz=\"0\"", "nx=\"32\" ny=\"30\" nz=\"27\"");
  const auto given = forcefields::read_system_xml(write_text(testing::TempDir(), "grid.xml", text))
                         .system.nonbonded;
  EXPECT_EQ(given->ewald.alpha_per_nm, 4.0);
  EXPECT_EQ(given->ewald.n_grid, (std::array<std::size_t, 3>{32, 30, 27}));
}

TEST(SystemXmlBoxes, WhatIsWrongIsSaid) {
  EXPECT_EQ(message_after("alpha=\"0\"", "alpha=\"4\""),
            "pme.xml:61: <Force>: attribute 'nx' is 0, expected the points of the grid, as alpha "
            "is given too");
  EXPECT_EQ(message_after("<TwoParticleAverageSite", "<TwoParticleMean"),
            "pme.xml:34: <TwoParticleMean>: no virtual site that is known; expected "
            "TwoParticleAverageSite, ThreeParticleAverageSite, OutOfPlaneSite or "
            "LocalCoordinatesSite");
  EXPECT_EQ(message_after("p1=\"13\" p2=\"14\" w1=\".75\"", "p1=\"13\" p2=\"99\" w1=\".75\""),
            "pme.xml:34: <TwoParticleAverageSite>: attribute 'p2' is 99, expected the index of one "
            "of 21 atoms, counted from 0");
  EXPECT_EQ(message_after("p1=\"13\" p2=\"14\"", "p1=\"13\" p3=\"15\" p2=\"14\""),
            "pme.xml:34: <TwoParticleAverageSite>: attribute 'p3' is not known here, expected one "
            "of: p1, p2, w1, w2");
  EXPECT_EQ(message_after("<B x=\".5\"", "<B x=\"1.5\""),
            "pme.xml:3: <PeriodicBoxVectors>: bx is 1.500000 nm, expected at most half of 2.000000 "
            "nm in size (reduce the box vectors, as OpenMM does)");
  EXPECT_EQ(message_after("<B x=\".5\" y=\"1.9\" z=\"0\"", "<B x=\".5\" y=\"1.9\" z=\".1\""),
            "pme.xml:3: <PeriodicBoxVectors>: the vectors are not lower triangular; turn the "
            "system as OpenMM does");
  EXPECT_EQ(message_after("cutoff=\".8\"", "cutoff=\"1.2\""),
            "pme.xml: nonbonded: the cutoff, 1.200000 nm, is more than half the shortest width of "
            "the box, 1.800000 nm; set cutoff = \"0.9 nm\" or less, or take a larger box");
}

TEST(SystemXmlBoxes, GridsThatFitNoMachineAreRefused) {
  const auto refusal = [](engine::System system) {
    return message_of<engine::InputError>([&] { OpenMMEnergy(system, {}); });
  };
  engine::System system = system_of("waters_pme");
  system.nonbonded->ewald.tolerance = 1e-15;
  EXPECT_THAT(refusal(system),
              testing::HasSubstr("system for OpenMM: the grid of PME would have "));
  system = system_of("waters_pme");
  *system.box = engine::Box({1e4, 1e4, 1e30});
  EXPECT_THAT(refusal(system), testing::HasSubstr(" points in a box of 1e+04 x 1e+04 x 1e+30 nm"));
  system.nonbonded->method = engine::NonbondedMethod::kEwald;
  EXPECT_THAT(refusal(system), testing::HasSubstr("system for OpenMM: Ewald sum: a box of 1e+04"));
  // Read by OpenMM itself, with a grid that the file gives.
  const std::string file = write_text(
      testing::TempDir(), "grid.xml",
      with_replaced(with_replaced(read_text(file_of("waters_pme")), "alpha=\"0\"", "alpha=\"4\""),
                    "nx=\"0\" ny=\"0\" nz=\"0\"", "nx=\"6000\" ny=\"6000\" nz=\"6000\""));
  EXPECT_THAT(message_of<engine::InputError>([&] {
                OpenMMEnergy::of_system_xml(file, forcefields::read_system_xml(file).system, {});
              }),
              testing::HasSubstr("grid.xml: the grid of PME would have 2.2e+11 points"));
}

}  // namespace
}  // namespace saltus::tests
