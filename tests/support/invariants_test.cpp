// Oracle: implementations broken on purpose. Each kit must accept a correct one and complain about
// each broken promise.
#include "tests/support/invariants.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/ensemble/canonical.h"
#include "engine/potential/analytic.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Number of assertions that fail inside `body`.
template <class Body>
int count_failures(const Body& body) {
  ::testing::TestPartResultArray results;
  {
    ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    body();
  }
  int failures = 0;
  for (int i = 0; i < results.size(); ++i)
    if (results.GetTestPartResult(i).failed()) ++failures;
  return failures;
}

enum class EnergyBug { kNone, kForce, kBatch, kEnergyOnly, kNanAtClash, kSizes, kAnchored };

/// Two atoms joined by a spring, U = 50 (r - 0.3)^2, with a knob.
class Spring final : public EnergyFunction {
 public:
  explicit Spring(EnergyBug bug) : bug_(bug) {}
  std::size_t n_atoms() const override { return 2; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    if (bug_ != EnergyBug::kSizes) check_evaluation_sizes(*this, x, energies, forces);
    for (std::size_t c = 0; c < std::min(x.n_chains, energies.size()); ++c) {
      const auto p = x.chain(c);
      double r2 = 0.0;
      for (std::size_t d = 0; d < 3; ++d) r2 += (p[3 + d] - p[d]) * (p[3 + d] - p[d]);
      const double r = std::sqrt(r2);
      energies[c] = 50.0 * (r - 0.3) * (r - 0.3);
      if (bug_ == EnergyBug::kNanAtClash) energies[c] += 0.0 / r;
      if (bug_ == EnergyBug::kBatch) energies[c] += 1e-6 * static_cast<double>(c);
      if (bug_ == EnergyBug::kEnergyOnly && forces.empty()) energies[c] += 1e-6;
      if (bug_ == EnergyBug::kAnchored) energies[c] += 1e-3 * p[0];
      if (forces.size() != x.size()) continue;
      const double slope = (bug_ == EnergyBug::kForce ? 100.01 : 100.0) * (r - 0.3) / r;
      for (std::size_t d = 0; d < 3; ++d) {
        forces[6 * c + d] = slope * (p[3 + d] - p[d]);
        forces[6 * c + 3 + d] = -slope * (p[3 + d] - p[d]);
      }
      if (bug_ == EnergyBug::kAnchored) forces[6 * c] -= 1e-3;
    }
  }

 private:
  EnergyBug bug_;
};

int energy_failures(EnergyBug bug) {
  const std::vector<double> points = {0.0, 0.1, 0.0, 0.2, 0.3,  0.1, 0.4, 0.0, 0.1,
                                      0.0, 0.3, 0.0, 0.1, -0.2, 0.3, 0.5, 0.1, 0.2};
  return count_failures([&] {
    EnergyInvariantOptions options;
    options.equal_atoms = {{0, 1}};
    expect_energy_function_invariants(Spring(bug), {points.data(), 3, 2}, options);
  });
}

TEST(EnergyKit, AcceptsACorrectEnergy) { EXPECT_EQ(energy_failures(EnergyBug::kNone), 0); }

TEST(EnergyKit, SeesEveryBrokenPromise) {
  for (EnergyBug bug : {EnergyBug::kForce, EnergyBug::kBatch, EnergyBug::kEnergyOnly,
                        EnergyBug::kNanAtClash, EnergyBug::kSizes, EnergyBug::kAnchored})
    EXPECT_GT(energy_failures(bug), 0) << "bug " << static_cast<int>(bug);
}

enum class ProposalBug { kNone, kIgnoresChain, kIgnoresStep, kRowNumber, kReverse, kNorm, kMemory };

/// x' = x + 0.1 xi, with a knob.
class Shake final : public TractableProposal {
 public:
  explicit Shake(ProposalBug bug) : bug_(bug) {}
  std::string name() const override { return "shake"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    const ConstCoordinates x = current.positions;
    ProposalBatch batch(x);
    const StepKey used{key.seed, bug_ == ProposalBug::kIgnoresStep ? 0 : key.step};
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      std::size_t number = current.first_chain + c;
      if (bug_ == ProposalBug::kIgnoresChain) number = 0;
      if (bug_ == ProposalBug::kRowNumber) number = c;
      RandomStream stream(used, StreamName::kProposal, static_cast<std::uint32_t>(number));
      for (std::size_t i = 0; i < x.stride(); ++i)
        batch.positions.chain(c)[i] = x.chain(c)[i] + 0.1 * stream.normal();
      if (bug_ == ProposalBug::kMemory) batch.positions.chain(c)[0] += 1e-9 * n_calls_;
    }
    ++n_calls_;
    log_density(batch.positions.view(), current, batch.log_forward);
    batch.log_reverse = batch.log_forward;
    if (bug_ == ProposalBug::kReverse) batch.log_reverse[0] += 1e-6;
    return batch;
  }
  void log_density(ConstCoordinates to, const ChainView& from, Span<double> out) const override {
    for (std::size_t c = 0; c < to.n_chains; ++c) {
      out[c] = bug_ == ProposalBug::kNorm ? 0.2 : 0.0;
      for (std::size_t i = 0; i < to.stride(); ++i) {
        const double z = (to.chain(c)[i] - from.positions.chain(c)[i]) / 0.1;
        out[c] -= 0.5 * z * z + std::log(0.1) + 0.5 * std::log(kTwoPi);
      }
    }
  }

 private:
  ProposalBug bug_;
  mutable int n_calls_ = 0;
};

