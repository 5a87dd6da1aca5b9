#include "tools/saltus/run/models.h"

#include <algorithm>
#include <map>
#include <string>

#include "engine/core/error.h"
#include "io/deck/sha256.h"
#include "io/files/durable_file.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "mlsamplers/timewarp/timewarp_proposal.h"
#include "tools/saltus/common/slow_blas.h"
#include "tools/saltus/molecules/atom_selection.h"
#include "tools/saltus/run/leap.h"
#include "tools/saltus/run/peptide_leap.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/timewarp.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

/// A resumed run must leap with the very model it began with.
std::string file_digest(const fs::path& path) {
  return io::sha256_hex(io::read_whole_file(path, "model"));
}

/// Seed of the training of one of a deck's leaps.
std::uint64_t training_seed(const RunDeck& deck, std::size_t leap) {
  const std::uint64_t seed = phase_seed(deck.seed, RunPhase::kTraining);
  return leap == 0 ? seed : engine::StepKey{seed, 0}.child(static_cast<std::uint32_t>(leap)).seed;
}

LearnedModel load_model(const LeapDeck& leap, const fs::path& file, const RunSetup& setup,
                        double temperature_K) {
  if (leap.timewarp) return {nullptr, load_timewarp(file, setup.molecule, temperature_K)};
  return {load_leap(file, setup.molecule, temperature_K), nullptr};
}

LearnedModel train_model(const LeapDeck& leap, const LeapTask& task, const fs::path& file,
                         Progress& progress) {
  if (leap.timewarp) return {nullptr, train_timewarp(*leap.timewarp, task, file, progress)};
  return {train_leap(leap, task, file, progress), nullptr};
}

}  // namespace

std::vector<fs::path> model_files(const RunDeck& deck) {
  const RunFiles files = files_of(deck);
  std::vector<fs::path> result;
  for (const LeapDeck& leap : deck.leaps) {
    fs::path file = files.model;
    if (!leap.name.empty())  // trajectory.NAME.leap.safetensors
      file = fs::path(files.trajectory).replace_extension("." + leap.name + ".leap.safetensors");
    if (!leap.save.empty()) file = leap.save;
    result.push_back(leap.train ? file : leap.model);
  }
  return result;
}

std::vector<fs::path> trained_files(const RunDeck& deck) {
  const std::vector<fs::path> all = model_files(deck);
  std::vector<fs::path> result;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (deck.leaps[i].train) result.push_back(all[i]);
  return result;
}

LeapModels make_models(const RunDeck& deck, const RunSetup& setup,
                       const std::optional<PilotResult>& pilot, const std::vector<fs::path>& files,
                       Progress& progress) {
  LeapModels models;
  // Sampling does without LibTorch, of Timewarp flows excepted.
  if (std::any_of(deck.leaps.begin(), deck.leaps.end(),
                  [](const LeapDeck& leap) { return leap.train || leap.timewarp; }))
    warn_of_slow_blas(progress);
  const double temperature_K = deck.temperatures_K[0];
  for (std::size_t i = 0; i < deck.leaps.size(); ++i) {
    if (!deck.leaps[i].train) {
      models.push_back(load_model(deck.leaps[i], files[i], setup, temperature_K));
      continue;
    }
    const LeapTask task = {setup.molecule, pilot->trajectory,      *setup.fixed_box,
                           temperature_K,  training_seed(deck, i), setup.pool};
    models.push_back(train_model(deck.leaps[i], task, files[i], progress));
  }
  return models;
}

std::vector<ModelRecord> records_of(const RunDeck& deck, const LeapModels& models) {
  const std::vector<fs::path> files = model_files(deck);
  std::vector<ModelRecord> records;
  for (std::size_t i = 0; i < models.size(); ++i)
    records.push_back({deck.leaps[i].name, fs::absolute(files[i]).string(), file_digest(files[i]),
                       card_entries(models[i].card())});
  return records;
}

LeapModels models_again(const RunDeck& deck, const RunSetup& setup,
                        std::vector<ModelRecord>& records) {
  LeapModels models;
  const std::vector<fs::path> files = model_files(deck);
  if (records.size() != files.size())
    throw engine::InputError("--resume: the checkpoint has " + std::to_string(records.size()) +
                             " models, the deck has " + std::to_string(files.size()));
  for (std::size_t i = 0; i < files.size(); ++i) {
    ModelRecord& model = records[i];
    // A run that was moved has its model beside it.
    if (fs::exists(files[i])) model.path = fs::absolute(files[i]).string();
    if (file_digest(model.path) != model.digest)
      throw engine::ModelError("--resume: '" + model.path +
                               "' is not the model this run began with; put that one back, or "
                               "start again with --overwrite");
    models.push_back(load_model(deck.leaps[i], model.path, setup, deck.temperatures_K[0]));
  }
  return models;
}

MoveIngredients ingredients_of(const RunDeck& deck, const RunSetup& setup,
                               const LeapModels& models) {
  std::map<std::string, LearnedModel> by_name;
  for (std::size_t i = 0; i < models.size(); ++i) by_name[deck.leaps[i].name] = models[i];
  const auto learned =
      [by_name, &setup, temperatures = deck.temperatures_K](
          const LearnedRequest& request) -> std::shared_ptr<const engine::Proposal> {
    switch (request.kind) {
      case LearnedKind::kTimewarp:
        return std::make_shared<const mlsamplers::TimewarpProposal>(
            *by_name.at(request.name).timewarp, setup.pool);
      case LearnedKind::kPeptideLeap:
        return make_peptide_leap(request.name, setup.molecule, temperatures, request.peptide,
                                 setup.pool);
      case LearnedKind::kRigidFlowWalk:
        return setup.rigid_source->flow_walk(request, temperatures.front());
      case LearnedKind::kLeap:
        break;
    }
    return mlsamplers::sampling_leap(*by_name.at(request.name).leap, setup.pool);
  };
  const std::shared_ptr<TorsionSource> source = setup.torsion_source;
  return {setup.molecule.topology,
          setup.molecule.system,
          setup.energy,
          setup.pool,
          deck.temperatures_K.size(),
          learned,
          [source] { return source->graph(); },
          [source](const std::string& name) { return source->densities(name); },
          [&setup, temperatures = deck.temperatures_K](const MapRequest& request) {
            return request.kind == MapKind::kPeptideModel
                       ? make_peptide_map(request.names.at(0), setup.molecule, temperatures,
                                          setup.pool)
                       : setup.rigid_source->temperature_map(request, temperatures);
          },
          [rings = setup.ring_source,
           lowest = *std::min_element(deck.temperatures_K.begin(), deck.temperatures_K.end())](
              const RingRequest& request) { return rings->states(request, lowest); },
          setup.molecule.positions,
          [source = setup.rigid_source] { return source->crystal(); },
          [&topology = setup.molecule.topology](const AtomSelector& selector,
                                                const std::string& where) {
            return select_atom(selector, topology, where);
          }};
}

void check_fit(const RunDeck& deck, const RunSetup& setup) {
  const MoveIngredients ingredients = ingredients_of(deck, setup, {});
  for (const MoveDeck& move : deck.moves) check_move(move, ingredients);
  const std::vector<fs::path> files = model_files(deck);
  for (std::size_t i = 0; i < deck.leaps.size(); ++i) {
    if (!deck.leaps[i].train)
      load_model(deck.leaps[i], files[i], setup, deck.temperatures_K[0]);
    else if (deck.pilot->ladders < 2)
      throw engine::InputError(
          "pilot.ladders: training needs at least 2, one of them to be held out, got 1");
  }
}

}  // namespace saltus::tools
