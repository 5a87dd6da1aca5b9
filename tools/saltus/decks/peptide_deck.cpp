#include "tools/saltus/decks/peptide_deck.h"

#include "mlsamplers/training/peptide_refinement.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/decks/ranges.h"

namespace saltus::tools {

namespace {

using io::Bounds;
using io::DeckTable;
using io::PathRule;

constexpr std::int64_t kSchema = 1;
constexpr const char* kModelTable = "peptide_model";

PeptideDataDeck read_data(DeckTable table) {
  using engine::GeneralizedBornModel;
  using Solvent = std::optional<GeneralizedBornModel>;
  PeptideDataDeck data;
  data.sequences = table.string_list(
      {"sequences", "peptides that are built and simulated first: \"ADK\", \"ACE-ALA-NME\""},
      std::vector<std::string>());
  const bool simulates = !data.sequences.empty() || table.failed("sequences");
  if (table.applies("run_deck", simulates, "sequences"))
    data.run_deck = table.path({"run_deck", "by which each of them is run"}, std::nullopt,
                               PathRule::kExistingFile);
  if (table.applies("folder", simulates, "sequences"))
    data.folder =
        table.path({"folder", "of their runs, which are used again"}, std::nullopt, PathRule::kAny);
  data.runs = table.path_list(
      {"runs", "trajectories, or folders with trajectory.h5 in them or in subfolders"},
      PathRule::kAny);
  if (data.runs.empty() && !simulates && !table.describing())
    table.table_error("missing sequences or runs; the model has to learn from something");
  data.force_field =
      table.path_list({"force_field", "OpenMM ForceField XML files that the runs were made with"},
                      PathRule::kFileOrName, table.describing() ? 0 : 1);
  data.implicit_solvent = table.choice<Solvent>({"implicit_solvent", "of the runs"},
                                                {{"none", Solvent()},
                                                 {"obc1", GeneralizedBornModel::kObc1},
                                                 {"obc2", GeneralizedBornModel::kObc2},
                                                 {"gbn2", GeneralizedBornModel::kGbn2}},
                                                Solvent(GeneralizedBornModel::kObc2));
  data.frame_stride = table.count({"frame_stride", "frames from one that is used to the next"},
                                  data.frame_stride, 1, kMostInnerSteps);
  data.discarded = table.real({"discarded", "part of each trajectory, at its start"},
                              data.discarded, Bounds::fraction_below_one());
  data.allow_test_peptides =
      table.boolean({"allow_test_peptides", "learn from peptides that are kept for testing, too"},
                    data.allow_test_peptides);
  data.test_sequences =
      table.path({"test_sequences", "file of further sequences for testing, one letter a residue"},
                 "", PathRule::kExistingFile);
  return data;
}

/// Sizes and the reference temperature, which are the initial model's when there is one.
void read_shape(DeckTable& table, PeptideDeck& deck) {
  mlsamplers::PeptideNetworkShape& shape = deck.training.shape;
  const bool is_new = deck.initial.empty();
  const std::string when = "a model that is trained from scratch, without initial";
  if (table.applies("hidden", is_new, when))
    shape.n_hidden =
        table.count({"hidden", "width of the networks' layers"}, shape.n_hidden, 1, kMostFeatures);
  if (table.applies("components", is_new, when))
    shape.n_components = table.count({"components", "wrapped normals of each torsion"},
                                     shape.n_components, 1, kMostParts);
  if (table.applies("embedding", is_new, when))
    shape.n_embedding = table.count({"embedding", "numbers that stand for a residue"},
                                    shape.n_embedding, 1, kMostFeatures);
  if (table.applies("reference_temperature", is_new, when))
    deck.statistics.reference_temperature_K =
        table.quantity({"reference_temperature", "that widths refer to"}, "K",
                       deck.statistics.reference_temperature_K, kTemperatures);
}

void read_model(DeckTable table, PeptideDeck& deck) {
  deck.initial = table.path(
      {"initial",
       "model that is refined: a file, or \"default\"; then steps = 1000, learning_rate = 5e-4, "
       "check_period = 100 and min_frames = 5000 unless given, and all peptides may be learned "
       "from"},
      "", PathRule::kExistingFile, {kShippedPeptideModel});
  mlsamplers::PeptideTrainingOptions& training = deck.training;
  if (!deck.initial.empty()) {
    training = mlsamplers::peptide_refinement_options();
    deck.statistics.min_frames = mlsamplers::kRefinementFrames;
  }
  read_shape(table, deck);
  deck.statistics.smoothness =
      table.real({"smoothness", "penalty on rough regression of the fast coordinates"},
                 deck.statistics.smoothness, kSmoothnesses);
  deck.statistics.shrinkage =
      table.real({"shrinkage", "part of covariances that is replaced by their diagonal"},
                 deck.statistics.shrinkage, Bounds::fraction_below_one());
  deck.statistics.min_frames =
      table.count({"min_frames",
                   "of each residue, over all runs; with initial, those with fewer keep its "
                   "statistics"},
                  deck.statistics.min_frames, 1, kMostAtOnce);
  training.n_steps =
      table.count({"steps", "of the optimiser, at most"}, training.n_steps, 1, kMostInnerSteps);
  training.batch_size = table.count({"batch_size", "rows of each kind of torsion"},
                                    training.batch_size, 1, kMostAtOnce);
  training.learning_rate = table.real({"learning_rate", "at the start; falls as a cosine"},
                                      training.learning_rate, kLearningRates);
  training.weight_decay =
      table.real({"weight_decay",
                  "of matrices, times the learning rate, in each step; with initial, towards "
                  "its own"},
                 training.weight_decay, kWeightDecays);
  training.held_out_fraction = table.real(
      {"held_out_fraction", "part of the peptides; with initial, the end of each trajectory"},
      training.held_out_fraction, Bounds::inside(0.0, 1.0));
  training.check_period = table.count({"check_period", "steps between held-out scores"},
                                      training.check_period, 1, kMostInnerSteps);
  training.patience = table.count({"patience", "checks without gain that end the training"},
                                  training.patience, 1, kMostInnerSteps);
}

PeptideDeck read_deck(DeckTable& root) {
  PeptideDeck deck;
  read_training_head(root, kSchema, deck);
  deck.model = read_trained_model(root);
  deck.data = read_data(root.table({"peptides", "What the model learns from."}));
  read_model(root.table({kModelTable, "The model and its training."}), deck);
  deck.training.seed = deck.seed;
  return deck;
}

}  // namespace

bool is_peptide_deck(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  return deck_has(path, overrides, kModelTable);
}

LoadedPeptideDeck load_peptide_deck(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides) {
  return load_whole_deck(path, overrides, read_deck);
}

std::string default_peptide_deck() {
  return default_whole_deck("a deck that trains a peptide model", read_deck);
}

}  // namespace saltus::tools
