// Oracles: what is kept, by residue and role; the inverse; a numerical determinant in Cartesian
// coordinates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/leap/leap_temperature_map.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/training/peptide_statistics.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::mlsamplers {
namespace {

using engine::LeapTemperatureMap;
using engine::LeapWeights;
using testing::HasSubstr;
using tests::arbitrary_peptide_frames;
using tests::arbitrary_peptide_model;
using tests::message_of;
using tests::PeptideExample;

/// A peptide with a disulfide bridge between its first two sulphurs.
Peptide bridged_peptide(const std::string& sequence) {
  const BuiltPeptide built = build_peptide(parse_sequence(sequence));
  engine::Topology topology = built.topology;
  std::vector<std::size_t> sulphurs;
  for (std::size_t i = 0; i < topology.n_atoms(); ++i)
    if (topology.atoms[i].name == "SG") sulphurs.push_back(i);
  topology.bonds.push_back({sulphurs.at(0), sulphurs.at(1)});
  return recognise_peptide(topology, built.positions.chain(0));
}

std::set<std::size_t> carried_by(const LeapWeights& weights) {
  std::set<std::size_t> result;
  for (const engine::LeapFastCoordinate& fast : weights.fast) result.insert(fast.coordinate);
  return result;
}

/// Coordinates of all fast ones that leaps move.
std::set<std::size_t> not_kept(const Peptide& peptide) {
  std::set<std::size_t> result;
  for (const PeptideResidue& residue : peptide.residues)
    for (const PeptideFast& fast : residue.fast)
      if (!fast.is_kept) result.insert(fast.coordinate.coordinate);
  return result;
}

std::size_t count_held(const LeapWeights& weights) {
  std::size_t n = 0;
  for (const engine::LeapFastCoordinate& fast : weights.fast) n += fast.is_held ? 1 : 0;
  return n;
}

TEST(PeptideMaps, LeaveEndsOfDisulfidesThatTheModelDoesNotKnow) {
  const Peptide bridged = bridged_peptide("ALA-CYX-LEU-CYX-ALA");
  const PeptideModel model = arbitrary_peptide_model(PeptideExample("ACLCA").peptide, 61);
  ASSERT_FALSE(model.find("CYX").has_value());
  const LeapWeights weights = temperature_map_weights(model, bridged, "m");
  EXPECT_EQ(carried_by(weights), not_kept(bridged));
  EXPECT_EQ(count_held(weights), 0U);
  // They are left when the model knows them, too.
  const LeapWeights known =
      temperature_map_weights(arbitrary_peptide_model(bridged, 62), bridged, "m");
  EXPECT_EQ(carried_by(known), not_kept(bridged));
  // The side chain of the leucine between them goes along, and has to be known.
  const PeptideModel without = arbitrary_peptide_model({"NALA", "CYS", "CALA"}, 61);
  EXPECT_THAT(
      message_of<engine::ModelError>([&] { temperature_map_weights(without, bridged, "m"); }),
      HasSubstr("m: the model was not trained on residue 3, LEU"));
}

TEST(PeptideMaps, NeedSomethingThatIsNotKept) {
  const Peptide bridged = bridged_peptide("CYX-GLY-CYX");
  EXPECT_TRUE(not_kept(bridged).empty());
  const PeptideModel model = arbitrary_peptide_model({"NALA", "CALA"}, 63);
  EXPECT_THAT(message_of<engine::InputError>([&] { temperature_map_weights(model, bridged, "m"); }),
              HasSubstr("nothing is carried between temperatures; leave the model out"));
}

TEST(PeptideMaps, CarryRingsOfProlineButOmega) {
  for (const char* sequence : {"GPG", "AP", "GLY-HYP-GLY"}) {
    SCOPED_TRACE(sequence);
    const PeptideExample example(sequence);
    const Peptide& peptide = example.peptide;
    const PeptideModel model = arbitrary_peptide_model(peptide, 64);
    const LeapWeights weights = temperature_map_weights(model, peptide, "m");
    const std::set<std::size_t> carried = carried_by(weights);
    EXPECT_EQ(count_held(weights), 0U);
    // omega is the torsion of CA's row, the first of the residue.
    const PeptideResidue& proline = peptide.residues[1];
    const std::size_t omega = proline.fast[2].coordinate.coordinate;
    ASSERT_TRUE(proline.fast[2].coordinate.is_torsion && proline.fast[2].is_kept);
    for (const PeptideResidue& residue : peptide.residues)
      for (const PeptideFast& fast : residue.fast)
        EXPECT_EQ(carried.count(fast.coordinate.coordinate) > 0,
                  fast.coordinate.coordinate != omega);
    // The torsions that tell how the ring is puckered are kept, and seen by the means.
    const std::set<std::size_t> seen(weights.basis_torsions.begin(), weights.basis_torsions.end());
    for (const PeptideTorsion& torsion : peptide.torsions) {
      EXPECT_EQ(carried.count(torsion.coordinate), 0U);
      EXPECT_EQ(seen.count(torsion.coordinate), 1U);
    }
    // No leap moves any of these.
    for (const PeptideLeap& leap : peptide_leaps(model, peptide, {}, "m")) {
      const std::set<std::size_t> moved = carried_by(leap.weights);
      for (const PeptideFast& fast : proline.fast)
        EXPECT_FALSE(fast.is_kept && moved.count(fast.coordinate.coordinate) > 0) << leap.name;
    }
  }
}

TEST(PeptideMaps, HoldThePuckerOfAFirstProline) {
  const PeptideExample example("PG");
  const Peptide& peptide = example.peptide;
  const LeapWeights weights =
      temperature_map_weights(arbitrary_peptide_model(peptide, 65), peptide, "m");
  std::size_t n_fast = 0;
  for (const PeptideResidue& residue : peptide.residues) n_fast += residue.fast.size();
  EXPECT_EQ(weights.fast.size(), n_fast);
  EXPECT_EQ(count_held(weights), 1U);
  // The torsion CD-N-CA-C, by the atoms of its row.
  ASSERT_TRUE(weights.fast.front().is_held);
  const std::size_t row = weights.fast.front().coordinate - (2 * peptide.z.n_atoms() - 3) + 3;
  const auto name_of_atom = [&](std::size_t atom) {
    return example.built.topology.atoms[atom].name;
  };
  EXPECT_EQ(name_of_atom(peptide.z.rows.at(row).atom), "CD");
  EXPECT_EQ(name_of_atom(peptide.z.rows.at(row).bond_to), "N");
  EXPECT_EQ(name_of_atom(peptide.z.rows.at(row).angle_to), "CA");
  EXPECT_EQ(name_of_atom(peptide.z.rows.at(row).torsion_to), "C");
}

TEST(PeptideMaps, LeaveRingsWithinRingsOfDisulfides) {
  const Peptide bridged = bridged_peptide("ALA-CYX-PRO-CYX-ALA");
  const LeapWeights weights =
      temperature_map_weights(arbitrary_peptide_model(bridged, 66), bridged, "m");
  EXPECT_EQ(carried_by(weights), not_kept(bridged));
  for (const PeptideFast& fast : bridged.residues[2].fast) EXPECT_TRUE(fast.is_kept);
}

TEST(PeptideMaps, LeaveAminesThatChangeSides) {
  const PeptideExample example("ACE-LYN-NME");
  const LeapWeights weights =
      temperature_map_weights(arbitrary_peptide_model(example.peptide, 67), example.peptide, "m");
  EXPECT_EQ(carried_by(weights), not_kept(example.peptide));
}

/// A model whose means and widths are those of frames, and these frames.
class MapsOfRings : public testing::TestWithParam<const char*> {
 protected:
  static constexpr std::size_t kFrames = 600, kChains = 9;
  static constexpr double kCold_K = 310.0, kHot_K = 500.0;

