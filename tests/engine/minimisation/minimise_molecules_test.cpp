// Oracles: PlainEnergy's forces, which the lanes do not share; the start's energy; equal bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/lanes/native_energy.h"
#include "engine/minimisation/minimise.h"
#include "engine/potential/decorators.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/reference/ethanol.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr double kTight = 0.01;  // kJ/mol/nm

/// Ethanol, every coordinate displaced at random.
CoordinateBatch scattered(std::size_t n_chains, double spread_nm) {
  const auto& start = ethanol_positions();
  CoordinateBatch x(n_chains, start.size() / 3);
  RandomStream stream = test_stream(61);
  for (std::size_t c = 0; c < n_chains; ++c)
    for (std::size_t i = 0; i < start.size(); ++i)
      x.chain(c)[i] = start[i] + spread_nm * stream.normal();
  return x;
}

struct Relaxed {
  CoordinateBatch x;
  std::vector<MinimisationResult> results;
};

Relaxed relaxed(const EnergyFunction& energy, CoordinateBatch x,
                const MinimisationOptions& options = {kTight, 5000, {}}) {
  auto results = minimise(energy, x, options);
  return {std::move(x), std::move(results)};
}

CoordinateBatch part(const CoordinateBatch& x, std::size_t first, std::size_t count) {
  CoordinateBatch chosen(count, x.n_atoms());
  const auto slice = x.view().slice(first, count);
  std::copy_n(slice.data, slice.size(), chosen.values().data());
  return chosen;
}

/// Chain c of `all` against chain `of` of `other`.
void expect_same_bits(const Relaxed& all, std::size_t c, const Relaxed& other, std::size_t of) {
  EXPECT_EQ(std::memcmp(all.x.chain(c).data(), other.x.chain(of).data(),
                        all.x.chain(c).size() * sizeof(double)),
            0)
      << "chain " << c;
  EXPECT_EQ(all.results[c].energy, other.results[of].energy);
  EXPECT_EQ(all.results[c].rms_force, other.results[of].rms_force);
  EXPECT_EQ(all.results[c].n_steps, other.results[of].n_steps);
}

class MinimisedEthanol : public testing::TestWithParam<Solvent> {
 protected:
  System system_ = ethanol_system(GetParam(), 0.0);
};

TEST_P(MinimisedEthanol, IsStationary) {
  const PlainEnergy plain(system_, nullptr);
  const auto end = relaxed(NativeEnergy(system_, nullptr), scattered(40, 0.01));
  std::vector<double> energies(40), forces(end.x.values().size());
  plain.evaluate(end.x.view(), energies, forces);
  const std::size_t n = 3 * system_.n_atoms();
  for (std::size_t c = 0; c < 40; ++c) {
    EXPECT_TRUE(end.results[c].converged);
    EXPECT_NEAR(end.results[c].energy, energies[c], tolerance_scale() * 1e-9);
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += forces[c * n + i] * forces[c * n + i];
    // Both evaluations agree to 1e-9 of forces between atoms of about 1e4 kJ/mol/nm.
    EXPECT_LT(std::sqrt(sum / static_cast<double>(n)), kTight + 1e-5);
  }
}

