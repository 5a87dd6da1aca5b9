// Oracle: potential energies and forces that another project (microsoft/timewarp, MIT) stored with
// 200 frames of its own dynamics: amber99sbildn + amber99_obc, CutoffNonPeriodic 2.0 nm, float32.
// Goes the whole way from PDB and force-field files to numbers, natively and by OpenMM.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/reference/plain_energy.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "forcefields/openmm/openmm_energy.h"
#include "io/formats/pdb.h"
#include "saltus_test_paths.h"
#include "tests/forcefields/openmm/npz_reader.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

// The stored numbers come from OpenMM's single-precision platforms; OpenMM 7.7 in double precision
// is up to 0.0012 kJ/mol and 0.011 kJ/mol/nm away from them.
constexpr double kEnergyTolerance = 0.002;  // kJ/mol
constexpr double kForceTolerance = 0.02;    // kJ/mol/nm, rms force 900

std::string fixture(const std::string& name) {
  return std::string(SALTUS_TEST_FIXTURE_DIR) + "/peptide_2olx/" + name;
}

engine::System make_system() {
  io::PdbStructure pdb = io::read_pdb(fixture("implicit-2olx-traj-state0.pdb"));
  forcefields::StandardBonds::read({}).add_to(pdb.topology, pdb.positions.chain(0));
  const auto force_field =
      forcefields::ForceFieldXml::read({"amber99sbildn.xml", "amber99_obc.xml"}, {});
  forcefields::SystemOptions options;
  options.molecule.nonbonded_method = engine::NonbondedMethod::kCutoffNonPeriodic;
  options.molecule.cutoff_nm = 2.0;
  return forcefields::create_system(pdb.topology, force_field, options);
}

void expect_frames(const engine::EnergyFunction& energy, const std::string& who) {
  constexpr std::size_t kFrames = 200, kAtoms = 65;
  const auto arrays = read_npz(fixture("implicit-2olx-traj-arrays.npz"));
  const NumpyArray& x = arrays.at("positions");
  ASSERT_EQ(x.shape, (std::vector<std::size_t>{kFrames, kAtoms, 3}));
  ASSERT_EQ(energy.n_atoms(), kAtoms);
  std::vector<double> energies(kFrames), forces(x.values.size());
  energy.evaluate({x.values.data(), kFrames, kAtoms}, energies, forces);

  double worst_energy = 0.0, worst_force = 0.0;
  for (std::size_t n = 0; n < kFrames; ++n)  // columns: potential, kinetic
    worst_energy =
        std::max(worst_energy, std::abs(energies[n] - arrays.at("energies").values[2 * n]));
  for (std::size_t n = 0; n < forces.size(); ++n)
    worst_force = std::max(worst_force, std::abs(forces[n] - arrays.at("forces").values[n]));
  EXPECT_LE(worst_energy, kEnergyTolerance * tolerance_scale()) << who;
  EXPECT_LE(worst_force, kForceTolerance * tolerance_scale()) << who;
  testing::Test::RecordProperty(who + " worst energy", std::to_string(worst_energy));
  testing::Test::RecordProperty(who + " worst force", std::to_string(worst_force));
}

TEST(Peptide2olx, NativeAndOpenMMGiveTheStoredEnergiesAndForces) {
  if (!std::filesystem::exists(fixture("implicit-2olx-traj-arrays.npz")))
    GTEST_SKIP() << "no " << fixture("implicit-2olx-traj-arrays.npz");
  const engine::System system = make_system();
  expect_frames(engine::PlainEnergy(system, nullptr), "native");
  expect_frames(forcefields::OpenMMEnergy(system, {"Reference", 0}), "OpenMM");
}

}  // namespace
}  // namespace saltus::tests
