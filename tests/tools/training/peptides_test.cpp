// Oracle: trajectories of known frames, and messages.
#include "tools/saltus/training/peptides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/system/internal_coordinates.h"
#include "io/formats/pdb.h"
#include "io/hdf5/trajectory_writer.h"
#include "mlsamplers/peptides/peptide.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/decks/torsion_deck_fixture.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/molecules/load_molecule.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using engine::InputError;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::message_of;

constexpr std::size_t kChains = 2, kFrames = 150;

/// A trajectory of a peptide whose internal coordinates fluctuate.
void write_trajectory(const fs::path& file, const std::string& sequence) {
  const auto built = mlsamplers::build_peptide(mlsamplers::parse_sequence(sequence));
  const auto peptide = mlsamplers::recognise_peptide(built.topology, built.positions.chain(0));
  std::vector<double> q(peptide.z.n_internal());
  double log_jacobian = 0.0;
  engine::cartesian_to_internal(peptide.z, built.positions.view(), q, {&log_jacobian, 1});
  fs::create_directories(file.parent_path());
  const std::vector<double> masses(built.topology.n_atoms(), 12.0);
  io::TrajectoryWriter writer(file, built.topology, masses, kChains, {});
  const std::vector<double> energies(kChains, 0.0), temperatures = {300.0, 400.0},
                                                    log_weights(kChains, 0.0);
  for (std::size_t i = 0; i < kFrames; ++i) {
    engine::CoordinateBatch x(kChains, built.topology.n_atoms());
    for (std::size_t c = 0; c < kChains; ++c) {
      engine::RandomStream stream(engine::StepKey{1, i}, engine::StreamName::kTest,
                                  static_cast<std::uint32_t>(c));
      std::vector<double> frame = q;
      for (double& value : frame) value += 0.003 * stream.normal();
      for (const auto& torsion : peptide.torsions)
        frame[torsion.coordinate] = -1.0 + 0.4 * stream.normal();
      engine::internal_to_cartesian(peptide.z, frame, x.chain(c), {&log_jacobian, 1});
    }
    io::Frame frame;
    frame.step = i;
    frame.time_ps = static_cast<double>(i);
    frame.positions = x.view();
    frame.potential_energies = energies;
    frame.temperatures = temperatures;
    frame.log_weights = log_weights;
    writer.append(frame);
  }
  writer.close();
}

PeptideDeck small_training(const tests::TemporaryFolder& folder) {
  PeptideDeck deck;
  deck.model = folder.file("peptides.safetensors");
  deck.data.runs = {folder.file("runs")};
  deck.data.force_field = {"amber14/protein.ff14SB.xml"};
  deck.data.implicit_solvent = engine::GeneralizedBornModel::kObc2;
  deck.statistics.min_frames = 100;
  deck.training.shape = {8, 2, 2};
  deck.training.n_steps = 20;
  deck.training.check_period = 10;
  deck.training.batch_size = 16;
  deck.training.n_held_out_rows = 50;
  return deck;
}

/// Templates of the residues of a PDB file, as ff14SB takes them.
std::vector<std::string> templates_of(const std::string& file) {
  const std::string text =
      "schema = 1\n[system]\ncoordinates = \"" + file +
      "\"\nforce_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"\n"
      "[ensemble]\ntemperature = 300\n[[move]]\nkind = \"hmc\"\n[output]\ndirectory = \"o\"\n";
  const RunDeck deck = parse_run_deck(text, "deck.toml", SALTUS_TEST_SOURCE_DIR, {}).deck;
  const Molecule molecule = load_molecule(deck.system, {});
  const auto peptide = mlsamplers::recognise_peptide(molecule.topology, molecule.positions);
  std::vector<std::string> names;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r)
    names.push_back(peptide.template_of(r).name);
  return names;
}

TEST(Peptides, OfFilesAreRecognised) {
  EXPECT_THAT(templates_of("data/molecules/alanine_dipeptide.pdb"),
              ElementsAre("ACE", "ALA", "NME"));
  EXPECT_THAT(templates_of("data/molecules/chignolin.pdb"),
              ElementsAre("NGLY", "TYR", "ASP", "PRO", "GLU", "THR", "GLY", "THR", "TRP", "CGLY"));
}

TEST(Peptides, OfEveryProtonationStateHaveAForceField) {
  const tests::TemporaryFolder folder;
  const std::string file = folder.file("peptide.pdb");
  for (const char* sequence :
       {"ACE-LYN-NME", "ACE-CYM-NME", "ACE-ASH-GLH-NHE", "ACE-HYP-NME", "HIP-HYP"}) {
    SCOPED_TRACE(sequence);
    const auto names = mlsamplers::parse_sequence(sequence);
    const auto built = mlsamplers::build_peptide(names);
    io::write_pdb(file, built.topology, built.positions.view());
    EXPECT_EQ(templates_of(file), names);
  }
}

TEST(PeptideTrajectories, AreFoundInFolders) {
  const tests::TemporaryFolder folder;
  for (const char* file : {"a/trajectory.h5", "b/trajectory.h5", "c.h5"}) {
    fs::create_directories(fs::path(folder.file(file)).parent_path());
    write(folder, file, "");
  }
  EXPECT_THAT(peptide_trajectories({folder.path(), folder.file("c.h5"), folder.file("a")}),
              ElementsAre(fs::path(folder.file("a/trajectory.h5")),
                          fs::path(folder.file("b/trajectory.h5")), fs::path(folder.file("c.h5"))));
  EXPECT_EQ(message_of<InputError>([&] { peptide_trajectories({folder.file("x")}); }),
            "peptides.runs: '" + folder.file("x") +
                "' is neither a trajectory nor a folder with trajectory.h5 in it or in its "
                "subfolders");
}

