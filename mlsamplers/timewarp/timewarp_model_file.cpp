#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "mlsamplers/model/module_parameters_detail.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/timewarp/timewarp_flow_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::int64_t kMaxSize = 4096, kMaxElement = 200;
constexpr std::uint64_t kCentreColumns = 4, kCurveColumns = 3;
constexpr const char* kFlow = "flow";

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }
std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Sizes by their names in the file.
std::vector<std::pair<const char*, std::size_t TimewarpShape::*>> sizes() {
  return {{"couplings", &TimewarpShape::n_couplings},
          {"encoders", &TimewarpShape::n_encoders},
          {"width", &TimewarpShape::width},
          {"feed_forward", &TimewarpShape::feed_forward},
          {"hidden", &TimewarpShape::hidden},
          {"element_width", &TimewarpShape::element_width},
          {"element_kinds", &TimewarpShape::n_element_kinds}};
}

std::size_t atom_index(const ModelReader& reader, const char* name, std::int64_t value,
                       const TimewarpModel& model) {
  if (index(value) >= model.elements.size())
    reader.damaged(std::string("'") + name + "' names an atom that is not there");
  return index(value);
}

double one_double(ModelReader& reader, const char* name) {
  const std::vector<double> values = reader.doubles(name);
  if (values.size() != 1 || !std::isfinite(values[0]))
    reader.damaged(std::string("'") + name + "' is not one number");
  return values[0];
}

void read_atoms(ModelReader& reader, TimewarpModel& model) {
  for (const std::int64_t element : reader.integers("elements", 1))
    model.elements.push_back(static_cast<int>(std::min(element, kMaxElement)));
  if (model.elements.empty() || model.elements.size() != model.card.atoms.size())
    reader.damaged("'elements' does not have one for each atom");
  const std::set<int> kinds(model.elements.begin(), model.elements.end());
  if (kinds.size() != model.shape.n_element_kinds)
    reader.damaged("'element_kinds' is not the number of different elements");
  const auto axes = reader.integers("axes", 1);
  if (axes.size() != model.axes.size()) reader.damaged("'axes' does not have three atoms");
  for (std::size_t k = 0; k < axes.size(); ++k)
    model.axes[k] = atom_index(reader, "axes", axes[k], model);
  const auto centres = reader.integers("centres", kCentreColumns);
  for (std::size_t i = 0; i < centres.size(); i += kCentreColumns) {
    HandedCentre centre;
    centre.atom = atom_index(reader, "centres", centres[i], model);
    for (std::size_t k = 0; k < 3; ++k)
      centre.neighbours[k] = atom_index(reader, "centres", centres[i + 1 + k], model);
    model.centres.push_back(centre);
  }
}

void read_curve(ModelReader& reader, TimewarpModel& model) {
  const std::vector<double> curve = reader.doubles("curve");
  if (curve.size() % kCurveColumns != 0 || !engine::all_finite(curve))
    reader.damaged("'curve' is not a table of three columns");
  for (std::size_t i = 0; i < curve.size(); i += kCurveColumns) {
    if (curve[i] < 0.0 || curve[i] > 1e15) reader.damaged("'curve' has an impossible step");
    model.curve.push_back({static_cast<std::size_t>(curve[i]), curve[i + 1], curve[i + 2]});
  }
}

}  // namespace

torch::Tensor element_indices(const std::vector<int>& atomic_numbers) {
  const std::set<int> kinds(atomic_numbers.begin(), atomic_numbers.end());
  std::vector<std::int64_t> indices;
  for (const int element : atomic_numbers)
    indices.push_back(std::distance(kinds.begin(), kinds.find(element)));
  return torch::tensor(indices, torch::kInt64);
}

void randomise(TimewarpModel& model, const engine::StepKey& key, double output_scale) {
  use_one_torch_thread();
  auto network = std::make_shared<TimewarpNetwork>();
  network->flow = TimewarpFlow(model.shape, model.displacement_scale_nm);
  network->flow->initialise(key, output_scale);
  model.network = std::move(network);
}

std::uint64_t count_parameters(const TimewarpModel& model) {
  std::uint64_t sum = 0;
  if (!model.network) return sum;
  for (const torch::Tensor& parameter : model.network->flow->parameters())
    sum += static_cast<std::uint64_t>(parameter.numel());
  return sum;
}

void save_timewarp_model(const TimewarpModel& model, const std::string& path) {
  if (!model.network) throw engine::InternalError("a Timewarp model without a network");
  ModelWriter writer;
  for (const auto& [name, member] : sizes()) writer.add_size(name, number(model.shape.*member));
  writer.add("lengths_nm", model.shape.lengths_nm, 1);
  writer.add("scale_bound", "F64", {}, &model.shape.scale_bound);
  writer.add("displacement_scale_nm", "F64", {}, &model.displacement_scale_nm);
  writer.add_size("frame", 1 + static_cast<std::int64_t>(model.frame));
  std::vector<std::int64_t> elements(model.elements.begin(), model.elements.end()), axes, centres;
  for (const std::size_t atom : model.axes) axes.push_back(number(atom));
  for (const HandedCentre& centre : model.centres)
    centres.insert(centres.end(), {number(centre.atom), number(centre.neighbours[0]),
                                   number(centre.neighbours[1]), number(centre.neighbours[2])});
  writer.add("elements", elements, 1);
  writer.add("axes", axes, 1);
  writer.add("centres", centres, kCentreColumns);
  std::vector<double> curve;
  for (const TimewarpScore& score : model.curve)
    curve.insert(curve.end(), {static_cast<double>(score.step), score.training, score.held_out});
  writer.add("curve", curve, kCurveColumns);
  write_parameters(kFlow, *model.network->flow, writer);
  writer.write(model.card, path);
}

TimewarpModel load_timewarp_model(const std::string& path) {
  ModelReader reader(path);
  reader.require_kind(kTimewarpKind);
  use_one_torch_thread();
  TimewarpModel model;
  model.card = reader.card();
  for (const auto& [name, member] : sizes())
    model.shape.*member = index(reader.size(name, kMaxSize));
  model.shape.lengths_nm = reader.doubles("lengths_nm");
  model.shape.scale_bound = one_double(reader, "scale_bound");
  model.displacement_scale_nm = one_double(reader, "displacement_scale_nm");
  if (!(model.displacement_scale_nm > 0.0))
    reader.damaged("'displacement_scale_nm' is not positive");
  model.frame = static_cast<TimewarpFrame>(reader.size("frame", 3) - 1);
  read_atoms(reader, model);
  read_curve(reader, model);
  try {
    model.shape.validate();
  } catch (const engine::InputError& error) {
    reader.damaged(error.what());
  }
  // So that a small file cannot ask for much memory.
  if (model.shape.n_parameters() > std::filesystem::file_size(path) / sizeof(float))
    reader.damaged("it is too small for " + std::to_string(model.shape.n_parameters()) +
                   " parameters");
  auto network = std::make_shared<TimewarpNetwork>();
  network->flow = TimewarpFlow(model.shape, model.displacement_scale_nm);
  read_parameters(reader, kFlow, *network->flow);
  reader.require_all_used();
  model.network = std::move(network);
  return model;
}

}  // namespace saltus::mlsamplers
