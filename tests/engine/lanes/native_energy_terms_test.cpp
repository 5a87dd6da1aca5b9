// Oracle: PlainEnergy, the scalar evaluation of the same formulas, for every kind of term on every
// instruction set of this machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/native_energy.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/lanes/lane_cases.h"
#include "tests/support/environment.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr std::size_t kChains = 40;  // two blocks and a half
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A few hundred operations, each rounded to 1e-16 of terms that partly cancel.
constexpr double kDoubleTolerance = 1e-9;
/// Of force components in float, relative to the root-mean-square force.
constexpr double kFloatForceTolerance = 1e-4;
/// Of energies in float, kJ/mol: a millionth of the stiffest terms' sum.
constexpr double kFloatEnergyTolerance = 2e-3;

struct Batch {
  std::size_t n_chains = 0, n_atoms = 0;
  std::vector<double> x;        // [B, N, 3]
  std::vector<Box> boxes = {};  // [B] or none
  ConstCoordinates view() const { return {x.data(), n_chains, n_atoms, boxes}; }
  std::size_t stride() const { return 3 * n_atoms; }
};

/// Chains scattered around the positions of a case.
Batch chains_of(const LaneCase& c, std::size_t n_chains) {
  auto stream = test_stream(411);
  Batch batch{n_chains, c.system.n_atoms(), {}};
  for (std::size_t chain = 0; chain < n_chains; ++chain)
    for (double value : c.positions) batch.x.push_back(value + c.spread_nm * stream.normal());
  batch.boxes = start_boxes(c.system, n_chains);
  return batch;
}

struct Result {
  std::vector<double> energies, forces;
};

Result evaluate(const EnergyFunction& energy, ConstCoordinates x) {
  Result result;
  result.energies.assign(x.n_chains, 7.0);
  result.forces.assign(x.n_chains * x.stride(), 7.0);
  energy.evaluate(x, result.energies, result.forces);
  return result;
}

void expect_close_energies(const std::vector<double>& actual, const std::vector<double>& expected,
                           double absolute, double relative) {
  for (std::size_t c = 0; c < expected.size(); ++c) {
    if (std::isinf(expected[c])) {
      EXPECT_EQ(actual[c], expected[c]) << "chain " << c;
    } else {
      const double tolerance = std::max(absolute, relative * std::abs(expected[c]));
      EXPECT_NEAR(actual[c], expected[c], tolerance_scale() * tolerance) << "chain " << c;
    }
  }
}

/// Each component, relative to the chain's root-mean-square force.
void expect_close_forces(const Result& actual, const Result& expected, double tolerance) {
  const std::size_t n = expected.energies.size(), stride = expected.forces.size() / n;
  for (std::size_t c = 0; c < n; ++c) {
    double square = 0.0, error = 0.0;
    for (std::size_t i = c * stride; i < (c + 1) * stride; ++i) {
      square += expected.forces[i] * expected.forces[i];
      error = std::max(error, std::abs(actual.forces[i] - expected.forces[i]));
    }
    const double scale = std::max(1.0, std::sqrt(square / static_cast<double>(stride)));
    EXPECT_LE(error, tolerance_scale() * tolerance * scale) << "chain " << c;
  }
}

void expect_same_terms(const DecomposableEnergy& actual, const DecomposableEnergy& expected,
                       ConstCoordinates x) {
  const auto terms = actual.terms(x), plain = expected.terms(x);
  ASSERT_EQ(terms.size(), plain.size());
  for (std::size_t n = 0; n < plain.size(); ++n) {
    SCOPED_TRACE(plain[n].name);
    EXPECT_EQ(terms[n].name, plain[n].name);
    expect_close_energies({terms[n].energy}, {plain[n].energy}, kDoubleTolerance, kDoubleTolerance);
  }
}

/// Runs on the instruction set that is its parameter.
class NativeEnergyTerms : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(NativeEnergyTerms, AgreeWithPlainEnergyInDouble) {
  for (const LaneCase& c : lane_cases()) {
    SCOPED_TRACE(c.name);
    const PlainEnergy plain(c.system, nullptr);
    const NativeEnergy native(c.system, nullptr, Precision::kDouble);
    const Batch batch = chains_of(c, kChains);
    const Result expected = evaluate(plain, batch.view()), actual = evaluate(native, batch.view());
    expect_close_energies(actual.energies, expected.energies, kDoubleTolerance, kDoubleTolerance);
    expect_close_forces(actual, expected, kDoubleTolerance);
    expect_same_terms(native, plain, batch.view().slice(3, 1));
  }
}