  MapsOfRings() : example_(GetParam()), frames_(0, 0) {
    PeptideModel model = arbitrary_peptide_model(example_.peptide, 71);
    const std::vector<double> temperatures(kFrames, kCold_K);
    engine::System system;
    system.masses.assign(example_.built.topology.n_atoms(), 12.0);
    frames_ = arbitrary_peptide_frames(example_, temperatures, 72);
    PeptideStatistics statistics({kCold_K, 3e-3, 0.01, 100});
    statistics.add(example_.peptide, system, frames_.view(), temperatures);
    model.templates = statistics.finish();
    weights_ = temperature_map_weights(model, example_.peptide, "model");
  }

  engine::ChainBatch chains(engine::ConstCoordinates x, double temperature_K) const {
    engine::ChainBatch result(x.n_chains, x.n_atoms, {temperature_K});
    for (std::size_t c = 0; c < x.n_chains; ++c) result.positions.copy_chain(x, c, c);
    return result;
  }

  std::vector<double> internal_of(engine::ConstCoordinates x) const {
    std::vector<double> q(example_.peptide.z.n_internal()), log_jacobian(1);
    engine::cartesian_to_internal(example_.peptide.z, x, q, log_jacobian);
    return q;
  }

  PeptideExample example_;
  engine::CoordinateBatch frames_;
  LeapWeights weights_;
};

INSTANTIATE_TEST_SUITE_P(Prolines, MapsOfRings, testing::Values("PG", "ACE-PRO-NHE"));

TEST_P(MapsOfRings, AreInvertedAndKeepWhatIsKept) {
  const LeapTemperatureMap map(weights_, nullptr);
  const engine::ChainBatch cold = chains(frames_.view().slice(0, kChains), kCold_K);
  const auto there = map.map(cold.view(), std::vector<double>(kChains, kHot_K));
  const engine::ChainBatch hot = chains(there.positions.view(), kHot_K);
  const auto back = map.map(hot.view(), std::vector<double>(kChains, kCold_K));
  std::set<std::size_t> moved;
  for (const engine::LeapFastCoordinate& fast : weights_.fast)
    if (!fast.is_held) moved.insert(fast.coordinate);
  const std::size_t first_torsion = 2 * example_.peptide.z.n_atoms() - 3;
  for (std::size_t c = 0; c < kChains; ++c) {
    ASSERT_TRUE(std::isfinite(there.log_volumes[c])) << c;
    EXPECT_NEAR(there.log_volumes[c] + back.log_volumes[c], 0.0, 1e-8);
    for (std::size_t i = 0; i < cold.positions.chain(c).size(); ++i)
      EXPECT_NEAR(back.positions.chain(c)[i], cold.positions.chain(c)[i], 1e-8);
    const std::vector<double> q = internal_of(cold.positions.view().slice(c, 1)),
                              image = internal_of(there.positions.view().slice(c, 1));
    double largest = 0.0;
    for (std::size_t i = 0; i < q.size(); ++i) {
      const double change =
          i < first_torsion ? image[i] - q[i] : engine::wrap_angle(image[i] - q[i]);
      if (moved.count(i) > 0)
        largest = std::max(largest, std::abs(change));
      else
        EXPECT_NEAR(change, 0.0, 1e-8) << "coordinate " << i;
    }
    EXPECT_GT(largest, 1e-3);
  }
}

TEST_P(MapsOfRings, HaveTheDeterminantForVolume) {
  const LeapTemperatureMap map(weights_, nullptr);
  const std::size_t n = 3 * example_.peptide.z.n_atoms();
  const auto image = [&](const std::vector<double>& x) {
    engine::ChainBatch one(1, n / 3, {kCold_K});
    one.positions.values() = x;
    return map.map(one.view(), std::vector<double>{kHot_K});
  };
  const auto x = frames_.chain(4);
  const std::vector<double> at(x.begin(), x.end());
  const std::vector<double> jacobian = tests::numerical_jacobian(
      [&](const std::vector<double>& y) { return image(y).positions.values(); }, at, 1e-4);
  // One coordinate more or less would be 0.24.
  EXPECT_NEAR(tests::log_abs_determinant(jacobian, n), image(at).log_volumes[0], 1e-3);
}

}  // namespace
}  // namespace saltus::mlsamplers
