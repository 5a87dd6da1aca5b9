#include "mlsamplers/training/leap_trainer.h"

#include <fmt/format.h>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/ensemble/target_density.h"
#include "mlsamplers/leap/fast_regression.h"
#include "mlsamplers/training/internal_data.h"
#include "mlsamplers/training/network_fits.h"

namespace saltus::mlsamplers {

using engine::InputError;

namespace {

void validate(const PilotTrajectory& pilot, const LeapTrainingOptions& options) {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw InputError("leap training: " + what);
  };
  require(options.lag_ps > 0.0, "lag must be positive");
  require(options.n_components > 0 && options.n_rotor_components > 0,
          "components must be positive");
  require(options.n_hidden > 0 && options.n_epochs > 0 && options.batch_size > 0,
          "hidden, epochs and batch_size must be positive");
  require(options.uniform_fraction > 0.0 && options.uniform_fraction < 1.0,
          "uniform_fraction must be between 0 and 1");
  require(options.held_out_fraction > 0.0 && options.held_out_fraction < 1.0,
          "held_out_fraction must be between 0 and 1");
  require(options.learning_rate > 0.0 && options.weight_decay >= 0.0 && options.smoothness > 0.0,
          "learning_rate and smoothness must be positive, weight_decay not negative");
  if (pilot.frames.n_chains() != pilot.n_series * pilot.n_frames)
    throw engine::InternalError(
        "leap training: the pilot does not hold n_series * n_frames frames");
  require(pilot.frame_spacing_ps > 0.0, "the spacing of the pilot's frames must be positive");
  require(pilot.n_series > 1,
          "the pilot needs at least 2 series, one of them to be held out; it has " +
              std::to_string(pilot.n_series));
  const double lag_frames = options.lag_ps / pilot.frame_spacing_ps;
  require(lag_frames > 0.5, "the lag is shorter than the spacing of the pilot's frames");
  require(static_cast<double>(pilot.n_frames) > lag_frames + 1.0,
          "the pilot has " + std::to_string(pilot.n_frames) + " frames in each series; a lag of " +
              std::to_string(static_cast<long>(std::lround(lag_frames))) +
              " frames needs more: make the pilot longer or the lag shorter");
}

std::string in_words(const InternalData& data, const PilotTrajectory& pilot,
                     const LeapTrainingOptions& options, const LeapTrainingReport& report) {
  std::string words = fmt::format(
      FMT_STRING("{} soft torsions, {} rotors, {} fast coordinates; {} series of {} frames every "
                 "{:.4g} ps; {} pairs at lag {:.4g} ps, {} held out; seed {}; fast coordinates "
                 "{:.3f} nats in training, {:.3f} held out"),
      data.n_soft, data.n_rotors, data.n_fast, pilot.n_series, pilot.n_frames,
      pilot.frame_spacing_ps, report.n_pairs, options.lag_ps, report.n_held_out, options.seed,
      report.fast_train, report.fast_held_out);
  const auto list = [&words](const char* what, const std::vector<double>& values) {
    words += std::string("; ") + what;
    for (double value : values) words += " " + engine::fixed_text(value, 3);
  };
  list("soft torsions held out", report.soft_held_out);
  list("rotors held out", report.rotor_held_out);
  return words;
}

}  // namespace

TrainedLeap train_leap(const LeapMolecule& molecule, const PilotTrajectory& pilot,
                       const LeapTrainingOptions& options, ModelCard card,
                       const TrainingEnvironment& environment) {
  validate(pilot, options);
  TrainedLeap result;
  LeapModel& model = result.model;
  model.z = engine::build_z_matrix(molecule.topology);
  const std::vector<double> q = internal_coordinates_of(model.z, pilot.frames.view());
  model.split =
      split_coordinates(molecule.topology, molecule.system, model.z, q, options.soft_threshold_rad);
  const InternalData data = split_data(model.split, model.z, q, pilot, options.held_out_fraction);
  const auto lag = static_cast<std::size_t>(std::lround(options.lag_ps / pilot.frame_spacing_ps));
  model.uniform_fraction = options.uniform_fraction;
  LeapTrainingReport& report = result.report;

  // Fast coordinates in closed form.
  const FourierBasis basis = basis_of(model.split);
  const RegressionRows training = regression_rows(data, basis, true),
                       held_out = regression_rows(data, basis, false);
  model.fast = fit_fast_regression(training.basis, training.fast, basis.roughness(), data.n_fast,
                                   options.smoothness);
  report.fast_train = mean_log_density(model.fast, training.basis, training.fast);
  report.fast_held_out = mean_log_density(model.fast, held_out.basis, held_out.fast);

  NetworkFits fits = fit_networks(
      {data, model.split, lagged_ends(data, lag), options, engine::StepKey{options.seed, 0}},
      environment);
  model.networks = std::move(fits.networks);
  report.soft_held_out = std::move(fits.soft_scores);
  report.rotor_held_out = std::move(fits.rotor_scores);
  report.n_pairs = fits.n_pairs;
  report.n_held_out = fits.n_held_out;
  report.summary = in_words(data, pilot, options, report);

  card.kind = kLeapKind;
  card.lag_ps = options.lag_ps;
  card.measure = engine::name_of(engine::ReferenceMeasure::kCartesianUpToRigidMotion);
  card.training = report.summary;
  card.references = {"Klein et al., Timewarp, NeurIPS 2023, arXiv:2302.01170",
                     "Parsons et al., J. Comput. Chem. 26, 1063 (2005), doi:10.1002/jcc.20237"};
  model.card = std::move(card);
  model.validate("the trained model");
  return result;
}

}  // namespace saltus::mlsamplers
