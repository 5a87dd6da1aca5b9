// Oracle: OpenMM 7.7's own reader of AMBER files (tests/forcefields/data/README.md). What we read
// and give to OpenMM has the energies and forces of what it reads itself, in triclinic boxes and
// with Ewald sums, too.
#include <gtest/gtest.h>

#include <cmath>

#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "forcefields/openmm/openmm_energy.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/boxes.h"

namespace saltus::tests {
namespace {

using engine::NonbondedMethod;

struct Method {
  const char* name;
  NonbondedMethod nonbonded;
  double switching_distance_nm;
};

constexpr Method kMethods[] = {{"cutoff", NonbondedMethod::kCutoffPeriodic, 0.0},
                               {"switched", NonbondedMethod::kCutoffPeriodic, 0.8},
                               {"ewald", NonbondedMethod::kEwald, 0.8},
                               {"pme", NonbondedMethod::kPme, 0.0}};

engine::System read(const std::string& name, const Method& method) {
  forcefields::PrmtopOptions options;
  options.molecule.nonbonded_method = method.nonbonded;
  options.molecule.cutoff_nm = 0.9;
  options.molecule.switching_distance_nm = method.switching_distance_nm;
  options.molecule.rigid_water = true;
  return forcefields::read_prmtop(data_path(name + ".prmtop"), options).system;
}

TEST(AmberBoxes, HaveTheEnergiesOfOpenMMsReader) {
  std::size_t n_compared = 0;
  for (const char* name :
       {"tip3p_rectangular", "tip3p_octahedron", "tip4pew_triclinic", "tip5p_rectangular"})
    for (const Method& method : kMethods) {
      const ReferenceData reference(data_path(std::string(name) + ".reference"));
      const std::string key = std::string(method.name) + ".";
      if (!reference.has(key + "total")) continue;
      SCOPED_TRACE(key + name);
      engine::System system = read(name, method);
      const auto coordinates =
          forcefields::read_inpcrd(data_path(std::string(name) + ".inpcrd"), system.n_atoms());
      system.box = engine::Box::from_lengths_and_angles(coordinates.box_nm.value(),
                                                        coordinates.box_rad.value());
      const forcefields::OpenMMEnergy openmm(system, {"Reference", 0});
      std::vector<double> energy(1), forces(3 * system.n_atoms());
      openmm.evaluate(in_box(system, coordinates.positions_nm).view(), energy, forces);
      // The same code from the same numbers to the twelve digits of the reference; the two
      // readers' conversions of units differ in the last ones.
      constexpr double kEnergyTolerance = 1e-9;  // relative
      constexpr double kForceTolerance = 1e-6;   // kJ/mol/nm; forces reach 10^3
      const double expected = reference[key + "total"][0];
      EXPECT_NEAR(energy[0], expected, kEnergyTolerance * std::abs(expected));
      const std::vector<double>& all = reference[key + "forces"];
      for (std::size_t n = 0; n < forces.size(); ++n)
        if (system.masses[n / 3] > 0.0) {
          EXPECT_NEAR(forces[n], all[n], kForceTolerance) << n;
        }
      ++n_compared;
    }
  EXPECT_EQ(n_compared, 14u) << "of the two oblique boxes OpenMM has no plain Ewald sum";
}

}  // namespace
}  // namespace saltus::tests
