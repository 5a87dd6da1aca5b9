#include <torch/torch.h>

#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/model/archive_reader_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::int64_t kZMatrixColumns = 5, kFastColumns = 2;

torch::Tensor to_tensor(const std::vector<double>& values, std::int64_t rows,
                        std::int64_t columns) {
  return torch::from_blob(const_cast<double*>(values.data()), {rows, columns}, torch::kFloat64)
      .clone();
}

torch::Tensor to_tensor(const std::vector<std::int64_t>& values, std::int64_t columns) {
  const auto rows = static_cast<std::int64_t>(values.size()) / columns;
  return torch::from_blob(const_cast<std::int64_t*>(values.data()), {rows, columns}, torch::kInt64)
      .clone();
}

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

void write_layout(const LeapModel& model, torch::serialize::OutputArchive& archive) {
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
  archive.write("z_matrix", to_tensor(z, kZMatrixColumns));
  archive.write("soft", to_tensor(soft, 1));
  archive.write("rotors", to_tensor(rotors, 2));
  archive.write("fast", to_tensor(fast, kFastColumns));
  archive.write("fast_centres", to_tensor(centres, number(centres.size()), 1));
}

void write_network(const std::string& name, MixtureNetwork& network,
                   torch::serialize::OutputArchive& archive) {
  archive.write(name + ".components", torch::tensor(network->shape().n_components));
  archive.write(name + ".hidden", torch::tensor(network->shape().n_hidden));
  write_parameters(name, *network, archive);
}

MixtureNetwork read_network(ArchiveReader& reader, const std::string& name, std::size_t n_angles) {
  MixtureNetworkShape shape;
  shape.n_angles = number(n_angles);
  shape.n_components = reader.size(name + ".components");
  shape.n_hidden = reader.size(name + ".hidden");
  // What the file holds bounds what is allocated for it.
  const torch::Tensor head = reader.tensor(name + ".head.weight", torch::kFloat64, shape.n_hidden);
  const torch::Tensor second =
      reader.tensor(name + ".second.weight", torch::kFloat64, shape.n_hidden);
  if (head.size(0) / 4 != shape.n_components || second.size(0) != shape.n_hidden)
    reader.damaged("network '" + name + "' has an impossible size");
  MixtureNetwork result(shape, engine::StepKey{});
  reader.parameters(name, *result);
  return result;
}

void read_layout(ArchiveReader& reader, LeapModel& model) {
  const auto index = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const auto z = reader.integers("z_matrix", kZMatrixColumns);
  for (std::size_t i = 0; i < z.size(); i += kZMatrixColumns)
    model.z.rows.push_back(
        {index(z[i]), index(z[i + 1]), index(z[i + 2]), index(z[i + 3]), z[i + 4] != 0});
  for (std::int64_t value : reader.integers("soft", 1)) model.split.soft.push_back({index(value)});
  const auto rotors = reader.integers("rotors", 2);
  for (std::size_t i = 0; i < rotors.size(); i += 2)
    model.split.rotors.push_back({index(rotors[i]), static_cast<int>(rotors[i + 1])});
  const auto fast = reader.integers("fast", kFastColumns);
  const auto centres = reader.doubles("fast_centres");
  if (centres.size() * kFastColumns != fast.size())
    reader.damaged("lengths of 'fast' and 'fast_centres' differ");
  for (std::size_t i = 0; i < centres.size(); ++i)
    model.split.fast.push_back({index(fast[2 * i]), fast[2 * i + 1] != 0, centres[i]});
}

LeapModel read_model(const std::string& path) {
  ArchiveReader reader(path);
  LeapModel model;
  model.card = reader.card_of_kind(kLeapKind);
  read_layout(reader, model);
  const auto uniform = reader.doubles("uniform_fraction");
  model.uniform_fraction = uniform.empty() ? 0.0 : uniform[0];
  model.fast.weights = reader.doubles("fast_weights");
  model.fast.cholesky = reader.doubles("fast_cholesky");
  model.fast.n_fast = model.split.fast.size();
  model.fast.n_basis = model.fast.n_fast == 0 ? 0 : model.fast.weights.size() / model.fast.n_fast;
  model.networks = std::make_shared<LeapNetworks>();
  const std::size_t n_soft = model.split.soft.size();
  for (std::size_t i = 0; i < n_soft; ++i)
    model.networks->soft.push_back(read_network(reader, "soft" + std::to_string(i), n_soft + i));
  for (std::size_t j = 0; j < model.split.rotors.size(); ++j)
    model.networks->rotors.push_back(read_network(reader, "rotor" + std::to_string(j), n_soft));
  model.validate(path);
  return model;
}

}  // namespace

void save_leap_model(const LeapModel& model, const std::string& path) {
  torch::serialize::OutputArchive archive;
  write_layout(model, archive);
  archive.write("uniform_fraction", torch::tensor(model.uniform_fraction, torch::kFloat64));
  archive.write("fast_weights", to_tensor(model.fast.weights, number(model.fast.n_fast),
                                          number(model.fast.n_basis)));
  archive.write("fast_cholesky", to_tensor(model.fast.cholesky, number(model.fast.n_fast),
                                           number(model.fast.n_fast)));
  for (std::size_t i = 0; i < model.networks->soft.size(); ++i)
    write_network("soft" + std::to_string(i), model.networks->soft[i], archive);
  for (std::size_t i = 0; i < model.networks->rotors.size(); ++i)
    write_network("rotor" + std::to_string(i), model.networks->rotors[i], archive);
  write_model(model.card, archive, path);
}

LeapModel load_leap_model(const std::string& path) {
  return translated(path, [&] { return read_model(path); });
}

}  // namespace saltus::mlsamplers
