#include "tools/saltus/decks/torsion_deck.h"
#include "tools/saltus/decks/ranges.h"

namespace saltus::tools {

namespace {

using io::Bounds;
using io::DeckTable;
using io::PathRule;

constexpr std::int64_t kSchema = 1;
constexpr const char* kNetworkTable = "torsion_network";

TorsionMoleculesDeck read_molecules(DeckTable table) {
  TorsionMoleculesDeck molecules;
  molecules.files =
      table.path_list({"files", "SMILES lists (.smi, .csv, .tsv), read in turn: a line of each"},
                      PathRule::kExistingFile, 1);
  molecules.more_files = table.path_list({"more_files", "read likewise, after those of `files`"},
                                         PathRule::kExistingFile);
  molecules.excluded =
      table.path_list({"excluded", "digests of molecules to leave out, which tests are made with"},
                      PathRule::kExistingFile);
  molecules.max_atoms = table.count({"max_atoms", "hydrogens included; larger ones are left out"},
                                    molecules.max_atoms, 4, kMostAtOnce);
  molecules.max_torsions = table.count({"max_torsions", "methyl and hydroxyl groups included"},
                                       molecules.max_torsions, 1, kMostParts);
  molecules.max_molecules = table.count({"max_molecules", "lines of `files` read; 0: all"},
                                        molecules.max_molecules, 0, kMostAtOnce);
  table.renamed("most_atoms", "max_atoms");
  table.renamed("most_torsions", "max_torsions");
  table.renamed("most", "max_molecules");
  return molecules;
}

TorsionEnsemblesDeck read_ensembles(DeckTable table) {
  TorsionEnsemblesDeck ensembles;
  ensembles.folder = table.path({"folder", "where ensembles are stored, and reused"}, std::nullopt,
                                PathRule::kAny);
  engine::EnsembleOptions& sampling = ensembles.sampling;
  sampling.temperature_K = table.quantity({"temperature", "of the ensembles"}, "K",
                                          sampling.temperature_K, kTemperatures);
  sampling.hottest_K =
      table.quantity({"hottest", "level of the ladders"}, "K", sampling.hottest_K, kTemperatures);
  sampling.n_levels = table.count({"levels", "of each ladder"}, sampling.n_levels, 1, kMostParts);
  sampling.n_ladders = table.count({"ladders", "per molecule"}, sampling.n_ladders, 1, kMostParts);
  sampling.n_warm_up = table.count({"warm_up", "sweeps that are discarded"}, sampling.n_warm_up, 16,
                                   kMostInnerSteps);
  sampling.n_sweeps = table.count({"sweeps", "that count"}, sampling.n_sweeps, 1, kMostInnerSteps);
  sampling.every =
      table.count({"frame_period", "sweeps between frames"}, sampling.every, 1, kMostSteps);
  ensembles.n_seeds = table.count({"seeds", "embedded conformers chains begin with"},
                                  ensembles.n_seeds, 1, kMostParts);
  ensembles.max_seconds =
      table.real({"max_seconds", "per molecule"}, ensembles.max_seconds, Bounds::between(0.1, 1e7));
  table.renamed("most_seconds", "max_seconds");
  if (sampling.hottest_K < sampling.temperature_K && !table.failed("hottest"))
    table.error("hottest", "expected at least ensembles.temperature");
  return ensembles;
}

mlsamplers::TorsionTrainingOptions read_network(DeckTable table) {
  mlsamplers::TorsionTrainingOptions training;
  mlsamplers::TorsionNetworkShape& shape = training.shape;
  shape.n_hidden = table.count({"hidden", "width of the layers"}, shape.n_hidden, 8, kMostFeatures);
  shape.n_layers = table.count({"layers", "of message passing"}, shape.n_layers, 1, kMostParts);
  shape.n_components = table.count({"components", "von Mises distributions of each torsion"},
                                   shape.n_components, 1, kMostParts);
  training.n_epochs =
      table.count({"epochs", "passes over the molecules"}, training.n_epochs, 1, kMostInnerSteps);
  training.n_molecules = table.count({"molecules_per_batch", "of each gradient"},
                                     training.n_molecules, 1, kMostAtOnce);
  training.n_samples =
      table.count({"frames_per_molecule", "of each gradient"}, training.n_samples, 1, kMostAtOnce);
  training.learning_rate = table.real({"learning_rate", "at the start; falls to a hundredth"},
                                      training.learning_rate, kLearningRates);
  training.dropout =
      table.real({"dropout", "dropout probability of each layer's update in training, below 1"},
                 training.dropout, Bounds::fraction_below_one());
  return training;
}

TorsionDeck read_deck(DeckTable& root) {
  TorsionDeck deck;
  read_training_head(root, kSchema, deck);
  deck.threads = read_threads(root, "0: all processors", deck.threads);
  deck.model = read_trained_model(root);
  deck.molecules = read_molecules(root.table({"molecules", "What the network learns from."}));
  deck.ensembles = read_ensembles(
      root.table({"ensembles", "Replica exchange of each molecule, MMFF94 in vacuum."}));
  deck.training = read_network(root.table({kNetworkTable, "The network and its training."}));
  deck.training.seed = deck.seed;
  return deck;
}

}  // namespace

bool is_torsion_deck(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  return deck_has(path, overrides, kNetworkTable);
}

LoadedTorsionDeck load_torsion_deck(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides) {
  return load_whole_deck(path, overrides, read_deck);
}

std::string default_torsion_deck() {
  return default_whole_deck("a deck that trains a torsion network", read_deck);
}

}  // namespace saltus::tools
