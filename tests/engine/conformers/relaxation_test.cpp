// Oracle: a harmonic bond, whose minimum is known.
#include "engine/conformers/relaxation.h"

#include <gtest/gtest.h>

#include "engine/reference/plain_energy.h"

namespace saltus::engine {
namespace {

PlainEnergy bond() {
  System system;
  system.masses = {12.0, 12.0};
  HarmonicBond spring;
  spring.i = 0;
  spring.j = 1;
  spring.length_nm = 0.15;
  spring.k = 1e5;
  system.bonds = {spring};
  return PlainEnergy(system, nullptr);
}

TEST(Relaxation, EndsAtTheMinimum) {
  CoordinateBatch x(70, 2);  // more than are relaxed together
  for (std::size_t c = 0; c < 70; ++c) x.chain(c)[3] = 0.1 + 0.001 * static_cast<double>(c);
  const Relaxation relaxed = relax_conformers(bond(), x, {});
  EXPECT_FALSE(relaxed.timed_out);
  for (std::size_t c = 0; c < 70; ++c) {
    EXPECT_EQ(relaxed.ends[c], Relaxed::kConverged);
    // k times the displacement is at most sqrt(6) of the tolerance.
    EXPECT_NEAR(x.chain(c)[3] - x.chain(c)[0], 0.15, 2.5e-4);
    EXPECT_NEAR(relaxed.energies_kJ_mol[c], 0.0, 4e-3);
  }
}

TEST(Relaxation, StopsAtTheDeadline) {
  CoordinateBatch x(3, 2);
  RelaxationOptions options;
  options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const Relaxation relaxed = relax_conformers(bond(), x, options);
  EXPECT_TRUE(relaxed.timed_out);
  EXPECT_EQ(relaxed.ends, std::vector<Relaxed>(3, Relaxed::kNotReached));
}

}  // namespace
}  // namespace saltus::engine