TEST_P(NativeEnergyTerms, AgreeWithPlainEnergyInFloatWhereverTheMoleculeIs) {
  for (const LaneCase& original : lane_cases())
    for (double shift_nm : {0.0, 100.0}) {
      SCOPED_TRACE(original.name + ", shifted by " + std::to_string(shift_nm));
      const LaneCase c = shifted(original, shift_nm);
      const NativeEnergy single(c.system, nullptr, Precision::kSingle);
      const Batch batch = chains_of(c, kChains);
      const Result expected = evaluate(PlainEnergy(c.system, nullptr), batch.view());
      const Result in_float = evaluate(single, batch.view());
      expect_close_energies(in_float.energies, expected.energies, kFloatEnergyTolerance, 0.0);
      expect_close_forces(in_float, expected, kFloatForceTolerance);
    }
}

TEST_P(NativeEnergyTerms, MixedBatchesAreThoseOfDouble) {
  for (const LaneCase& c : lane_cases()) {
    SCOPED_TRACE(c.name);
    const Batch batch = chains_of(c, kChains);
    const Result exact =
        evaluate(NativeEnergy(c.system, nullptr, Precision::kDouble), batch.view());
    const NativeEnergy mixed(c.system, nullptr, Precision::kMixed);
    EXPECT_EQ(evaluate(mixed, batch.view()).energies, exact.energies);
    EXPECT_EQ(evaluate(mixed, batch.view()).forces, exact.forces);
    std::vector<double> without_forces(kChains);
    mixed.evaluate(batch.view(), without_forces, {});
    EXPECT_EQ(without_forces, exact.energies);
  }
}

/// Whatever else the batch holds, and wherever in it a chain stands.
void expect_independence_of_batch(const NativeEnergy& energy, const Batch& batch,
                                  const Result& whole) {
  for (std::size_t n = 1; n < kChains; ++n) {
    // The last n chains, so that chains change their lanes, too.
    const std::size_t first = kChains - n;
    const Result part = evaluate(energy, batch.view().slice(first, n));
    const auto begin = static_cast<std::ptrdiff_t>(first);
    const auto force_begin = static_cast<std::ptrdiff_t>(first * batch.stride());
    ASSERT_EQ(part.energies,
              std::vector<double>(whole.energies.begin() + begin, whole.energies.end()))
        << n << " chains";
    ASSERT_EQ(part.forces,
              std::vector<double>(whole.forces.begin() + force_begin, whole.forces.end()))
        << n << " chains";
  }
}

TEST_P(NativeEnergyTerms, BitsDependOnNothingButTheChain) {
  for (const LaneCase& c : lane_cases()) {
    Batch batch = chains_of(c, kChains);
    // Lanes that take the rare branches: atoms 0 and 1 on one spot.
    for (std::size_t chain : {3, 20, 21})
      for (std::size_t a = 0; a < 3; ++a)
        batch.x[chain * batch.stride() + a] = batch.x[chain * batch.stride() + 3 + a];
    for (Precision precision : {Precision::kDouble, Precision::kMixed, Precision::kSingle}) {
      SCOPED_TRACE(c.name + ", precision " + std::to_string(static_cast<int>(precision)));
      const NativeEnergy energy(c.system, nullptr, precision);
      const Result whole = evaluate(energy, batch.view());
      expect_independence_of_batch(energy, batch, whole);
      for (std::size_t n_threads : {1, 2, 3}) {
        const auto pool = std::make_shared<ThreadPool>(n_threads);
        const Result threaded = evaluate(NativeEnergy(c.system, pool, precision), batch.view());
        EXPECT_EQ(threaded.energies, whole.energies) << n_threads << " threads";
        EXPECT_EQ(threaded.forces, whole.forces) << n_threads << " threads";
      }
    }
  }
}

TEST_P(NativeEnergyTerms, EachLaneHasItsOwnBox) {
  for (const LaneCase& c : lane_cases()) {
    if (!c.system.box) continue;
    Batch batch = chains_of(c, kChains);
    for (std::size_t chain = 0; chain < kChains; ++chain) {
      Box& box = batch.boxes[chain];
      box.ax *= 1.0 + 0.002 * static_cast<double>(chain);
      box.cz *= 1.0 + 0.01 * static_cast<double>(chain % 5);
      if (!box.is_rectangular() && chain % 3 > 0) {
        // Less tilted, and every third not at all.
        const double kept = chain % 3 == 1 ? 0.9 : 0.0;
        box.bx *= kept;
        box.cx *= kept;
        box.cy *= kept;
      }
    }
    const Result expected = evaluate(PlainEnergy(c.system, nullptr), batch.view());
    EXPECT_NE(expected.energies[0], expected.energies[7]);
    for (Precision precision : {Precision::kDouble, Precision::kMixed, Precision::kSingle}) {
      SCOPED_TRACE(c.name + ", precision " + std::to_string(static_cast<int>(precision)));
      const NativeEnergy native(c.system, nullptr, precision);
      const Result actual = evaluate(native, batch.view());
      const bool single = precision == Precision::kSingle;
      expect_close_energies(actual.energies, expected.energies,
                            single ? kFloatEnergyTolerance : kDoubleTolerance,
                            single ? 0.0 : kDoubleTolerance);
      expect_close_forces(actual, expected, single ? kFloatForceTolerance : kDoubleTolerance);
      expect_independence_of_batch(native, batch, actual);
    }
  }
}

