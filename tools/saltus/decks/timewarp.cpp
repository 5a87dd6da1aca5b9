#include <string>

#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

void read_shape(DeckTable& table, mlsamplers::TimewarpShape& shape) {
  const auto count = [&table](const char* name, const char* what, std::size_t& value,
                              std::size_t most) {
    value = table.count({name, what}, value, 1, most);
  };
  count("couplings", "even: positions and auxiliaries move in turn", shape.n_couplings, kMostParts);
  if (!table.failed("couplings") && shape.n_couplings % 2 != 0)
    table.error("couplings", "expected an even number, got " + std::to_string(shape.n_couplings));
  count("encoders", "layers of each atom transformer", shape.n_encoders, kMostParts);
  count("width", "features of an atom", shape.width, kMostFeatures);
  count("feed_forward", "hidden layer of each encoder", shape.feed_forward, kMostFeatures);
  count("hidden", "hidden layer of the perceptrons at both ends", shape.hidden, kMostFeatures);
  count("element_width", "numbers that stand for an element", shape.element_width, kMostFeatures);
  shape.lengths_nm =
      table.quantity_list({"lengths", "of the attention's kernels, one for each head"}, "nm",
                          shape.lengths_nm, Bounds::between(1e-3, kLengthsFromZero.highest), 1);
  shape.scale_bound = table.real({"scale_bound", "largest log of a coupling's scale; 0: none"},
                                 shape.scale_bound, Bounds::between(0.0, 20.0));
}

void read_schedule(DeckTable& table, mlsamplers::TimewarpTrainingOptions& options) {
  using mlsamplers::TimewarpFrame;
  options.frame = table.choice<TimewarpFrame>(
      {"frame", "axes the flow sees: of the body, turned at random, or as they are"},
      {{"body", TimewarpFrame::kBody},
       {"random", TimewarpFrame::kRandom},
       {"laboratory", TimewarpFrame::kLaboratory}},
      options.frame);
  options.lag_ps = table.quantity({"lag", "time between the ends of a training pair"}, "ps",
                                  options.lag_ps, kDurations);
  options.n_steps =
      table.count({"steps", "gradients of the likelihood"}, options.n_steps, 1, kMostInnerSteps);
  options.batch_size =
      table.count({"batch_size", "pairs per gradient"}, options.batch_size, 1, kMostAtOnce);
  options.learning_rate =
      table.real({"learning_rate", "of Adam"}, options.learning_rate, kLearningRates);
  options.n_rise = table.count({"rise", "gradients in which the learning rate rises"},
                               options.n_rise, 0, kMostInnerSteps);
  options.max_gradient_norm = table.real({"max_gradient", "norm at which gradients are cut"},
                                         options.max_gradient_norm, kWeights);
  options.averaging = table.real({"averaging", "of weights, near 1: over many gradients"},
                                 options.averaging, Bounds::fraction_below_one());
  options.held_out_fraction =
      table.real({"held_out_fraction", "part of the ladders kept for checks"},
                 options.held_out_fraction, Bounds::inside(0.0, 1.0));
  options.check_period = table.count({"check_period", "gradients between points of the curve"},
                                     options.check_period, 1, kMostInnerSteps);
  options.n_held_out = table.count({"held_out_pairs", "of each point of the curve"},
                                   options.n_held_out, 1, kMostAtOnce);
  options.turn_rad = table.quantity({"turn", "to which turns over the lag are reduced"}, "deg",
                                    options.turn_rad, kTurns);
  options.shift_nm = table.quantity({"shift", "to which shifts over the lag are reduced"}, "nm",
                                    options.shift_nm, kDisplacements);
}

void read_tuning(DeckTable& table, mlsamplers::TimewarpTuningOptions& tuning) {
  tuning.n_steps = table.count({"tuning_steps", "gradients of the mixed loss afterwards"},
                               tuning.n_steps, 0, kMostInnerSteps);
  const std::string when = "tuning_steps above 0";
  const auto weight = [&](const char* name, const char* what, double& value, Bounds bounds) {
    if (table.applies(name, tuning.n_steps > 0 || table.failed("tuning_steps"), when))
      value = table.real({name, what}, value, bounds);
  };
  weight("tuning_rate", "learning rate", tuning.learning_rate, kLearningRates);
  weight("likelihood", "weight of data", tuning.likelihood, kWeightsFromZero);
  weight("energy", "weight of the energies of draws", tuning.energy, kWeightsFromZero);
  weight("acceptance", "weight of the acceptance of draws", tuning.acceptance, kWeightsFromZero);
  weight("entropy", "within acceptance; keeps draws from becoming small steps", tuning.entropy,
         kWeightsFromZero);
  weight("largest_rise", "draws whose energy is higher by so many kT are left out",
         tuning.largest_rise_kT, Bounds::between(1.0, 1e9));
}

}  // namespace

mlsamplers::TimewarpTrainingOptions read_timewarp(DeckTable table) {
  mlsamplers::TimewarpTrainingOptions options;
  read_shape(table, options.shape);
  read_schedule(table, options);
  read_tuning(table, options.tuning);
  return options;
}

}  // namespace saltus::tools
