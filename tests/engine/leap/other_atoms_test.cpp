// Oracle: the same leaps and maps of the molecule alone, bit for bit; the density written out in
// scalar code; a numerical determinant over the coordinates of all atoms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/lanes/instruction_set.h"
#include "engine/leap/lane_leap.h"
#include "engine/leap/leap_temperature_map.h"
#include "engine/moves/joint_temperature_map.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kChains = 21;

/// Where atoms of ethanol stand among twice as many and one more: `first` is 0 or 1, so that two
/// molecules are interleaved.
std::size_t place_of(std::size_t atom, std::size_t first) { return 2 * atom + first; }

LeapWeights among_others(LeapWeights weights, std::size_t first) {
  weights.n_other_atoms = weights.z.n_atoms() + 1;
  for (ZMatrixRow& row : weights.z.rows)
    for (std::size_t* atom : {&row.atom, &row.bond_to, &row.angle_to, &row.torsion_to})
      *atom = place_of(*atom, first);
  return weights;
}

LeapWeights map_example() {
  LeapWeights weights = block_example({true, 0.0, false, true});
  weights.soft.clear();
  weights.soft_networks.clear();
  weights.context.clear();
  weights.fast[0].is_held = true;
  return weights;
}

ChainBatch ethanols(std::uint64_t seed) {
  ChainBatch chains = leap_example_chains(block_example({true, 0.0, true, true}), kChains, seed);
  for (std::size_t c = 0; c < kChains; ++c)
    chains.states[c].temperature_K = 280.0 + 9.0 * static_cast<double>(c);
  return chains;
}

/// Two molecules and a last atom.
ChainBatch together(const ChainBatch& a, const ChainBatch& b) {
  const std::size_t n = a.n_atoms();
  ChainBatch all(a.n_chains(), 2 * n + 1, a.states[0]);
  all.states = a.states;
  for (std::size_t c = 0; c < a.n_chains(); ++c)
    for (std::size_t k = 0; k < 3; ++k) {
      const auto x = all.positions.chain(c);
      for (std::size_t i = 0; i < n; ++i) {
        x[3 * place_of(i, 0) + k] = a.positions.chain(c)[3 * i + k];
        x[3 * place_of(i, 1) + k] = b.positions.chain(c)[3 * i + k];
      }
      x[6 * n + k] = 0.7 + 0.1 * static_cast<double>(k);
    }
  return all;
}

/// Atoms of one of the molecules.
CoordinateBatch part_of(ConstCoordinates all, std::size_t first) {
  const std::size_t n = all.n_atoms / 2;
  CoordinateBatch part(all.n_chains, n);
  for (std::size_t c = 0; c < all.n_chains; ++c)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < 3; ++k)
        part.chain(c)[3 * i + k] = all.chain(c)[3 * place_of(i, first) + k];
  return part;
}

std::vector<double> last_atoms(ConstCoordinates all) {
  std::vector<double> x;
  for (std::size_t c = 0; c < all.n_chains; ++c)
    for (std::size_t k = 0; k < 3; ++k) x.push_back(all.chain(c)[all.stride() - 3 + k]);
  return x;
}

std::vector<std::shared_ptr<const Proposal>> leaps_of(const LeapWeights& weights) {
  std::vector<std::shared_ptr<const Proposal>> leaps = {
      std::make_shared<LaneLeap>(weights, nullptr)};
  for (const double carry : {0.5, 1.0})
    leaps.push_back(std::make_shared<CarriedLeap>(weights, carry, nullptr));
  leaps.push_back(std::make_shared<CarriedLeap>(with_shift(weights, {1.0, -1.0}), 0.5, nullptr));
  return leaps;
}

class OtherAtoms : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

INSTANTIATE_TEST_SUITE_P(InstructionSets, OtherAtoms,
                         testing::ValuesIn(available_instruction_sets()));