int proposal_failures(ProposalBug bug) {
  return count_failures([&] {
    ChainBatch chains(5, 1, {});
    auto stream = test_stream(3);
    for (double& x : chains.positions.values()) x = stream.normal();
    ProposalInvariantOptions options;
    options.normalisation_width_nm = 0.15;
    expect_proposal_invariants(Shake(bug), chains, {9, 2}, options);
  });
}

TEST(ProposalKit, AcceptsACorrectProposal) { EXPECT_EQ(proposal_failures(ProposalBug::kNone), 0); }

TEST(ProposalKit, SeesEveryBrokenPromise) {
  for (ProposalBug bug :
       {ProposalBug::kIgnoresChain, ProposalBug::kIgnoresStep, ProposalBug::kRowNumber,
        ProposalBug::kReverse, ProposalBug::kNorm, ProposalBug::kMemory})
    EXPECT_GT(proposal_failures(bug), 0) << "bug " << static_cast<int>(bug);
}

enum class MoveBug { kNone, kStaleEnergy, kMovesRejected, kMemory, kTemperature, kWrongOutcome };

/// Accepts +-0.01 nm on even chains and rejects on odd ones, with a knob.
class Nudge final : public Move {
 public:
  explicit Nudge(MoveBug bug) : bug_(bug) {}
  std::string name() const override { return "nudge"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override {
    MoveRecord record;
    record.name = name();
    const std::size_t n = chains.n_chains();
    record.outcomes.assign(n, Outcome::kRejected);
    record.log_ratios.assign(n, -1.0);
    for (std::size_t c = 0; c < n; c += 2) {
      RandomStream stream(key, StreamName::kTest, static_cast<std::uint32_t>(c));
      chains.positions.chain(c)[0] += 0.01 * stream.normal();
      record.outcomes[c] = Outcome::kAccepted;
      record.log_ratios[c] = 0.5;
    }
    if (bug_ == MoveBug::kMovesRejected) chains.positions.chain(1)[1] += 1e-12;
    if (bug_ == MoveBug::kMemory) chains.positions.chain(0)[2] += 1e-9 * n_calls_++;
    if (bug_ != MoveBug::kStaleEnergy) target.refresh(chains);
    if (bug_ == MoveBug::kTemperature) chains.states[0].temperature_K += 1.0;
    if (bug_ == MoveBug::kWrongOutcome) record.outcomes[2] = Outcome::kRejected;
    return {{record}};
  }

 private:
  MoveBug bug_;
  mutable int n_calls_ = 0;
};

int move_failures(MoveBug bug) {
  return count_failures([&] {
    const Canonical target(std::make_shared<HarmonicWell>(1, 100.0), ReferenceMeasure::kCartesian);
    ChainBatch chains(4, 1, {});
    auto stream = test_stream(4);
    for (double& x : chains.positions.values()) x = stream.normal();
    expect_move_invariants(Nudge(bug), chains, target, {1, 5});
  });
}

TEST(MoveKit, AcceptsACorrectMove) { EXPECT_EQ(move_failures(MoveBug::kNone), 0); }

TEST(MoveKit, SeesEveryBrokenPromise) {
  for (MoveBug bug : {MoveBug::kStaleEnergy, MoveBug::kMovesRejected, MoveBug::kMemory,
                      MoveBug::kTemperature, MoveBug::kWrongOutcome})
    EXPECT_GT(move_failures(bug), 0) << "bug " << static_cast<int>(bug);
}

/// (r, phi) -> (x, y): log |det| = log r.
std::vector<double> polar_to_plane(const std::vector<double>& p, double* log_det) {
  *log_det = std::log(p[0]);
  return {p[0] * std::cos(p[1]), p[0] * std::sin(p[1])};
}
std::vector<double> plane_to_polar(const std::vector<double>& x, double* log_det) {
  const double r = std::hypot(x[0], x[1]);
  *log_det = -std::log(r);
  return {r, std::atan2(x[1], x[0])};
}

TEST(BijectionKit, AcceptsPolarCoordinatesAndSeesAWrongDeterminant) {
  const std::vector<std::vector<double>> points = {{0.5, 1.0}, {2.0, -2.5}};
  EXPECT_EQ(
      count_failures([&] { expect_bijection_invariants(polar_to_plane, plane_to_polar, points); }),
      0);
  const CoordinateMap wrong = [](const std::vector<double>& p, double* log_det) {
    auto x = polar_to_plane(p, log_det);
    *log_det *= 2.0;
    return x;
  };
  const CoordinateMap wrong_inverse = [](const std::vector<double>& x, double* log_det) {
    auto p = plane_to_polar(x, log_det);
    *log_det *= 2.0;
    return p;
  };
  EXPECT_GT(count_failures([&] { expect_bijection_invariants(wrong, wrong_inverse, points); }), 0);
}

}  // namespace
}  // namespace saltus::tests
