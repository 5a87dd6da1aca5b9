#include "tools/saltus/training/torsions.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <thread>

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "forcefields/chem/molecule_keys.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "io/files/text_output.h"
#include "mlsamplers/torsions/graph_features.h"
#include "saltus_version.h"
#include "tools/saltus/common/slow_blas.h"
#include "tools/saltus/training/torsion_ensembles.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

bool knows_elements(const engine::TorsionGraph& graph) {
  const std::vector<int>& known = mlsamplers::known_elements();
  return std::all_of(graph.atoms.begin(), graph.atoms.end(), [&](const engine::GraphAtom& atom) {
    return std::find(known.begin(), known.end(), atom.atomic_number) != known.end();
  });
}

std::string digest_of(const io::TorsionEnsemble& ensemble) {
  return molecule_digest(
      forcefields::canonical_smiles_without_stereo(forcefields::parse_smiles(ensemble.smiles)));
}

std::vector<mlsamplers::TorsionSamples> read_training_set(const std::vector<fs::path>& files,
                                                          const TorsionMoleculesDeck& deck,
                                                          Progress& progress) {
  std::vector<mlsamplers::TorsionSamples> molecules;
  const std::set<std::string> excluded = excluded_molecules(deck);
  std::set<std::string> seen;
  std::size_t n_held_out = 0, n_unknown = 0;
  progress.start("reading ensembles");
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const io::TorsionEnsemble& ensemble : io::read_torsion_ensembles(files[i])) {
      if (is_held_out(ensemble.split_key) || excluded.count(digest_of(ensemble)) > 0) {
        ++n_held_out;
        continue;
      }
      if (!seen.insert(ensemble.smiles).second) continue;
      mlsamplers::TorsionSamples samples = training_samples(ensemble);
      if (knows_elements(samples.graph))
        molecules.push_back(std::move(samples));
      else
        ++n_unknown;
    }
    progress.update(static_cast<double>(i + 1) / static_cast<double>(files.size()));
  }
  progress.finish(std::to_string(molecules.size()) + " molecules to learn from, " +
                  std::to_string(n_held_out) + " held out, " + std::to_string(n_unknown) +
                  " with elements the network does not know");
  return molecules;
}

mlsamplers::ModelCard card_of(const TorsionDeck& deck) {
  mlsamplers::ModelCard card;
  const engine::EnsembleOptions& sampling = deck.ensembles.sampling;
  card.temperature_K = sampling.temperature_K;
  card.force_field = "MMFF94, vacuum";
  card.created_by = "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")";
  card.precision = "float32";
  mlsamplers::TransferableCard transferable;
  transferable.data = deck.title + "; replica exchange from " +
                      std::to_string(static_cast<int>(sampling.temperature_K)) + " to " +
                      std::to_string(static_cast<int>(sampling.hottest_K)) + " K of:";
  for (const auto* files : {&deck.molecules.files, &deck.molecules.more_files})
    for (const fs::path& file : *files) transferable.data += " " + file.filename().string();
  transferable.split =
      "CRC-32 of the Morgan fingerprint modulo 10: 0 and 1 are never trained on; nor are the "
      "molecules of the deck's list of excluded ones";
  card.transferable = transferable;
  return card;
}

std::string state_text(const mlsamplers::TorsionTrainingState& state) {
  return fmt::format(
      FMT_STRING("epoch {}: training {:.3f}, held out {:.3f} (nothing known {:.3f}, all {:.3f}), "
                 "best {:.3f}"),
      state.epoch, state.training, state.held_out.mean(), state.held_out.nothing_known,
      state.held_out.all_known, state.best_held_out);
}

}  // namespace

mlsamplers::TorsionSamples training_samples(const io::TorsionEnsemble& ensemble) {
  mlsamplers::TorsionSamples samples;
  samples.graph = forcefields::torsion_graph_of(forcefields::parse_smiles(ensemble.smiles));
  if (samples.graph.torsions.size() != ensemble.n_torsions ||
      samples.graph.inversions.size() != ensemble.n_inversions)
    throw engine::InputError("SMILES '" + ensemble.smiles + "' has " +
                             std::to_string(samples.graph.torsions.size()) +
                             " torsions, its ensemble has " + std::to_string(ensemble.n_torsions) +
                             "; the ensembles were made by another version, make them again");
  samples.name = ensemble.smiles;
  samples.n_samples = ensemble.n_frames();
  samples.torsions = ensemble.torsions;
  samples.inversions = ensemble.inversions;
  return samples;
}

fs::path train_torsion_deck(const TorsionDeck& deck, const std::string& output, bool overwrite,
                            Progress& progress) {
  const fs::path path = output.empty() ? deck.model : fs::path(output);
  io::refuse_to_overwrite(path, overwrite);
  warn_of_slow_blas(progress);
  const auto molecules =
      read_training_set(make_torsion_ensembles(deck, progress), deck.molecules, progress);
  const std::size_t n_threads =
      deck.threads > 0 ? deck.threads : std::max(1u, std::thread::hardware_concurrency());
  const auto pool = std::make_shared<engine::ThreadPool>(n_threads);
  progress.start("training");
  const auto trained = mlsamplers::train_torsion_network(
      molecules, deck.training, card_of(deck), pool,
      [&](const mlsamplers::TorsionTrainingState& state) {
        progress.update(static_cast<double>(state.epoch) / static_cast<double>(state.n_epochs),
                        state_text(state));
      });
  progress.finish(fmt::format(FMT_STRING("held out {:.3f} nats per torsion, best after epoch {}"),
                              trained.held_out.mean(), trained.best_epoch));
  mlsamplers::save_torsion_network(trained.network, path.string());
  return path;
}

}  // namespace saltus::tools