TEST_P(OtherAtoms, StayWhereTheyAreAndChangeNothing) {
  const LeapWeights weights = block_example({true, 0.0, true, true});
  const ChainBatch a = ethanols(941), b = ethanols(942), all = together(a, b);
  const StepKey key = {test_seed(943), 5};
  for (const std::size_t first : {0u, 1u}) {
    const auto alone = leaps_of(weights), here = leaps_of(among_others(weights, first));
    for (std::size_t i = 0; i < alone.size(); ++i) {
      SCOPED_TRACE(i);
      const ProposalBatch expected = alone[i]->sample((first == 0 ? a : b).view(), key),
                          drawn = here[i]->sample(all.view(), key);
      EXPECT_EQ(drawn.log_forward, expected.log_forward);
      EXPECT_EQ(drawn.log_reverse, expected.log_reverse);
      EXPECT_EQ(part_of(drawn.positions.view(), first).values(), expected.positions.values());
      EXPECT_EQ(part_of(drawn.positions.view(), 1 - first).values(),
                (first == 0 ? b : a).positions.values());
      EXPECT_EQ(last_atoms(drawn.positions.view()), last_atoms(all.positions.view()));
    }
  }
}

TEST_P(OtherAtoms, LeaveLeapsTheInvariantsOfProposals) {
  const LeapWeights weights = among_others(block_example({true, 0.4, true, true}), 1);
  ProposalInvariantOptions options;
  options.density_tolerance = 1e-8;  // internal coordinates measured again
  const ChainBatch all = together(ethanols(944), ethanols(945));
  expect_proposal_invariants(LaneLeap(weights, nullptr), all, {test_seed(946), 3}, options);
}

TEST_P(OtherAtoms, AreOfTheDensity) {
  const LeapWeights weights = among_others(block_example({true, 0.0, true, true}), 0);
  const LaneLeap leap(weights, nullptr);
  const ChainBatch all = together(ethanols(947), ethanols(948));
  const ProposalBatch drawn = leap.sample(all.view(), {test_seed(949), 1});
  const auto density = [&](const CoordinateBatch& to) {
    std::vector<double> result(kChains);
    leap.log_density(to.view(), all.view(), result);
    return result;
  };
  const std::vector<double> right = density(drawn.positions);
  for (std::size_t c = 0; c < kChains; ++c)
    EXPECT_NEAR(right[c],
                plain_log_density(weights, drawn.positions.view().slice(c, 1),
                                  all.positions.view().slice(c, 1), all.states[c].temperature_K),
                1e-8);
  // An atom of the other molecule, the last atom, or the whole molecule moved.
  for (const std::size_t atom : {place_of(4, 1), 2 * (all.n_atoms() / 2)}) {
    CoordinateBatch to = drawn.positions;
    for (std::size_t c = 0; c < kChains; ++c) to.chain(c)[3 * atom + 1] += 1e-3;
    EXPECT_THAT(density(to), testing::Each(-kInfinity));
  }
  CoordinateBatch shifted = drawn.positions, turned = drawn.positions;
  for (std::size_t c = 0; c < kChains; ++c)
    for (std::size_t i = 0; i < all.n_atoms() / 2; ++i) {
      const std::size_t at = 3 * place_of(i, 0);
      shifted.chain(c)[at] += 1e-3;
      // By a right angle around the first placed atom, which stays.
      const std::size_t root = 3 * weights.z.rows[0].atom;
      const double dx = drawn.positions.chain(c)[at] - drawn.positions.chain(c)[root],
                   dy = drawn.positions.chain(c)[at + 1] - drawn.positions.chain(c)[root + 1];
      turned.chain(c)[at] = drawn.positions.chain(c)[root] - dy;
      turned.chain(c)[at + 1] = drawn.positions.chain(c)[root + 1] + dx;
    }
  EXPECT_THAT(density(shifted), testing::Each(-kInfinity));
  EXPECT_THAT(density(turned), testing::Each(-kInfinity));
}

/// Maps of both molecules.
JointTemperatureMap joint_map(bool reversed) {
  std::vector<std::shared_ptr<const TemperatureMap>> maps;
  for (const std::size_t first : {0u, 1u})
    maps.push_back(
        std::make_shared<LeapTemperatureMap>(among_others(map_example(), first), nullptr));
  if (reversed) std::swap(maps[0], maps[1]);
  return JointTemperatureMap(std::move(maps));
}

