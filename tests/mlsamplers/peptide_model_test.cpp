// Oracles: the unfolded network written out here, the residues' own regressions, equal bits after a
// round trip, and messages.
#include "mlsamplers/peptides/peptide_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "mlsamplers/leap/coordinate_split.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::mlsamplers {
namespace {

using engine::ModelError;
using testing::HasSubstr;
using tests::arbitrary_peptide_model;
using tests::message_of;
using tests::PeptideExample;

double silu(double value) { return value / (1.0 + std::exp(-value)); }

/// outputs = matrix inputs + bias.
std::vector<double> dense(const std::vector<double>& matrix, const std::vector<double>& bias,
                          const std::vector<double>& inputs) {
  std::vector<double> result = bias;
  for (std::size_t i = 0; i < result.size(); ++i)
    for (std::size_t j = 0; j < inputs.size(); ++j)
      result[i] += matrix[i * inputs.size() + j] * inputs[j];
  return result;
}

std::vector<double> with_silu(std::vector<double> values) {
  for (double& value : values) value = silu(value);
  return values;
}

/// Outputs of a network as it is trained.
std::vector<double> unfolded(const PeptideModel& model, const NetworkPlace& place,
                             const std::vector<double>& angles, double temperature) {
  const PeptideNetworkShape& shape = model.shape;
  std::vector<double> inputs(shape.n_inputs(), 0.0);
  for (std::size_t j = 0; j < angles.size(); ++j) {
    if (!place.slots[j]) continue;
    for (std::size_t k = 0; k < engine::kNetworkHarmonics; ++k) {
      const double angle = static_cast<double>(k + 1) * angles[j];
      inputs[2 * k * kContextSlots + *place.slots[j]] = std::cos(angle);
      inputs[(2 * k + 1) * kContextSlots + *place.slots[j]] = std::sin(angle);
    }
    inputs[shape.first_bit() + *place.slots[j]] = 1.0;
  }
  std::size_t next = shape.first_embedding();
  for (const std::size_t residue : {place.own, place.previous, place.next})
    for (std::size_t e = 0; e < shape.n_embedding; ++e)
      inputs[next++] = model.embeddings[residue * shape.n_embedding + e];
  inputs[next] = temperature;
  const PeptideNetwork& network = model.networks[static_cast<std::size_t>(place.kind)];
  const auto hidden = with_silu(dense(network.second, network.second_bias,
                                      with_silu(dense(network.first, network.first_bias, inputs))));
  return dense(network.head, network.head_bias, hidden);
}

/// Outputs of a network of the engine, by the layout that leap_weights.h documents.
std::vector<double> folded(const engine::MixtureNetworkWeights& network,
                           const std::vector<double>& angles, double temperature) {
  std::vector<double> inputs;
  for (std::size_t k = 1; k <= engine::kNetworkHarmonics; ++k) {
    for (const double angle : angles) inputs.push_back(std::cos(static_cast<double>(k) * angle));
    for (const double angle : angles) inputs.push_back(std::sin(static_cast<double>(k) * angle));
  }
  if (angles.empty()) inputs.push_back(1.0);
  inputs.push_back(temperature);
  const auto hidden = with_silu(dense(network.second, network.second_bias,
                                      with_silu(dense(network.first, network.first_bias, inputs))));
  return dense(network.head, network.head_bias, hidden);
}

TEST(PeptideNetworks, FoldIntoPlainOnes) {
  const PeptideExample example("KAFG");
  const PeptideModel model = arbitrary_peptide_model(example.peptide, 3);
  const std::vector<NetworkPlace> places = {
      {TorsionKind::kPhi, 0, 1, 2, {}},
      {TorsionKind::kPsi, 1, 4, 3, {std::size_t{3}, std::nullopt, std::size_t{0}}},
      {TorsionKind::kChi3, 2, 0, 4, {std::size_t{12}, std::size_t{5}, std::size_t{6}}}};
  for (const NetworkPlace& place : places) {
    std::vector<double> angles = {0.3, -1.7, 2.9};
    angles.resize(place.slots.size());
    for (const double temperature : {0.0, -0.4}) {
      const auto expected = unfolded(model, place, angles, temperature);
      const auto found = folded(fold_network(model, place), angles, temperature);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12);
    }
  }
}

TEST(PeptideNetworks, SeeThatATorsionIsOutOfSight) {
  // The planted mistake: a column of a slot that is not seen must not count.
  const PeptideExample example("AA");
  const PeptideModel model = arbitrary_peptide_model(example.peptide, 4);
  const NetworkPlace seen = {TorsionKind::kPsi, 0, 1, 1, {std::size_t{3}}},
                     unseen = {TorsionKind::kPsi, 0, 1, 1, {std::nullopt}};
  EXPECT_EQ(folded(fold_network(model, unseen), {0.3}, 0.0),
            folded(fold_network(model, unseen), {2.3}, 0.0));
  EXPECT_NE(folded(fold_network(model, seen), {0.3}, 0.0),
            folded(fold_network(model, unseen), {0.3}, 0.0));
}

