// Oracles: internal coordinates before and after, handedness, and the engine's own densities.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>

#include "engine/core/log_math.h"
#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/training/peptide_statistics.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/invariants.h"

namespace saltus::mlsamplers {
namespace {

using tests::arbitrary_peptide_frames;
using tests::PeptideExample;

constexpr std::size_t kChains = 24, kFrames = 600;

/// Arbitrary networks with fast coordinates as they are in frames.
class PeptideLeaps : public testing::Test {
 protected:
  PeptideLeaps() : example_("GPKS") {
    model_ = tests::arbitrary_peptide_model(example_.peptide, 21);
    const std::vector<double> temperatures(kFrames, 310.0);
    engine::System system;
    system.masses.assign(example_.built.topology.n_atoms(), 12.0);
    PeptideStatistics statistics({310.0, 3e-3, 0.01, 100});
    statistics.add(example_.peptide, system,
                   arbitrary_peptide_frames(example_, temperatures, 22).view(), temperatures);
    model_.templates = statistics.finish();
    leaps_ = peptide_leaps(model_, example_.peptide, {}, "model");
  }

  /// Chains at two temperatures.
  engine::ChainBatch chains() const {
    std::vector<double> temperatures;
    for (std::size_t c = 0; c < kChains; ++c) temperatures.push_back(c % 2 == 0 ? 310.0 : 500.0);
    engine::ChainBatch result(kChains, example_.built.topology.n_atoms(), {310.0});
    result.positions = arbitrary_peptide_frames(example_, temperatures, 23);
    for (std::size_t c = 0; c < kChains; ++c) result.states[c].temperature_K = temperatures[c];
    return result;
  }

  std::vector<double> internal_of(engine::ConstCoordinates x) const {
    std::vector<double> q(x.n_chains * example_.peptide.z.n_internal()), log_jacobian(x.n_chains);
    engine::cartesian_to_internal(example_.peptide.z, x, q, log_jacobian);
    return q;
  }

  static std::shared_ptr<const engine::Proposal> proposal_of(const PeptideLeap& leap) {
    if (leap.carry > 0.0 || leap.weights.shifts())
      return std::make_shared<engine::CarriedLeap>(leap.weights, leap.carry, nullptr);
    return std::make_shared<engine::LaneLeap>(leap.weights, nullptr);
  }

  PeptideExample example_;
  PeptideModel model_;
  std::vector<PeptideLeap> leaps_;
};

TEST_F(PeptideLeaps, KeepWhatIsNotOfTheBlock) {
  const engine::ChainBatch from = chains();
  const std::size_t width = example_.peptide.z.n_internal();
  const std::size_t first_torsion = 2 * example_.peptide.z.n_atoms() - 3;
  const std::vector<double> before = internal_of(from.positions.view());
  for (const PeptideLeap& leap : leaps_) {
    SCOPED_TRACE(leap.name);
    std::set<std::size_t> moved(leap.weights.soft.begin(), leap.weights.soft.end());
    for (const auto& rotor : leap.weights.rotors) moved.insert(rotor.coordinate);
    for (const auto& fast : leap.weights.fast) moved.insert(fast.coordinate);
    const engine::ProposalBatch drawn = proposal_of(leap)->sample(from.view(), {7, 1});
    const std::vector<double> after = internal_of(drawn.positions.view());
    std::size_t n_possible = 0;
    for (std::size_t c = 0; c < kChains; ++c) {
      if (!std::isfinite(drawn.log_forward[c])) continue;
      ++n_possible;
      EXPECT_TRUE(std::isfinite(drawn.log_reverse[c]));
      for (std::size_t i = 0; i < width; ++i) {
        if (moved.count(i) > 0) continue;
        const double change = after[c * width + i] - before[c * width + i];
        EXPECT_NEAR(i < first_torsion ? change : engine::wrap_angle(change), 0.0, 1e-7);
      }
    }
    EXPECT_GT(n_possible, kChains / 2);
  }
}

TEST_F(PeptideLeaps, KeepHandedness) {
  const engine::ChainBatch from = chains();
  for (const PeptideLeap& leap : leaps_) {
    SCOPED_TRACE(leap.name);
    const engine::ProposalBatch drawn = proposal_of(leap)->sample(from.view(), {7, 2});
    for (std::size_t c = 0; c < kChains; ++c) {
      if (!std::isfinite(drawn.log_forward[c])) continue;
      EXPECT_NO_THROW(recognise_peptide(example_.built.topology, drawn.positions.chain(c)));
    }
  }
}

TEST_F(PeptideLeaps, AreProposals) {
  std::vector<engine::BlockLeap::Entry> entries;
  for (const PeptideLeap& leap : leaps_)
    entries.push_back({leap.name, leap.probability, proposal_of(leap)});
  const engine::BlockLeap all(std::move(entries));
  EXPECT_FALSE(all.requirements().one_temperature);
  tests::expect_proposal_invariants(all, chains(), {7, 3});
  for (const PeptideLeap& leap : leaps_)
    if (leap.carry == 0.0 && leap.name.find("link") == 0)
      tests::expect_proposal_invariants(*proposal_of(leap), chains(), {7, 4});
}

}  // namespace
}  // namespace saltus::mlsamplers
