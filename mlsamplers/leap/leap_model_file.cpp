#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/model/module_parameters_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::uint64_t kZMatrixColumns = 5, kRotorColumns = 2, kFastColumns = 2;

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
  const LeapFile file = load_leap_weights(path);
  LeapModel model;
  model.card = file.card;
  model.z = file.weights.z;
  for (const std::size_t coordinate : file.weights.soft) model.split.soft.push_back({coordinate});
  model.split.rotors = file.weights.rotors;
  model.split.fast = file.weights.fast;
  model.uniform_fraction = file.weights.uniform_fraction;
  model.fast.n_fast = file.weights.fast.size();
  model.fast.n_basis = file.weights.fast_weights.size() / model.fast.n_fast;
  model.fast.weights = file.weights.fast_weights;
  model.fast.cholesky = file.weights.fast_cholesky;
  model.networks = std::make_shared<LeapNetworks>();
  for (const engine::MixtureNetworkWeights& network : file.weights.soft_networks)
    model.networks->soft.push_back(network_of(network));
  for (const engine::MixtureNetworkWeights& network : file.weights.rotor_networks)
    model.networks->rotors.push_back(network_of(network));
  return model;
}

}  // namespace saltus::mlsamplers
