#include "tools/saltus/leap.h"

#include <fmt/format.h>
#include <link.h>

#include <cstring>
#include <mutex>

#include "mlsamplers/training/leap_refiner.h"
#include "saltus_version.h"

namespace saltus::tools {

mlsamplers::ModelCard wanted_card(const Molecule& molecule, double temperature_K) {
  mlsamplers::ModelCard card;
  card.kind = mlsamplers::kLeapKind;
  mlsamplers::describe_molecule(molecule.topology, card);
  card.temperature_K = temperature_K;
  card.force_field = molecule.force_field;
  card.force_field_digest = mlsamplers::force_field_digest(molecule.system);
  card.created_by = "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")";
  return card;
}

std::shared_ptr<const mlsamplers::LeapModel> load_leap(const std::filesystem::path& path,
                                                       const Molecule& molecule,
                                                       double temperature_K) {
  auto model = std::make_shared<mlsamplers::LeapModel>(mlsamplers::load_leap_model(path.string()));
  mlsamplers::require_match(model->card, wanted_card(molecule, temperature_K), path.string());
  return model;
}

namespace {

mlsamplers::LeapTrainingOptions training_options(const LeapDeck& deck, std::uint64_t seed) {
  mlsamplers::LeapTrainingOptions options;
  options.seed = seed;
  options.lag_ps = deck.lag_ps;
  options.n_components = deck.components;
  options.n_rotor_components = deck.rotor_components;
  options.n_hidden = deck.hidden;
  options.uniform_fraction = deck.uniform_fraction;
  options.soft_threshold_rad = deck.soft_threshold_rad;
  options.n_epochs = deck.epochs;
  options.batch_size = deck.batch_size;
  options.learning_rate = deck.learning_rate;
  options.weight_decay = deck.weight_decay;
  options.held_out_fraction = deck.held_out_fraction;
  options.smoothness = deck.smoothness;
  return options;
}

}  // namespace

std::shared_ptr<const mlsamplers::LeapModel> train_leap(
    const LeapDeck& deck, const Molecule& molecule, const mlsamplers::PilotTrajectory& pilot,
    const engine::TargetDensity& target, double temperature_K, std::uint64_t seed,
    std::shared_ptr<engine::ThreadPool> pool, const std::filesystem::path& save_as,
    Progress& progress) {
  const mlsamplers::LeapTrainingOptions options = training_options(deck, seed);
  progress.start("training the leap");
  std::mutex one_at_a_time;
  const auto show = [&](double fraction) {
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    progress.update(fraction);
  };
  mlsamplers::TrainedLeap trained =
      mlsamplers::train_leap(molecule.topology, molecule.system, pilot, options,
                             wanted_card(molecule, temperature_K), pool, show);
  progress.finish(trained.report.summary);
  mlsamplers::save_leap_model(trained.model, save_as.string());

  progress.start("refining the leap");
  mlsamplers::LeapRefinementOptions refinement;
  refinement.n_rounds = deck.refinement_rounds;
  refinement.n_leaps = deck.refinement_leaps;
  const mlsamplers::LeapRefinementReport report = mlsamplers::refine_fast_coordinates(
      trained.model, pilot, target, options, refinement, std::move(pool));
  const std::string details = fmt::format(
      FMT_STRING("{} of {} rounds kept, leaps accepted: {:.0f} %, fast coordinates {:.2f} nats "
                 "held out"),
      report.n_rounds_kept, deck.refinement_rounds, 100.0 * report.acceptance,
      report.fast_held_out);
  progress.finish(deck.refinement_rounds > 0 ? details : "no rounds asked for");
  mlsamplers::save_leap_model(trained.model, save_as.string());
  progress.say("model written to " + save_as.string());
  constexpr double kPoorAcceptance = 0.05;
  if (deck.refinement_rounds > 0 && report.acceptance < kPoorAcceptance)
    progress.warn(
        "the model's leaps are hardly ever accepted: the run stays exact but gains little from "
        "them; a longer pilot (pilot.length, pilot.ladders) teaches a better model");
  return std::make_shared<mlsamplers::LeapModel>(std::move(trained.model));
}

void warn_of_slow_blas(Progress& progress) {
  std::string slow;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        std::error_code ignored;
        const std::string name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
        if (name.find("libblas.so") == std::string::npos) return 0;
        const std::string real = std::filesystem::canonical(name, ignored).string();
        if (real.find("openblas") == std::string::npos && real.find("mkl") == std::string::npos &&
            real.find("blis") == std::string::npos)
          *static_cast<std::string*>(out) = real.empty() ? name : real;
        return 0;
      },
      &slow);
  if (!slow.empty())
    progress.warn("the networks use the reference BLAS " + slow +
                  ", which is 20 to 30 times slower than OpenBLAS; install libopenblas0-openmp");
}

}  // namespace saltus::tools
