#include "tools/saltus/training/rigid_flows.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/diagnostics/free_energy.h"
#include "engine/diagnostics/reweighting.h"
#include "io/files/file_place.h"
#include "io/files/text_output.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "tools/saltus/common/slow_blas.h"
#include "tools/saltus/molecules/contacts.h"
#include "tools/saltus/molecules/energies.h"
#include "tools/saltus/molecules/external_terms.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/molecules/wanted_card.h"
#include "tools/saltus/training/base_samples.h"

namespace saltus::tools {

namespace fs = std::filesystem;
using mlsamplers::RigidFlowModel;
using mlsamplers::RigidFlowScore;

namespace {

RigidSystem make_system(const RigidFlowDeck& deck, Progress& progress) {
  RigidSystem result;
  result.molecule = load_molecule(deck.system, deck.external);
  const Molecule& molecule = result.molecule;
  for (const std::string& note : molecule.notes) progress.say("note: " + note);
  progress.say(describe(molecule, deck.system.coordinates.filename().string()) + "; " +
               molecule.force_field);
  require_held_charges(molecule.system, molecule.topology);
  check_contacts(molecule, deck.system.coordinates.string(), InsideCharge::kRefused);
  result.bodies = std::make_shared<const engine::RigidBodies>(molecule.system, molecule.positions,
                                                              &molecule.topology);
  // The position of a single molecule is not mapped.
  const std::optional<engine::Box>& box = molecule.system.box;
  if (box ? !box->is_rectangular() : result.bodies->size() > 1)
    throw engine::InputError(
        deck.system.coordinates.string() +
        ": a rigid-body flow needs a rectangular periodic box, but the system has " +
        (box ? "a triclinic one" : "none; give system.nonbonded = \"pme\" and a file with a box"));
  if (deck.energy.cross_check) cross_check(molecule);
  result.energy = make_energy(deck.energy, molecule.system, make_thread_pool(deck.energy.threads));
  return result;
}

/// What would else be found out after the sampling.
void check_shape(const RigidFlowDeck& deck, const RigidSystem& system) {
  RigidFlowModel model;
  model.shape = deck.shape;
  model.shape.n_bodies = system.bodies->size();
  model.shape.validate();
  mlsamplers::require_fit(model, *system.bodies);
}

/// Everything can be written, and nothing that is read is written.
void check_places(const RigidFlowDeck& deck, const fs::path& model) {
  std::vector<fs::path> inputs = {deck.system.coordinates, deck.system.topology,
                                  deck.system.system_xml};
  inputs.insert(inputs.end(), deck.system.force_field.begin(), deck.system.force_field.end());
  for (const fs::path& output : {model, base_samples_of(model)}) {
    io::require_file_place(output);
    io::refuse_to_replace_input(output, inputs);
  }
  std::error_code error;
  if (model.has_parent_path()) fs::create_directories(model.parent_path(), error);
  if (error)
    throw engine::FileError("output.model: cannot create '" + model.parent_path().string() +
                            "': " + error.message());
}

/// Samples of one end by what they are for.
struct Parts {
  engine::ConstCoordinates training, choosing, last;

