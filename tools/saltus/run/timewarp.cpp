#include "tools/saltus/run/timewarp.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "mlsamplers/training/timewarp_trainer.h"
#include "tools/saltus/molecules/wanted_card.h"

namespace saltus::tools {

namespace fs = std::filesystem;

fs::path training_state_of(const fs::path& model) { return model.string() + ".training"; }

std::shared_ptr<const mlsamplers::TimewarpModel> load_timewarp(const fs::path& path,
                                                               const Molecule& molecule,
                                                               double temperature_K) {
  auto model =
      std::make_shared<mlsamplers::TimewarpModel>(mlsamplers::load_timewarp_model(path.string()));
  mlsamplers::require_match(
      model->card, wanted_card(mlsamplers::kTimewarpKind, molecule, temperature_K), path.string());
  return model;
}

std::shared_ptr<const mlsamplers::TimewarpModel> train_timewarp(
    const mlsamplers::TimewarpTrainingOptions& deck_options, const LeapTask& task,
    const fs::path& save_as, Progress& progress) {
  mlsamplers::TimewarpTrainingOptions options = deck_options;
  options.seed = task.seed;
  mlsamplers::TimewarpEnvironment environment;
  environment.pool = task.pool;
  environment.state_file = training_state_of(save_as).string();
  // The target lives longer than the training.
  environment.energy = {std::shared_ptr<const void>(), task.target.guide()};
  environment.progress = [&progress](const mlsamplers::TimewarpTrainingState& state) {
    progress.update(
        static_cast<double>(state.step) / static_cast<double>(state.n_steps),
        fmt::format(FMT_STRING("gradient {}: training {:.3f}, held out {:.3f} nats by atom, best "
                               "{:.3f}"),
                    state.step, state.training, state.held_out, state.best_held_out));
  };
  environment.keep = [&save_as](const mlsamplers::TimewarpModel& model) {
    mlsamplers::save_timewarp_model(model, save_as.string());
  };
  if (fs::exists(environment.state_file))
    progress.say("going on with the training in " + environment.state_file);
  progress.start("training the Timewarp flow");
  mlsamplers::TrainedTimewarp trained = mlsamplers::train_timewarp(
      task.molecule.topology, task.pilot, options,
      wanted_card(mlsamplers::kTimewarpKind, task.molecule, task.temperature_K), environment);
  progress.finish(trained.summary);
  mlsamplers::save_timewarp_model(trained.model, save_as.string());
  std::error_code ignored;
  fs::remove(environment.state_file, ignored);
  progress.say("model written to " + save_as.string());
  return std::make_shared<mlsamplers::TimewarpModel>(std::move(trained.model));
}

}  // namespace saltus::tools
