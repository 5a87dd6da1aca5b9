#include "mlsamplers/training/leap_trainer.h"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/ensemble/target_density.h"
#include "mlsamplers/leap/fast_regression.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/training/internal_data.h"
#include "mlsamplers/training/mixture_fit_detail.h"

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

/// Pairs (t, t + lag) in both directions with both ends in the same part, for soft torsion i.
MixtureFitData soft_pairs(const InternalData& data, std::size_t lag, std::size_t i) {
  MixtureFitData fit;
  fit.n_angles = data.n_soft + i;
  for (std::size_t s = 0; s < data.n_series; ++s)
    for (std::size_t t = 0; t + lag < data.n_frames; ++t) {
      const double* ends[2] = {&data.soft[(s * data.n_frames + t) * data.n_soft],
                               &data.soft[(s * data.n_frames + t + lag) * data.n_soft]};
      for (int direction = 0; direction < 2; ++direction) {
        const double *from = ends[direction], *to = ends[1 - direction];
        MixtureFitData::Part& part =
            data.is_training(s * data.n_frames) ? fit.training : fit.held_out;
        part.conditions.insert(part.conditions.end(), from, from + data.n_soft);
        part.conditions.insert(part.conditions.end(), to, to + i);
        part.angles.push_back(to[i]);
      }
    }
  return fit;
}

MixtureFitData rotor_data(const InternalData& data, int fold, std::size_t j) {
  MixtureFitData fit;
  fit.n_angles = data.n_soft;
  for (std::size_t i = 0; i < data.n_rows(); ++i) {
    MixtureFitData::Part& part = data.is_training(i) ? fit.training : fit.held_out;
    part.conditions.insert(part.conditions.end(), data.soft.begin() + i * data.n_soft,
                           data.soft.begin() + (i + 1) * data.n_soft);
    part.angles.push_back(fold * data.rotors[i * data.n_rotors + j]);
  }
  return fit;
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
  model.networks = std::make_shared<LeapNetworks>();
  LeapTrainingReport& report = result.report;

  // Fast coordinates in closed form.
  const FourierBasis basis = basis_of(model.split);
  const RegressionRows training = regression_rows(data, basis, true),
                       held_out = regression_rows(data, basis, false);
  model.fast = fit_fast_regression(training.basis, training.fast, basis.roughness(), data.n_fast,
                                   options.smoothness);
  report.fast_train = mean_log_density(model.fast, training.basis, training.fast);
  report.fast_held_out = mean_log_density(model.fast, held_out.basis, held_out.fast);

  // One network per torsion; they share nothing, so they are trained side by side.
  const std::size_t n_networks = data.n_soft + data.n_rotors;
  std::vector<MixtureNetwork> networks(n_networks, MixtureNetwork(nullptr));
  std::vector<double> scores(n_networks);
  std::vector<std::size_t> n_pairs(n_networks), n_held_out(n_networks);
  std::atomic<std::size_t> epochs_done{0};
  const auto fit_one = [&](std::size_t index) {
    const bool soft = index < data.n_soft;
    const MixtureFitData fit =
        soft ? soft_pairs(data, lag, index)
             : rotor_data(data, model.split.rotors[index - data.n_soft].fold, index - data.n_soft);
    MixtureNetworkShape shape;
    shape.n_angles = static_cast<std::int64_t>(fit.n_angles);
    shape.n_components =
        static_cast<std::int64_t>(soft ? options.n_components : options.n_rotor_components);
    shape.n_hidden = static_cast<std::int64_t>(options.n_hidden);
    const engine::StepKey key =
        engine::StepKey{options.seed, 0}.child(static_cast<std::uint32_t>(index));
    const FittedMixture fitted = fit_mixture(shape, fit, options, key, [&] {
      const auto total = static_cast<double>(n_networks * options.n_epochs);
      if (environment.progress)
        environment.progress(std::min(1.0, static_cast<double>(++epochs_done) / total));
    });
    networks[index] = fitted.network;
    scores[index] = fitted.held_out_log_density;
    n_pairs[index] = fit.training.angles.size();
    n_held_out[index] = fit.held_out.angles.size();
  };
  if (environment.pool) {
    environment.pool->for_each_block(n_networks, fit_one);
  } else {
    for (std::size_t i = 0; i < n_networks; ++i) fit_one(i);
  }
  for (std::size_t i = 0; i < n_networks; ++i) {
    const bool soft = i < data.n_soft;
    (soft ? model.networks->soft : model.networks->rotors).push_back(networks[i]);
    (soft ? report.soft_held_out : report.rotor_held_out).push_back(scores[i]);
  }
  if (n_networks > 0) {
    report.n_pairs = n_pairs[0];
    report.n_held_out = n_held_out[0];
  }
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