TEST(PeptideBasis, IsAPartOfThatOfBlocks) {
  // Two residues of 3 and 2 torsions, 2 and 1 rotors, of which one is not redrawn.
  const std::vector<double> torsions = {0.1, 1.2, -2.0, 0.7, 2.8}, folded_rotors = {0.4, -1.1};
  const std::vector<int> folds = {1, 1};
  FourierBasis block(torsions.size(), folds);
  std::vector<double> functions(block.size());
  block.evaluate(torsions, folded_rotors, functions);
  engine::RandomStream stream(engine::StepKey{1, 0}, engine::StreamName::kTest, 0);
  std::vector<double> row(template_basis_size(3, 2)), means(2 * kRotorFunctions);
  for (double& value : row) value = stream.normal();
  for (double& value : means) value = stream.normal();
  BasisPlace place;
  place.n_torsions = 3;
  place.n_rotors = 2;
  place.first_torsion = 2;
  place.rotors = {std::nullopt, std::size_t{1}};
  place.n_block_torsions = torsions.size();
  place.n_block_rotors = 2;
  std::vector<double> wide(block.size(), 0.0);
  add_to_block_basis(place, row, means, wide);
  double found = 0.0, expected = 0.0;
  for (std::size_t i = 0; i < wide.size(); ++i) found += wide[i] * functions[i];
  std::vector<double> own(row.size());
  evaluate_template_basis({&torsions[2], 3}, std::vector<double>{9.0, folded_rotors[1]}, own);
  const std::size_t first_mean = row.size() - 2 * kRotorFunctions;
  for (std::size_t k = 0; k < kRotorFunctions; ++k) own[first_mean + k] = means[k];
  for (std::size_t i = 0; i < row.size(); ++i) expected += row[i] * own[i];
  EXPECT_NEAR(found, expected, 1e-12);
}

TEST(PeptideBlocks, HaveWeightsThatFit) {
  for (const char* sequence : {"AA", "ACE-ALA-NME", "RWPMC", "GFTKHDN", "ACE-PRO-NHE",
                               "ACE-LYN-NME", "GLY-CYM-ALA", "LYS-HYP"}) {
    SCOPED_TRACE(sequence);
    const PeptideExample example(sequence);
    const PeptideModel model = arbitrary_peptide_model(example.peptide, 5);
    const auto leaps = peptide_leaps(model, example.peptide, {}, "model");
    std::set<std::string> names;
    double total = 0.0;
    for (const PeptideLeap& leap : leaps) {
      EXPECT_TRUE(names.insert(leap.name).second) << leap.name;
      EXPECT_NO_THROW(leap.weights.validate(leap.name));
      EXPECT_GT(leap.probability, 0.0);
      EXPECT_TRUE(leap.carry == 0.0 || leap.weights.wide_fraction == 0.0);
      total += leap.probability;
    }
    EXPECT_NEAR(total, 1.0, 1e-12);
  }
}

class KeptCoordinates : public testing::TestWithParam<const char*> {};

