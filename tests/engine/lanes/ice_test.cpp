// Oracle: OpenMM's Reference platform for rigid water in ice XI, frames of the fixture ice_xi.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/lanes/native_energy.h"
#include "engine/reference/plain_energy.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/ice_xi.h"

namespace saltus::tests {

namespace {

using namespace engine;

struct Frame {
  const char* name;
  double cutoff_nm;
  /// kJ/mol: tolerances 1e-7; at 1e-4 with everything, without the switching function, and without
  /// the tail.
  double fine, usual, unswitched, without_tail;
  double rms_force;                          // at 1e-7, kJ/mol/nm
  std::array<double, 3> oxygen0, hydrogen1;  // forces on atoms 0 and 1 at 1e-7
};

// Python module of OpenMM 7.7, Reference platform, PME, switching from 0.9 times the cutoff on and
// dispersion correction.
const Frame kFrames[] = {
    {"model-iceXI_T100_N16",
     0.36678,
     -950.961991,
     -950.874306,
     -945.748417,
     -893.464322,
     752.996822,
     {-1252.526458, -398.998530, 694.857540},
     {1007.989937, -430.257757, -308.030975}},
    {"model-iceXI_T250_N16",
     0.36678,
     -896.665763,
     -896.544054,
     -891.418165,
     -839.134071,
     756.704392,
     {-750.557580, -985.775199, 892.276555},
     {625.995176, -205.074157, -441.798451}},
    {"model-iceXI_T250_N128",
     0.73357,
     -7003.099886,
     -7003.133217,
     -7001.345559,
     -6935.200879,
     735.666469,
     {-1097.577657, -450.529952, 773.591142},
     {991.528268, -211.049119, -260.892019}},
};

class IceXi : public testing::TestWithParam<Frame> {
 protected:
  void SetUp() override {
    auto frame = read_ice_xi(GetParam().name, GetParam().cutoff_nm);
    if (!frame) GTEST_SKIP() << "fixture " << ice_xi_path(GetParam().name) << " is not there";
    system_ = std::move(frame->system);
    x_ = std::move(frame->positions);
  }

  double native_energy(const System& system) const {
    double energy = 0.0;
    NativeEnergy(system, nullptr).evaluate(in_box(system, x_).view(), {&energy, 1}, {});
    return energy;
  }

  System system_;
  std::vector<double> x_;
};

TEST_P(IceXi, ConvergesToTheEnergyAndForcesOfOpenMM) {
  system_.nonbonded->ewald.tolerance = 1e-7;
  // OpenMM's grid at this tolerance is the rest: some 1e-7 of the charges' energy.
  constexpr double kEnergyError = 0.002, kForceError = 1e-4;
  const NativeEnergy native(system_, nullptr);
  const PlainEnergy plain(system_, nullptr);
  for (const EnergyFunction* energy :
       {static_cast<const EnergyFunction*>(&native), static_cast<const EnergyFunction*>(&plain)}) {
    double value = 0.0;
    std::vector<double> forces(x_.size());
    energy->evaluate(in_box(system_, x_).view(), {&value, 1}, forces);
    EXPECT_NEAR(value, GetParam().fine, tolerance_scale() * kEnergyError);
    const double allowed = tolerance_scale() * kForceError * GetParam().rms_force;
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_NEAR(forces[d], GetParam().oxygen0[d], allowed);
      EXPECT_NEAR(forces[3 + d], GetParam().hydrogen1[d], allowed);
    }
  }
}

TEST_P(IceXi, SwitchAndTailAreThoseOfOpenMM) {
  // Differences, in which the error of OpenMM's grid is not.
  system_.nonbonded->ewald.tolerance = 1e-4;
  const double usual = native_energy(system_);
  EXPECT_NEAR(usual, GetParam().usual, tolerance_scale() * 0.1) << "that error alone";
  System without_tail = system_;
  without_tail.nonbonded->long_range_correction = false;
  EXPECT_NEAR(native_energy(without_tail) - usual, GetParam().without_tail - GetParam().usual,
              tolerance_scale() * 2e-6);
  system_.nonbonded->switching_distance_nm = 0.0;
  EXPECT_NEAR(native_energy(system_) - usual, GetParam().unswitched - GetParam().usual,
              tolerance_scale() * 2e-6);
}

TEST_P(IceXi, StoredSitesAreWhereTheirParentsPutThem) {
  // The files have float positions.
  std::vector<double> placed = x_;
  place_virtual_sites(system_.virtual_sites, placed);
  for (std::size_t i = 0; i < x_.size(); ++i)
    EXPECT_NEAR(placed[i], x_[i], tolerance_scale() * 2e-7) << i;
}

INSTANTIATE_TEST_SUITE_P(Frames, IceXi, testing::ValuesIn(kFrames), [](const auto& instance) {
  std::string name = instance.param.name;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

}  // namespace

}  // namespace saltus::tests