/// Whether a local frame has no plane when these two atoms coincide: rounding then says where its
/// site is, which differs between instruction sets.
bool share_a_frame(const System& system, std::size_t i, std::size_t j) {
  return std::any_of(
      system.virtual_sites.begin(), system.virtual_sites.end(), [&](const VirtualSite& site) {
        const auto has = [&](std::size_t atom) {
          return std::find(site.parents.begin(), site.parents.end(), atom) != site.parents.end();
        };
        return site.kind == VirtualSite::Kind::kLocalCoordinates && has(i) && has(j);
      });
}

/// One chain for each pair of atoms, in which they lie on one spot.
Batch coincidences_of(const LaneCase& c) {
  Batch batch{0, c.system.n_atoms(), {}};
  for (std::size_t i = 0; i < batch.n_atoms; ++i)
    for (std::size_t j = i + 1; j < batch.n_atoms; ++j) {
      if (share_a_frame(c.system, i, j)) continue;
      std::vector<double> x = c.positions;
      for (std::size_t a = 0; a < 3; ++a) x[3 * j + a] = x[3 * i + a];
      batch.x.insert(batch.x.end(), x.begin(), x.end());
      ++batch.n_chains;
    }
  batch.boxes = start_boxes(c.system, batch.n_chains);
  return batch;
}

void expect_infinite_alike(const Result& actual, const Result& expected) {
  const std::size_t n = expected.energies.size(), stride = expected.forces.size() / n;
  for (std::size_t c = 0; c < n; ++c) {
    EXPECT_EQ(std::isfinite(actual.energies[c]), std::isfinite(expected.energies[c]))
        << "chain " << c;
    if (std::isfinite(expected.energies[c])) continue;
    EXPECT_EQ(actual.energies[c], kInfinity) << "chain " << c;
    for (std::size_t i = c * stride; i < (c + 1) * stride; ++i)
      EXPECT_EQ(actual.forces[i], 0.0) << "chain " << c;
  }
}

TEST_P(NativeEnergyTerms, TreatCoincidentAtomsAsPlainEnergyDoes) {
  for (const LaneCase& c : lane_cases()) {
    const PlainEnergy plain(c.system, nullptr);
    const Batch batch = coincidences_of(c);
    const Result expected = evaluate(plain, batch.view());
    for (Precision precision : {Precision::kDouble, Precision::kMixed, Precision::kSingle}) {
      SCOPED_TRACE(c.name + ", precision " + std::to_string(static_cast<int>(precision)));
      const NativeEnergy native(c.system, nullptr, precision);
      const Result actual = evaluate(native, batch.view());
      expect_infinite_alike(actual, expected);
      if (precision != Precision::kSingle)
        expect_close_energies(actual.energies, expected.energies, kDoubleTolerance,
                              kDoubleTolerance);
      if (precision == Precision::kDouble) expect_close_forces(actual, expected, kDoubleTolerance);
    }
    const NativeEnergy native(c.system, nullptr);
    for (std::size_t chain = 0; chain < batch.n_chains; ++chain) {
      SCOPED_TRACE(c.name + ", chain " + std::to_string(chain));
      expect_same_terms(native, plain, batch.view().slice(chain, 1));
    }
  }
}

/// One chain for each coordinate, in which it is `bad`.
Batch spoilt(const LaneCase& c, double bad) {
  Batch batch{c.positions.size(), c.system.n_atoms(), {}};
  for (std::size_t i = 0; i < c.positions.size(); ++i) {
    batch.x.insert(batch.x.end(), c.positions.begin(), c.positions.end());
    batch.x[i * batch.stride() + i] = bad;
  }
  batch.boxes = start_boxes(c.system, batch.n_chains);
  return batch;
}

TEST_P(NativeEnergyTerms, CoordinatesThatAreNotFiniteMeanInfinity) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const LaneCase& c : lane_cases()) {
    // Finite only where no term knows the atom.
    const Result expected = evaluate(PlainEnergy(c.system, nullptr), spoilt(c, nan).view());
    for (double bad : {nan, kInfinity, -kInfinity})
      for (Precision precision : {Precision::kDouble, Precision::kMixed, Precision::kSingle}) {
        SCOPED_TRACE(c.name + " with " + std::to_string(bad) + ", precision " +
                     std::to_string(static_cast<int>(precision)));
        const NativeEnergy native(c.system, nullptr, precision);
        expect_infinite_alike(evaluate(native, spoilt(c, bad).view()), expected);
      }
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, NativeEnergyTerms,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

}  // namespace

}  // namespace saltus::tests