TEST(TestSequences, AreWords) {
  const tests::TemporaryFolder folder;
  const std::string file = write(folder, "list.txt", "# two lines\nAA CE\n\nARIP\n");
  EXPECT_THAT(read_test_sequences(file), ElementsAre("AA", "CE", "ARIP"));
}

TEST(PeptideTrainingDeck, TrainsAModelThatFits) {
  const tests::TemporaryFolder folder;
  for (const char* sequence : {"AC", "CA", "CC"})
    write_trajectory(folder.file(std::string("runs/") + sequence + "/trajectory.h5"), sequence);
  const PeptideDeck deck = small_training(folder);
  Progress progress(true);
  const fs::path file = train_peptide_deck(deck, {}, progress);
  EXPECT_EQ(file, deck.model);
  EXPECT_FALSE(fs::exists(file.string() + ".training"));
  const mlsamplers::PeptideModel model = mlsamplers::load_peptide_model(file.string());
  EXPECT_EQ(model.min_temperature_K, 300.0);
  EXPECT_EQ(model.max_temperature_K, 400.0);
  EXPECT_EQ(model.card.force_field, "protein.ff14SB.xml, OBC2");
  const auto built = mlsamplers::build_peptide(mlsamplers::parse_sequence("AC"));
  const auto peptide = mlsamplers::recognise_peptide(built.topology, built.positions.chain(0));
  EXPECT_GT(mlsamplers::peptide_leaps(model, peptide, {}, "m").size(), 3U);
}

TEST(PeptideTrainingDeck, KeepsTestPeptidesForTesting) {
  const tests::TemporaryFolder folder;
  for (const char* sequence : {"AA", "AC"})
    write_trajectory(folder.file(std::string("runs/") + sequence + "/trajectory.h5"), sequence);
  PeptideDeck deck = small_training(folder);
  Progress progress(true);
  EXPECT_THAT(
      message_of<InputError>([&] { train_peptide_deck(deck, {}, progress); }),
      HasSubstr("AA must not be trained on: the numbers of its amino acids add up to 0, a "
                "multiple of 5: it is for testing; take it out of the deck's peptides, or set "
                "peptides.allow_test_peptides = true"));
  deck.data.allow_test_peptides = true;
  EXPECT_NO_THROW(train_peptide_deck(deck, {}, progress));
}

TEST(PeptideTrainingDeck, RefinesAModelOnATestPeptide) {
  const tests::TemporaryFolder folder;
  for (const char* sequence : {"AC", "CA", "CC"})
    write_trajectory(folder.file(std::string("runs/") + sequence + "/trajectory.h5"), sequence);
  Progress progress(true);
  const PeptideDeck first = small_training(folder);
  train_peptide_deck(first, {}, progress);
  write_trajectory(folder.file("mine/trajectory.h5"), "AA");
  PeptideDeck deck = small_training(folder);
  deck.model = folder.file("refined.safetensors");
  deck.initial = first.model;
  deck.data.runs = {folder.file("mine")};
  PeptideTrainingRequest request;
  request.initial = {"peptides.safetensors", "peptides.safetensors with SHA-256 0",
                     std::make_shared<const mlsamplers::PeptideModel>(
                         mlsamplers::load_peptide_model(first.model.string()))};
  EXPECT_EQ(train_peptide_deck(deck, request, progress), deck.model);
  EXPECT_FALSE(fs::exists(deck.model.string() + ".training"));

  const mlsamplers::PeptideModel refined = mlsamplers::load_peptide_model(deck.model.string());
  EXPECT_THAT(refined.refined_on, ElementsAre(ElementsAre("NALA", "CALA")));
  EXPECT_EQ(refined.min_temperature_K, 300.0);
  EXPECT_THAT(refined.card.training, HasSubstr("refined on NALA-CALA"));
  ASSERT_TRUE(refined.card.transferable.has_value());
  EXPECT_THAT(refined.card.transferable->data,
              HasSubstr("refined from peptides.safetensors with SHA-256 0 on mine/trajectory.h5 "
                        "(270 frames of AA); fast coordinates fitted anew: CALA NALA"));
  EXPECT_THAT(refined.card.transferable->split, HasSubstr("none: what it was refined on"));
  EXPECT_EQ(refined.card.transferable->scores.count("held_out_initial"), 1U);

  // Another force field, and other temperatures.
  request.overwrite = true;
  deck.data.implicit_solvent = engine::GeneralizedBornModel::kObc1;
  EXPECT_THAT(message_of<engine::ModelError>([&] { train_peptide_deck(deck, request, progress); }),
              HasSubstr("mine/trajectory.h5: peptides.safetensors: the model is for "
                        "protein.ff14SB.xml, OBC2; this molecule has other model of the implicit "
                        "solvent in residue 1, NALA"));
  deck.data.implicit_solvent = engine::GeneralizedBornModel::kObc2;
  mlsamplers::PeptideModel warm = *request.initial.model;
  warm.min_temperature_K = 350.0;
  request.initial.model = std::make_shared<const mlsamplers::PeptideModel>(warm);
  EXPECT_THAT(message_of<engine::ModelError>([&] { train_peptide_deck(deck, request, progress); }),
              HasSubstr("the model is for 350 to 400 K, not 300 K"));
}

}  // namespace
}  // namespace saltus::tools