TEST_P(KeptCoordinates, AreMovedByNoBlock) {
  const PeptideExample example(GetParam());
  const PeptideModel model = arbitrary_peptide_model(example.peptide, 6);
  std::set<std::size_t> kept;
  for (const PeptideTorsion& torsion : example.peptide.torsions)
    if (torsion.is_kept) kept.insert(torsion.coordinate);
  for (const PeptideResidue& residue : example.peptide.residues)
    for (const PeptideFast& fast : residue.fast)
      if (fast.is_kept) kept.insert(fast.coordinate.coordinate);
  EXPECT_FALSE(kept.empty());
  for (const PeptideBlock& block : peptide_blocks(example.peptide, {})) {
    SCOPED_TRACE(block.name);
    const engine::LeapWeights weights = block_weights(model, example.peptide, block, "model");
    for (const std::size_t coordinate : weights.soft) EXPECT_EQ(kept.count(coordinate), 0U);
    for (const auto& fast : weights.fast) EXPECT_EQ(kept.count(fast.coordinate), 0U);
    EXPECT_EQ(weights.soft.size(), block.torsions.size());
    EXPECT_EQ(weights.shift.direction, block.direction);
    EXPECT_FALSE(weights.is_whole());
    for (const std::size_t coordinate : weights.context)
      EXPECT_EQ(std::count(weights.soft.begin(), weights.soft.end(), coordinate), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Peptides, KeptCoordinates,
                         testing::Values("GPKG", "GLY-LYN-GLY", "GLY-HYP-GLY"));

TEST(PeptideBlocks, AreWholeForDipeptidesOnly) {
  const auto has_whole = [](const std::string& sequence) {
    const PeptideExample example(sequence);
    const PeptideModel model = arbitrary_peptide_model(example.peptide, 7);
    for (const PeptideLeap& leap : peptide_leaps(model, example.peptide, {}, "model"))
      if (leap.weights.is_whole()) return true;
    return false;
  };
  EXPECT_TRUE(has_whole("AC"));
  EXPECT_TRUE(has_whole("ACE-ALA-NME"));
  EXPECT_FALSE(has_whole("ACD"));
  EXPECT_FALSE(has_whole("AP"));
}

TEST(PeptideBlocks, HaveTheResiduesMarginalCovariance) {
  const PeptideExample example("ASA");
  const PeptideModel model = arbitrary_peptide_model(example.peptide, 8);
  for (const PeptideBlock& block : peptide_blocks(example.peptide, {})) {
    if (block.name != "side_chain_2") continue;
    const engine::LeapWeights weights = block_weights(model, example.peptide, block, "model");
    const TemplateStatistics& entry = model.templates[*model.find("SER")];
    std::vector<std::size_t> side;
    for (std::size_t i = 0; i < example.peptide.residues[1].fast.size(); ++i)
      if (example.peptide.residues[1].fast[i].is_side_chain) side.push_back(i);
    const std::size_t n = weights.fast.size();
    ASSERT_EQ(n, side.size());
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) {
        double product = 0.0;
        for (std::size_t k = 0; k < n; ++k)
          product += weights.fast_cholesky[a * n + k] * weights.fast_cholesky[b * n + k];
        EXPECT_NEAR(product, entry.covariance[side[a] * entry.n_fast + side[b]], 1e-12);
      }
  }
}

TEST(PeptideLeapChoice, RefuseWhatTheModelDoesNotKnow) {
  const PeptideExample known("AG"), other("AW");
  const PeptideModel model = arbitrary_peptide_model(known.peptide, 9);
  EXPECT_THAT(message_of<ModelError>([&] { peptide_leaps(model, other.peptide, {}, "m"); }),
              HasSubstr("m: the model was not trained on residue 2, CTRP, only on CGLY NALA; "
                        "without the transferable model"));
  EXPECT_EQ(message_of<ModelError>([&] {
              require_temperatures(model, {310.0, 620.0}, "m");
            }),
            "m: the model is for 300 to 600 K, not 620 K");
  EXPECT_NO_THROW(require_temperatures(model, {300.0, 600.0}, "m"));
}

TEST(PeptideLeapChoice, NeedNotKnowWhatNeverMoves) {
  const PeptideExample known("ACLCA");
  const BuiltPeptide built = build_peptide(parse_sequence("ALA-CYX-LEU-CYX-ALA"));
  engine::Topology topology = built.topology;
  std::vector<std::size_t> sulphurs;
  for (std::size_t i = 0; i < topology.n_atoms(); ++i)
    if (topology.atoms[i].name == "SG") sulphurs.push_back(i);
  topology.bonds.push_back({sulphurs.at(0), sulphurs.at(1)});
  const Peptide bridged = recognise_peptide(topology, built.positions.chain(0));
  ASSERT_EQ(bridged.template_of(1).name, "CYX");
  const PeptideModel model = arbitrary_peptide_model(known.peptide, 13);
  const auto leaps = peptide_leaps(model, bridged, {}, "m");
  EXPECT_FALSE(leaps.empty());
  // psi of the first residue is next to what the model knows as cysteine.
  const auto first_network = [&](const PeptideModel& used) {
    for (const PeptideLeap& leap : peptide_leaps(used, bridged, {}, "m"))
      if (leap.name.find("residue_1/") == 0) return leap.weights.soft_networks.at(0).first_bias;
    return std::vector<double>();
  };
  PeptideModel other = model;
  other.embeddings[*model.find("CYS") * model.shape.n_embedding] += 0.5;
  EXPECT_FALSE(first_network(model).empty());
  EXPECT_NE(first_network(model), first_network(other));
  // The leucine between the ends moves its side chain.
  PeptideModel without = arbitrary_peptide_model({"NALA", "CYS", "CALA"}, 13);
  EXPECT_THAT(message_of<ModelError>([&] { peptide_leaps(without, bridged, {}, "m"); }),
              HasSubstr("m: the model was not trained on residue 3, LEU"));
  // Nor the fingerprint of what never moves.
  engine::System system;
  system.masses.assign(topology.n_atoms(), 12.0);
  PeptideModel plain = model;
  for (TemplateStatistics& entry : plain.templates) entry.fingerprint = {};
  EXPECT_NO_THROW(require_force_field(plain, bridged, system, "m"));
}

TEST(PeptideLeapChoice, RefuseAnotherForceField) {
  const PeptideExample example("AG");
  PeptideModel model = arbitrary_peptide_model(example.peptide, 10);
  engine::System system;
  system.masses.assign(example.built.topology.n_atoms(), 12.0);
  for (const engine::Bond& bond : example.built.topology.bonds)
    system.bonds.push_back({bond.first, bond.second, 0.15, 2e5});
  const auto atoms = residue_atoms(example.peptide);
  for (std::size_t r = 0; r < atoms.size(); ++r)
    model.templates[*model.find(example.peptide.template_of(r).name)].fingerprint =
        residue_fingerprint(system, atoms[r]);
  EXPECT_NO_THROW(require_force_field(model, example.peptide, system, "m"));
  for (engine::HarmonicBond& bond : system.bonds) bond.k *= 1.01;
  EXPECT_EQ(
      message_of<ModelError>([&] { require_force_field(model, example.peptide, system, "m"); }),
      "m: the model is for a force field of tests; this molecule has other bonds in residue "
      "1, NALA: use that force field, or a model trained with this one");
}

TEST(PeptideLeapChoice, RefuseOptionsOutOfRange) {
  const auto refusal = [](const PeptideLeapOptions& options) {
    return message_of<engine::InputError>([&] { options.validate(); });
  };
  PeptideLeapOptions options;
  options.residues = options.side_chains = options.links = options.whole = 0.0;
  options.crankshafts = 0.0;
  EXPECT_EQ(refusal(options),
            "peptide leap: no sort of block is left: make one of their weights positive");
  options = {};
  options.carries = {{1.5, 1.0}};
  EXPECT_EQ(refusal(options), "peptide leap: a carry is not in [0, 1]");
  options = {};
  options.crankshaft_widths = {0.2, 0.0};
  EXPECT_EQ(refusal(options), "peptide leap: a width of crankshafts is not positive");
  options.crankshaft_widths.clear();
  EXPECT_EQ(refusal(options), "peptide leap: crankshafts have no width");
  options = {};
  options.crankshaft_uniform = 0.0;
  EXPECT_EQ(refusal(options), "peptide leap: the uniform part of crankshafts is not in (0, 1)");
  options = {};
  options.crankshaft_side_chains_kept = 1.1;
  EXPECT_EQ(refusal(options),
            "peptide leap: the part of crankshafts that keep side chains is not in [0, 1]");
}

TEST(PeptideModelFile, KeepsEveryBit) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("peptides.safetensors");
  const PeptideExample example("ACE-LYS-TRP-NME");
  const PeptideModel model = arbitrary_peptide_model(example.peptide, 11);
  save_peptide_model(model, path);
  const PeptideModel back = load_peptide_model(path);
  EXPECT_EQ(card_to_json(back.card), card_to_json(model.card));
  EXPECT_EQ(back.embeddings, model.embeddings);
  EXPECT_EQ(back.max_temperature_K, model.max_temperature_K);
  ASSERT_EQ(back.templates.size(), model.templates.size());
  for (std::size_t i = 0; i < model.templates.size(); ++i) {
    EXPECT_EQ(back.templates[i].name, model.templates[i].name);
    EXPECT_EQ(back.templates[i].weights, model.templates[i].weights);
    EXPECT_EQ(back.templates[i].covariance, model.templates[i].covariance);
    EXPECT_EQ(back.templates[i].rotor_means, model.templates[i].rotor_means);
  }
  for (std::size_t k = 0; k < kTorsionKinds; ++k) {
    EXPECT_EQ(back.networks[k].first, model.networks[k].first);
    EXPECT_EQ(back.networks[k].head_bias, model.networks[k].head_bias);
  }
}

TEST(PeptideModelFile, IsRefusedWhenDamaged) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("peptides.safetensors");
  const PeptideExample example("AG");
  PeptideModel model = arbitrary_peptide_model(example.peptide, 12);
  model.networks[0].first[0] = std::numeric_limits<double>::quiet_NaN();
  save_peptide_model(model, path);
  EXPECT_EQ(message_of<ModelError>([&] { load_peptide_model(path); }),
            path + ": the model is damaged: a network's weight is not finite");
  model = arbitrary_peptide_model(example.peptide, 12);
  model.templates[0].name = "XXX";
  save_peptide_model(model, path);
  EXPECT_EQ(message_of<ModelError>([&] { load_peptide_model(path); }),
            path + ": the model is damaged: template XXX: there is no such residue");
}

}  // namespace
}  // namespace saltus::mlsamplers
