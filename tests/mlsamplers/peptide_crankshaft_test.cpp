// Oracles: which torsions of a peptide can be turned; internal coordinates turned by hand; the
// state that a crankshaft started from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/leap/lane_leap.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/environment.h"

namespace saltus::mlsamplers {
namespace {

using tests::arbitrary_peptide_model;
using tests::PeptideExample;

/// Crankshafts by name.
std::map<std::string, PeptideBlock> crankshafts_of(const PeptideExample& example,
                                                   const PeptideLeapOptions& options = {}) {
  std::map<std::string, PeptideBlock> result;
  for (const PeptideBlock& block : peptide_blocks(example.peptide, options))
    if (!block.direction.empty()) result[block.name] = block;
  return result;
}

std::set<std::string> names_of(const PeptideExample& example,
                               const PeptideLeapOptions& options = {}) {
  std::set<std::string> result;
  for (const auto& [name, block] : crankshafts_of(example, options)) result.insert(name);
  return result;
}

TEST(PeptideCrankshafts, AreOfBondsWhoseTorsionsMove) {
  using Names = std::set<std::string>;
  // Proline keeps its phi, glycine has no side chain.
  EXPECT_EQ(names_of(PeptideExample("GPKS")),
            (Names{"crankshaft_2", "crankshaft_2_side_chains_kept", "crankshaft_3",
                   "crankshaft_3_side_chains_kept"}));
  EXPECT_EQ(names_of(PeptideExample("GGG")), (Names{"crankshaft_1", "crankshaft_2"}));
  // Caps have neither torsion and do not count.
  EXPECT_EQ(names_of(PeptideExample("ACE-ALA-GLY-GLY-NME")),
            (Names{"crankshaft_2", "crankshaft_2_side_chains_kept", "crankshaft_3"}));
  for (const char* sequence : {"AA", "ACE-ALA-ALA-NME", "ACE-ALA-NME"})
    EXPECT_EQ(names_of(PeptideExample(sequence)), Names()) << sequence;
  PeptideLeapOptions options;
  options.crankshafts = 0.0;
  EXPECT_EQ(names_of(PeptideExample("GGG"), options), Names());
}

TEST(PeptideCrankshafts, ShareTheirWeightByBonds) {
  PeptideLeapOptions options;
  options.crankshaft_side_chains_kept = 0.25;
  const auto weight = [&](const char* name) {
    return crankshafts_of(PeptideExample("GGAG"), options).at(name).weight;
  };
  const double of_bond = options.crankshafts / 3.0;
  EXPECT_NEAR(weight("crankshaft_1"), of_bond, 1e-15);
  EXPECT_NEAR(weight("crankshaft_2"), 0.75 * of_bond, 1e-15);
  EXPECT_NEAR(weight("crankshaft_2_side_chains_kept"), 0.25 * of_bond, 1e-15);
  options.crankshaft_side_chains_kept = 0.0;
  EXPECT_NEAR(weight("crankshaft_2"), of_bond, 1e-15);
  EXPECT_EQ(names_of(PeptideExample("AAA"), options),
            (std::set<std::string>{"crankshaft_1", "crankshaft_2"}));
  options.crankshaft_side_chains_kept = 1.0;
  EXPECT_NEAR(weight("crankshaft_1"), of_bond, 1e-15);
  EXPECT_NEAR(weight("crankshaft_2_side_chains_kept"), of_bond, 1e-15);
}

TEST(PeptideCrankshafts, ShiftPsiAndTheNextPhiWithTheirResidues) {
  const PeptideExample example("GSKG");
  const Peptide& peptide = example.peptide;
  const PeptideModel model = arbitrary_peptide_model(peptide, 31);
  for (const auto& [name, block] : crankshafts_of(example)) {
    SCOPED_TRACE(name);
    ASSERT_EQ(block.torsions.size(), 2u);
    const PeptideTorsion& psi = peptide.torsions[block.torsions[0]];
    const PeptideTorsion& phi = peptide.torsions[block.torsions[1]];
    EXPECT_EQ(psi.kind, TorsionKind::kPsi);
    EXPECT_EQ(phi.kind, TorsionKind::kPhi);
    EXPECT_EQ(psi.residue + 1, phi.residue);
    EXPECT_EQ(name.substr(0, 12), "crankshaft_" + std::to_string(psi.residue + 1));
    const engine::LeapWeights weights = block_weights(model, peptide, block, "model");
    EXPECT_EQ(weights.shift.direction, (std::vector<double>{1.0, -1.0}));
    EXPECT_TRUE(weights.context.empty());
    EXPECT_TRUE(weights.soft_networks.empty());
    std::set<std::size_t> expected, moved;
    const bool kept = name.find("side_chains_kept") != std::string::npos;
    for (const std::size_t r : {psi.residue, phi.residue})
      for (const PeptideFast& fast : peptide.residues[r].fast)
        if (!fast.is_kept && !(kept && fast.is_side_chain))
          expected.insert(fast.coordinate.coordinate);
    for (const engine::LeapFastCoordinate& fast : weights.fast) moved.insert(fast.coordinate);
    EXPECT_EQ(moved, expected);
  }
}

/// Leaps of crankshafts by name.
std::map<std::string, PeptideLeap> leaps_of(const PeptideExample& example,
                                            const PeptideLeapOptions& options) {
  const PeptideModel model = arbitrary_peptide_model(example.peptide, 32);
  std::map<std::string, PeptideLeap> result;
  for (PeptideLeap& leap : peptide_leaps(model, example.peptide, options, "model"))
    if (leap.weights.shifts()) result[leap.name] = leap;
  return result;
}

TEST(PeptideCrankshafts, CarryWhatCanBeCarried) {
  const PeptideExample example("SKS");  // all sorts but whole
  PeptideLeapOptions options;
  options.crankshaft_widths = {0.3};
  options.carries = {{0.0, 0.3}, {0.5, 0.3}, {1.0, 0.4}};
  double total = 0.0;
  const auto leaps = leaps_of(example, options);
  for (const auto& [name, leap] : leaps) {
    EXPECT_GT(leap.carry, 0.0) << name;
    EXPECT_EQ(leap.weights.uniform_fraction, options.crankshaft_uniform);
    EXPECT_EQ(leap.weights.shift.widths, options.crankshaft_widths);
    EXPECT_EQ(leap.weights.wide_fraction, 0.0);
    total += leap.probability;
  }
  const double all = options.residues + options.side_chains + options.links + options.crankshafts;
  EXPECT_NEAR(total, options.crankshafts / all, 1e-12);
  EXPECT_EQ(leaps.count("crankshaft_1/carry_1"), 1u);
  EXPECT_EQ(leaps.count("crankshaft_2_side_chains_kept/carry_0.5"), 1u);
  EXPECT_NEAR(
      leaps.at("crankshaft_1/carry_1").probability / leaps.at("crankshaft_1/carry_0.5").probability,
      0.4 / 0.3, 1e-12);
  // Without any carry they draw anew, and widely.
  options.carries = {{0.0, 1.0}};
  const auto fresh = leaps_of(example, options);
  EXPECT_EQ(fresh.count("crankshaft_1/carry_0"), 1u);
  for (const auto& [name, leap] : fresh) {
    EXPECT_EQ(leap.weights.wide_fraction, options.wide_fraction) << name;
    EXPECT_NO_THROW(engine::CarriedLeap(leap.weights, leap.carry, nullptr)) << name;
  }
}

/// Largest change of a direction between atoms of the last residue when psi and phi of the middle
/// bond are turned by half a radian times these factors: at most the angle that it is turned by.
double turn_of_the_end(double of_psi, double of_phi) {
  const PeptideExample example("AAAA");
  const engine::ZMatrix& z = example.peptide.z;
  std::vector<double> q(z.n_internal()), unused(1);
  engine::cartesian_to_internal(z, example.built.positions.view(), q, unused);
  const PeptideBlock block = crankshafts_of(example).at("crankshaft_2");
  std::vector<double> before(3 * z.n_atoms()), after = before;
  engine::internal_to_cartesian(z, q, before, unused);
  q[example.peptide.torsions[block.torsions[0]].coordinate] += 0.5 * of_psi;
  q[example.peptide.torsions[block.torsions[1]].coordinate] += 0.5 * of_phi;
  engine::internal_to_cartesian(z, q, after, unused);
  const std::vector<std::size_t> atoms = residue_atoms(example.peptide).back();
  double largest = 0.0;
  for (const std::size_t a : atoms)
    for (const std::size_t b : atoms) {
      if (a == b) continue;
      double change2 = 0.0, length2 = 0.0;
      for (std::size_t k = 0; k < 3; ++k) {
        const double old = before[3 * a + k] - before[3 * b + k];
        change2 += std::pow(after[3 * a + k] - after[3 * b + k] - old, 2);
        length2 += old * old;
      }
      largest = std::max(largest, std::sqrt(change2 / length2));
    }
  return largest;
}

TEST(PeptideCrankshafts, HardlyTurnWhatFollows) {
  // The axes are five degrees apart.
  EXPECT_LT(turn_of_the_end(1.0, -1.0), tests::tolerance_scale() * 0.1);
  EXPECT_GT(turn_of_the_end(1.0, 0.0), 0.3);
  EXPECT_GT(turn_of_the_end(1.0, 1.0), 0.6);
}

/// All that a crankshaft without rotors moves goes back when it is turned back.
TEST(PeptideCrankshafts, AreUndoneByTheTurnBack) {
  constexpr std::size_t kChains = 16;
  const PeptideExample example("AGGA");
  const std::vector<double> temperatures(kChains, 310.0);
  engine::ChainBatch from(kChains, example.built.topology.n_atoms(), {310.0});
  from.positions = tests::arbitrary_peptide_frames(example, temperatures, 33);
  const PeptideLeap leap = leaps_of(example, {}).at("crankshaft_2/carry_1");
  ASSERT_TRUE(leap.weights.rotors.empty());
  engine::LeapWeights back_weights = leap.weights;
  for (double& d : back_weights.shift.direction) d = -d;
  const engine::StepKey key{tests::test_seed(34), 1};
  const engine::ProposalBatch there =
      engine::CarriedLeap(leap.weights, 1.0, nullptr).sample(from.view(), key);
  engine::ChainBatch middle = from;
  middle.positions = there.positions;
  const engine::ProposalBatch back =
      engine::CarriedLeap(back_weights, 1.0, nullptr).sample(middle.view(), key);
  std::size_t n_possible = 0;
  for (std::size_t c = 0; c < kChains; ++c) {
    if (!std::isfinite(there.log_forward[c])) continue;
    ++n_possible;
    const engine::Span<const double> x = from.positions.chain(c), y = back.positions.chain(c);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(x[i], y[i], tests::tolerance_scale() * 1e-10) << "chain " << c;
    EXPECT_NEAR(back.log_reverse[c], there.log_forward[c], tests::tolerance_scale() * 1e-6);
    EXPECT_NEAR(back.log_forward[c], there.log_reverse[c], tests::tolerance_scale() * 1e-6);
  }
  EXPECT_GT(n_possible, kChains / 4);
}

}  // namespace
}  // namespace saltus::mlsamplers
