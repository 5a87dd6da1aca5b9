#include <algorithm>

#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/model/module_parameters_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::uint64_t kZMatrixColumns = 5, kRotorColumns = 2, kFastColumns = 2;
constexpr std::int64_t kMaxComponents = 1 << 16, kMaxHidden = 1 << 16, kMaxFold = 1000;

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

void write_layout(const LeapModel& model, ModelWriter& writer) {
  std::vector<std::int64_t> z, soft, rotors, fast;
  std::vector<double> centres;
  for (const engine::ZMatrixRow& row : model.z.rows)
    z.insert(z.end(), {number(row.atom), number(row.bond_to), number(row.angle_to),
                       number(row.torsion_to), row.is_offset ? 1 : 0});
  for (const SoftTorsion& torsion : model.split.soft) soft.push_back(number(torsion.coordinate));
  for (const Rotor& rotor : model.split.rotors)
    rotors.insert(rotors.end(), {number(rotor.coordinate), rotor.fold});
  for (const FastCoordinate& coordinate : model.split.fast) {
    fast.insert(fast.end(), {number(coordinate.coordinate), coordinate.is_torsion ? 1 : 0});
    centres.push_back(coordinate.centre);
  }
  writer.add("z_matrix", z, kZMatrixColumns);
  writer.add("soft", soft, 1);
  writer.add("rotors", rotors, kRotorColumns);
  writer.add("fast", fast, kFastColumns);
  writer.add("fast_centres", centres, 1);
}

void write_network(const std::string& name, MixtureNetwork& network, ModelWriter& writer) {
  writer.add_size(name + ".components", network->shape().n_components);
  writer.add_size(name + ".hidden", network->shape().n_hidden);
  write_parameters(name, *network, writer);
}

MixtureNetwork read_network(ModelReader& reader, const std::string& name, std::size_t n_angles) {
  MixtureNetworkShape shape;
  shape.n_angles = number(n_angles);
  shape.n_components = reader.size(name + ".components", kMaxComponents);
  shape.n_hidden = reader.size(name + ".hidden", kMaxHidden);
  // What the file holds bounds what is allocated for it.
  const auto width = static_cast<std::uint64_t>(shape.n_hidden);
  reader.array(name + ".first.weight", "F64",
               {width, static_cast<std::uint64_t>(MixtureNetworkImpl::n_inputs(shape))});
  reader.array(name + ".second.weight", "F64", {width, width});
  reader.array(name + ".head.weight", "F64",
               {4 * static_cast<std::uint64_t>(shape.n_components), width});
  MixtureNetwork result(shape, engine::StepKey{});
  read_parameters(reader, name, *result);
  return result;
}

/// 0 or 1.
bool flag(const ModelReader& reader, const std::string& name, std::int64_t value) {
  if (value > 1) reader.damaged("'" + name + "' has a flag that is neither 0 nor 1");
  return value == 1;
}

void read_layout(ModelReader& reader, LeapModel& model) {
  const auto index = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const auto z = reader.integers("z_matrix", kZMatrixColumns);
  for (std::size_t i = 0; i < z.size(); i += kZMatrixColumns)
    model.z.rows.push_back({index(z[i]), index(z[i + 1]), index(z[i + 2]), index(z[i + 3]),
                            flag(reader, "z_matrix", z[i + 4])});
  for (std::int64_t value : reader.integers("soft", 1)) model.split.soft.push_back({index(value)});
  const auto rotors = reader.integers("rotors", kRotorColumns);
  for (std::size_t i = 0; i < rotors.size(); i += kRotorColumns)
    model.split.rotors.push_back(
        {index(rotors[i]), static_cast<int>(std::min(rotors[i + 1], kMaxFold))});
  const auto fast = reader.integers("fast", kFastColumns);
  const auto centres = reader.doubles("fast_centres");
  if (centres.size() * kFastColumns != fast.size())
    reader.damaged("lengths of 'fast' and 'fast_centres' differ");
  for (std::size_t i = 0; i < centres.size(); ++i)
    model.split.fast.push_back({index(fast[kFastColumns * i]),
                                flag(reader, "fast", fast[kFastColumns * i + 1]), centres[i]});
}

void read_fast_regression(ModelReader& reader, LeapModel& model) {
  model.fast.weights = reader.doubles("fast_weights");
  model.fast.cholesky = reader.doubles("fast_cholesky");
  model.fast.n_fast = model.split.fast.size();
  model.fast.n_basis = model.fast.n_fast == 0 ? 0 : model.fast.weights.size() / model.fast.n_fast;
}

}  // namespace

void save_leap_model(const LeapModel& model, const std::string& path) {
  ModelWriter writer;
  write_layout(model, writer);
  writer.add("uniform_fraction", "F64", {}, &model.uniform_fraction);
  writer.add("fast_weights", "F64", {model.fast.n_fast, model.fast.n_basis},
             model.fast.weights.data());
  writer.add("fast_cholesky", "F64", {model.fast.n_fast, model.fast.n_fast},
             model.fast.cholesky.data());
  for (std::size_t i = 0; i < model.networks->soft.size(); ++i)
    write_network("soft" + std::to_string(i), model.networks->soft[i], writer);
  for (std::size_t i = 0; i < model.networks->rotors.size(); ++i)
    write_network("rotor" + std::to_string(i), model.networks->rotors[i], writer);
  writer.write(model.card, path);
}

LeapModel load_leap_model(const std::string& path) {
  ModelReader reader(path);
  reader.require_kind(kLeapKind);
  LeapModel model;
  model.card = reader.card();
  read_layout(reader, model);
  const auto uniform = reader.doubles("uniform_fraction");
  if (uniform.size() != 1) reader.damaged("'uniform_fraction' is not one number");
  model.uniform_fraction = uniform[0];
  read_fast_regression(reader, model);
  model.networks = std::make_shared<LeapNetworks>();
  const std::size_t n_soft = model.split.soft.size();
  for (std::size_t i = 0; i < n_soft; ++i)
    model.networks->soft.push_back(read_network(reader, "soft" + std::to_string(i), n_soft + i));
  for (std::size_t j = 0; j < model.split.rotors.size(); ++j)
    model.networks->rotors.push_back(read_network(reader, "rotor" + std::to_string(j), n_soft));
  reader.require_all_used();
  model.validate(path);
  return model;
}

}  // namespace saltus::mlsamplers