TEST_P(MinimisedEthanol, NeverRises) {
  const NativeEnergy energy(system_, nullptr);
  const auto start = scattered(16, 0.02);
  std::vector<double> last(16);
  energy.evaluate(start.view(), last, {});
  for (const std::size_t n_steps : {1u, 2u, 3u, 4u, 5u, 8u, 13u, 30u, 100u, 1000u}) {
    const auto end = relaxed(energy, start, {1e-6, n_steps, {}});
    for (std::size_t c = 0; c < 16; ++c) {
      EXPECT_LE(end.results[c].energy, last[c] + 1e-8);  // rounding, as documented
      last[c] = end.results[c].energy;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Solvents, MinimisedEthanol,
                         testing::Values(Solvent::kNone, Solvent::kObc2, Solvent::kGbn2));

TEST(MinimisedMolecules, SurviveAtomsThatAlmostCoincide) {
  const System system = ethanol_system(Solvent::kObc2, 0.0);
  const NativeEnergy energy(system, nullptr);
  auto start = scattered(20, 0.05);
  for (std::size_t c = 0; c < 20; ++c)  // a hydrogen of either end, 0.01 to 0.03 nm apart
    for (std::size_t axis = 0; axis < 3; ++axis)
      start.chain(c)[3 * 8 + axis] =
          start.chain(c)[3 * 4 + axis] + (axis == 0 ? 0.01 + 0.001 * static_cast<double>(c) : 0.0);
  std::vector<double> before(20);
  energy.evaluate(start.view(), before, {});
  const auto end = relaxed(energy, start);
  for (std::size_t c = 0; c < 20; ++c) {
    ASSERT_TRUE(std::isfinite(before[c]));
    EXPECT_GT(before[c], 1e4);
    EXPECT_TRUE(end.results[c].converged) << c << ": " << end.results[c].rms_force;
    EXPECT_LT(end.results[c].energy, 1e3);
  }
  EXPECT_GT(*std::max_element(before.begin(), before.end()), 1e6);
}

TEST(MinimisedMolecules, KeepTheirBitsInAnyBatch) {
  const System system = ethanol_system(Solvent::kObc2, 0.0);
  const NativeEnergy energy(system, nullptr);
  const auto start = scattered(75, 0.02);
  const auto all = relaxed(energy, start);
  for (const std::size_t n_threads : {2u, 3u}) {
    const auto pool = std::make_shared<ThreadPool>(n_threads);
    const auto threaded = relaxed(NativeEnergy(system, pool), start);
    for (std::size_t c = 0; c < 75; ++c) expect_same_bits(all, c, threaded, c);
  }
  const auto middle = relaxed(energy, part(start, 20, 21));
  for (std::size_t c = 0; c < 21; ++c) expect_same_bits(all, 20 + c, middle, c);
  for (const std::size_t c : {0u, 15u, 16u, 74u})
    expect_same_bits(all, c, relaxed(energy, part(start, c, 1)), 0);
}

TEST(MinimisedMolecules, KeepTheirBitsWithoutLanes) {
  const System system = ethanol_system(Solvent::kNone, 0.0);
  const auto exact = std::make_shared<NativeEnergy>(system, nullptr, Precision::kDouble);
  const auto start = scattered(37, 0.02);
  // A CountingEnergy has no lanes, and evaluates as the lanes do.
  const auto in_lanes = relaxed(*exact, start), in_batches = relaxed(CountingEnergy(exact), start);
  const auto mixed = relaxed(NativeEnergy(system, nullptr, Precision::kMixed), start);
  for (std::size_t c = 0; c < 37; ++c) {
    expect_same_bits(in_lanes, c, in_batches, c);
    expect_same_bits(in_lanes, c, mixed, c);
  }
  const PlainEnergy plain(system, nullptr);
  const auto all = relaxed(plain, start);
  expect_same_bits(all, 36, relaxed(plain, part(start, 36, 1)), 0);
}

TEST(MinimisedMolecules, AreRelaxedBesideOneThatCannotBe) {
  const System system = ethanol_system(Solvent::kNone, 0.0);
  const NativeEnergy energy(system, nullptr);
  auto start = scattered(20, 0.01);
  const auto all = relaxed(energy, start);
  for (const std::size_t c : {7u, 18u})
    for (std::size_t axis = 0; axis < 3; ++axis) start.chain(c)[3 + axis] = start.chain(c)[axis];
  auto x = start;
  EXPECT_EQ(message_of<NumericalError>([&] {
              minimise(energy, x, {kTight, 5000, {}});
            }),
            "the energy of the start of chain 7 is not finite: two atoms lie on top of each other; "
            "correct the coordinates");
  for (std::size_t c = 0; c < 20; ++c) {
    const auto& expected = c == 7 || c == 18 ? start : all.x;
    EXPECT_TRUE(std::equal(x.chain(c).begin(), x.chain(c).end(), expected.chain(c).begin())) << c;
  }
}

}  // namespace

}  // namespace saltus::tests
