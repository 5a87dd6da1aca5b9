#include "tools/saltus/run/leap.h"

#include <fmt/format.h>

#include <mutex>

#include "mlsamplers/training/leap_refiner.h"
#include "tools/saltus/molecules/wanted_card.h"

namespace saltus::tools {

std::shared_ptr<const mlsamplers::LeapModel> load_leap(const std::filesystem::path& path,
                                                       const Molecule& molecule,
                                                       double temperature_K) {
  auto model = std::make_shared<mlsamplers::LeapModel>(mlsamplers::load_leap_model(path.string()));
  mlsamplers::require_match(
      model->card, wanted_card(mlsamplers::kLeapKind, molecule, temperature_K), path.string());
  return model;
}

std::shared_ptr<const mlsamplers::LeapModel> train_leap(const LeapDeck& deck, const LeapTask& task,
                                                        const std::filesystem::path& save_as,
                                                        Progress& progress) {
  mlsamplers::LeapOptions options = deck.options;
  options.training.seed = task.seed;
  progress.start("training the leap");
  std::mutex one_at_a_time;
  const auto show = [&](double fraction) {
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    progress.update(fraction);
  };
  mlsamplers::TrainedLeap trained = mlsamplers::train_leap(
      {task.molecule.topology, task.molecule.system}, task.pilot, options.training,
      wanted_card(mlsamplers::kLeapKind, task.molecule, task.temperature_K), {task.pool, show});
  progress.finish(trained.report.summary);
  mlsamplers::save_leap_model(trained.model, save_as.string());

  progress.start("refining the leap");
  const mlsamplers::LeapRefinementReport report =
      mlsamplers::refine_leap(trained.model, task.pilot, task.target, options, task.pool);
  const std::size_t n_rounds = options.refinement.n_rounds;
  const std::string details = fmt::format(
      FMT_STRING("{} of {} rounds kept, leaps accepted: {:.0f} %, fast coordinates {:.2f} nats "
                 "held out"),
      report.n_rounds_kept, n_rounds, 100.0 * report.acceptance, report.fast_held_out);
  progress.finish(n_rounds > 0 ? details : "no rounds asked for");
  mlsamplers::save_leap_model(trained.model, save_as.string());
  progress.say("model written to " + save_as.string());
  constexpr double kPoorAcceptance = 0.05;
  if (n_rounds > 0 && report.acceptance < kPoorAcceptance)
    progress.warn(
        "the model's leaps are rarely accepted: the run stays exact but gains little from them; "
        "train on a longer pilot (pilot.length, pilot.ladders)");
  return std::make_shared<mlsamplers::LeapModel>(std::move(trained.model));
}

}  // namespace saltus::tools