  Parts() = default;
  Parts(const RigidBaseDeck& base, const engine::CoordinateBatch& samples) {
    const engine::ConstCoordinates all = samples.view();
    const std::size_t n_training = base.training_chains() * base.samples,
                      n_choosing = base.held_out_chains / 2 * base.samples;
    training = all.slice(0, n_training);
    choosing = all.slice(n_training, n_choosing);
    last = all.slice(n_training + n_choosing, all.n_chains - n_training - n_choosing);
  }
};

struct EndParts {
  Parts base, target;  ///< of the target: empty where it is not used
};

std::string loss_text(const RigidFlowDeck& deck) {
  const double weight = deck.training.energy_weight;
  if (weight == 1.0) return "energies";
  if (weight == 0.0) return "likelihood of samples of the target";
  return fmt::format(FMT_STRING("energies (weight {:.6g}) and likelihood of samples of the target"),
                     weight);
}

std::string data_text(const RigidFlowDeck& deck) {
  const RigidBaseDeck& base = deck.base;
  return fmt::format(
      FMT_STRING("from {:.6g} K to {:.6g} K by {}; {} samples of {} chains of hybrid Monte "
                 "Carlo of rigid molecules, {} chains held out; {} epochs of {} gradients of {} "
                 "samples; seed {}"),
      base.temperature_K, deck.target_temperature_K, loss_text(deck), base.chains * base.samples,
      base.chains, base.held_out_chains, deck.training.n_epochs, deck.training.steps_per_epoch,
      deck.training.batch_size, deck.seed);
}

std::string score_text(const RigidFlowScore& score) {
  return fmt::format(
      FMT_STRING("best after {} gradients: held out {:.3f} nats, effective samples {:.4f} of all"),
      score.step, score.held_out, score.held_out_samples);
}

RigidFlowModel untrained(const RigidFlowDeck& deck, const RigidSystem& system,
                         engine::ConstCoordinates training) {
  mlsamplers::ModelCard card =
      wanted_card(mlsamplers::kRigidFlowKind, system.molecule, deck.base.temperature_K);
  card.measure = name_of(system.bodies->measure());
  card.references = {"Koehler et al., Rigid Body Flows, ICML 2023, arXiv:2301.11355"};
  mlsamplers::RigidFlowEnds ends = {deck.base.temperature_K, deck.target_temperature_K, {}};
  if (const auto& box = system.molecule.system.box) ends.edges_nm = box->edges_nm();
  // Molecules that turn over in the run are those of the first frame again.
  const mlsamplers::NumberedPoses base =
      mlsamplers::nearest_numbering(*system.bodies, mlsamplers::poses_of(*system.bodies, training),
                                    system.bodies->poses(training, 0));
  return mlsamplers::rigid_flow_for(base.poses, ends, deck.shape, std::move(card), {deck.seed, 0});
}

/// Trains, and keeps the model of the best point so far in the file.
void train(const RigidFlowDeck& deck, const RigidSystem& system, const EndParts& parts,
           const fs::path& path, RigidFlowModel& model, Progress& progress) {
  const std::size_t n_steps = deck.training.n_epochs * deck.training.steps_per_epoch;
  double best = std::numeric_limits<double>::infinity();
  const auto at_point = [&](const RigidFlowScore& score) {
    if (score.held_out < best) {
      best = score.held_out;
      model.card.training = data_text(deck) + "; " + score_text(score);
      mlsamplers::save_rigid_flow(model, path.string());
    }
    progress.update(
        static_cast<double>(score.step) / static_cast<double>(n_steps),
        fmt::format(FMT_STRING("gradient {}: training {:.3f}, held out {:.3f}, best {:.3f} nats, "
                               "effective samples {:.4f} of all"),
                    score.step, score.training, score.held_out, best, score.held_out_samples));
  };
  progress.start("training the flow");
  try {
    mlsamplers::train_rigid_flow(model, *system.bodies, *system.energy,
                                 {{parts.base.training, parts.base.choosing},
                                  {parts.target.training, parts.target.choosing}},
                                 deck.training, at_point);
  } catch (const engine::NumericalError& error) {
    if (model.curve.empty()) throw;
    throw engine::NumericalError(std::string(error.what()) + "; they are in '" + path.string() +
                                 "', and the base samples beside it; a smaller "
                                 "training.first_rate may help");
  }
  progress.finish(fmt::format(FMT_STRING("held out {:.3f} nats, {:.3f} before"), best,
                              model.curve.front().held_out));
  const std::size_t epochs = model.curve.size() - 1;
  if (epochs < deck.training.n_epochs)
    progress.say(fmt::format(FMT_STRING("stopped after {} epochs: no better check in {}"), epochs,
                             deck.training.patience));
}

/// What the flow is worth on chains that neither gradients nor the choice of weights have seen.
std::string verdict(const RigidFlowDeck& deck, const RigidSystem& system, const EndParts& parts,
                    const RigidFlowModel& model) {
  const auto work_of = [&](engine::ConstCoordinates last, mlsamplers::FlowDirection direction) {
    return mlsamplers::flow_work(model, *system.bodies, *system.energy, last, direction);
  };
  const auto worth = [](std::vector<double> work) {
    const auto n = static_cast<double>(work.size());
    const double loss = std::accumulate(work.begin(), work.end(), 0.0) / n;
    for (double& w : work) w = -w;
    return fmt::format(FMT_STRING("loss {:.3f} nats, effective samples {:.4f} of all"), loss,
                       engine::kish_effective_sample_size(work) / n);
  };
  const engine::BootstrapOptions draws = {engine::BootstrapOptions{}.n_draws, deck.seed};
  const std::vector<double> work = work_of(parts.base.last, mlsamplers::FlowDirection::kToTarget);
  const engine::WorkSamples there = {work, deck.base.samples};
  std::string text = "chains of their own: " + worth(work);
  engine::FreeEnergyEstimate difference;
  if (deck.uses_target_samples()) {
    const std::vector<double> back = work_of(parts.target.last, mlsamplers::FlowDirection::kToBase);
    text += "; of the target: " + worth(back);
    difference = engine::acceptance_ratio_free_energy(there, {back, deck.base.samples}, draws);
  } else {
    difference = engine::perturbation_free_energy(there, draws);
  }
  return text + fmt::format(FMT_STRING("; difference of reduced free energies {:.3f} +- {:.3f}"),
                            difference.value, difference.error);
}

}  // namespace

fs::path base_samples_of(const fs::path& model) { return model.string() + ".base"; }

fs::path train_rigid_flow_deck(const RigidFlowDeck& deck, const RigidFlowRequest& request,
                               Progress& progress) {
  const fs::path path = request.output.empty() ? deck.model : fs::path(request.output);
  const fs::path base_file = base_samples_of(path);
  check_places(deck, path);
  // A training that was interrupted is taken up again, and replaces its own model.
  if (!fs::exists(base_file)) io::refuse_to_overwrite(path, request.overwrite || deck.overwrite);
  warn_of_slow_blas(progress);
  const RigidSystem system = make_system(deck, progress);
  check_shape(deck, system);
  const std::string description = samples_description(deck, system.molecule);
  std::optional<EndSamples> samples = kept_samples(base_file, description, deck, system.molecule);
  if (samples) {
    progress.say("training with the base samples in '" + base_file.string() + "'");
  } else {
    samples = sample_ends(deck, system, progress);
    keep_samples(base_file, *samples, description, deck.base.chains);
  }
  const EndParts parts = {Parts(deck.base, samples->base),
                          samples->target ? Parts(deck.base, *samples->target) : Parts()};
  RigidFlowModel model = untrained(deck, system, parts.base.training);
  train(deck, system, parts, path, model, progress);
  const std::string last = verdict(deck, system, parts, model);
  progress.say(last);
  model.card.training += "; " + last;
  mlsamplers::save_rigid_flow(model, path.string());
  fs::remove(base_file);
  return path;
}

}  // namespace saltus::tools