TEST_P(OtherAtoms, MapsOfMoleculesAreThoseOfEachAlone) {
  const ChainBatch a = ethanols(951), b = ethanols(952), all = together(a, b);
  const std::vector<double> to_K(kChains, 480.0);
  const LeapTemperatureMap alone(map_example(), nullptr);
  const MappedConfigurations of_a = alone.map(a.view(), to_K), of_b = alone.map(b.view(), to_K);
  for (const bool reversed : {false, true}) {
    const MappedConfigurations mapped = joint_map(reversed).map(all.view(), to_K);
    EXPECT_EQ(part_of(mapped.positions.view(), 0).values(), of_a.positions.values());
    EXPECT_EQ(part_of(mapped.positions.view(), 1).values(), of_b.positions.values());
    EXPECT_EQ(last_atoms(mapped.positions.view()), last_atoms(all.positions.view()));
    for (std::size_t c = 0; c < kChains; ++c)
      EXPECT_DOUBLE_EQ(mapped.log_volumes[c], of_a.log_volumes[c] + of_b.log_volumes[c]);
  }
  EXPECT_TRUE(joint_map(false).requirements() == alone.requirements());
}

TEST_P(OtherAtoms, MapsHaveNoImageWhereOneHasNone) {
  ChainBatch a = ethanols(953);
  const ChainBatch b = ethanols(954);
  const LeapWeights weights = map_example();
  // Two atoms on top of each other in chain 3.
  for (std::size_t k = 0; k < 3; ++k)
    a.positions.chain(3)[3 * weights.z.rows[5].atom + k] =
        a.positions.chain(3)[3 * weights.z.rows[5].bond_to + k];
  const ChainBatch all = together(a, b);
  const std::vector<double> to_K(kChains, 480.0);
  for (const bool reversed : {false, true}) {
    const MappedConfigurations mapped = joint_map(reversed).map(all.view(), to_K);
    for (std::size_t c = 0; c < kChains; ++c)
      EXPECT_EQ(std::isfinite(mapped.log_volumes[c]), c != 3) << c;
  }
}

TEST_P(OtherAtoms, VolumeIsTheDeterminantOverAllAtoms) {
  const ChainBatch all = together(ethanols(955), ethanols(956));
  const JointTemperatureMap map = joint_map(false);
  const std::vector<double> to_K = {450.0};
  const std::size_t n = 3 * all.n_atoms();
  const auto image = [&](const std::vector<double>& x) {
    ChainBatch one(1, all.n_atoms(), all.states[2]);
    one.positions.values() = x;
    return map.map(one.view(), to_K);
  };
  const auto x = all.positions.chain(2);
  const std::vector<double> at(x.begin(), x.end());
  const std::vector<double> jacobian = numerical_jacobian(
      [&](const std::vector<double>& y) { return image(y).positions.values(); }, at, 1e-4);
  EXPECT_NEAR(log_abs_determinant(jacobian, n), image(at).log_volumes[0], 1e-5);
}

TEST(OtherAtomsOfWeights, AreCountedAndRefusedWhereTheyDoNotFit) {
  const LeapWeights weights = among_others(block_example({true, 0.0, true, true}), 1);
  EXPECT_EQ(weights.n_atoms(), 2 * weights.z.n_atoms() + 1);
  LeapWeights few = weights;
  few.n_other_atoms = 3;
  EXPECT_THAT(message_of<ModelError>([&] { LaneLeap(few, nullptr); }),
              testing::HasSubstr("its Z-matrix places an atom twice"));
  const ChainBatch alone = ethanols(957);
  EXPECT_THROW(LaneLeap(weights, nullptr).sample(alone.view(), {1, 1}), InternalError);
  EXPECT_THAT(message_of<InputError>([] { JointTemperatureMap({}); }),
              testing::HasSubstr("expected at least one map"));
}

}  // namespace
}  // namespace saltus::tests
