#include "mlsamplers/leap/leap_weights_file.h"

#include <algorithm>
#include <cstring>

#include "engine/core/error.h"
#include "engine/core/finite.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::uint64_t kZMatrixColumns = 5, kRotorColumns = 2, kFastColumns = 2;
constexpr std::int64_t kMaxComponents = 1 << 16, kMaxHidden = 1 << 16, kMaxFold = 1000;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// 0 or 1.
bool flag(const ModelReader& reader, const std::string& name, std::int64_t value) {
  if (value > 1) reader.damaged("'" + name + "' has a flag that is neither 0 nor 1");
  return value == 1;
}

void read_layout(ModelReader& reader, engine::LeapWeights& weights) {
  const auto z = reader.integers("z_matrix", kZMatrixColumns);
  for (std::size_t i = 0; i < z.size(); i += kZMatrixColumns)
    weights.z.rows.push_back({index(z[i]), index(z[i + 1]), index(z[i + 2]), index(z[i + 3]),
                              flag(reader, "z_matrix", z[i + 4])});
  for (const std::int64_t value : reader.integers("soft", 1)) weights.soft.push_back(index(value));
  const auto rotors = reader.integers("rotors", kRotorColumns);
  for (std::size_t i = 0; i < rotors.size(); i += kRotorColumns)
    weights.rotors.push_back(
        {index(rotors[i]), static_cast<int>(std::min(rotors[i + 1], kMaxFold))});
  const auto fast = reader.integers("fast", kFastColumns);
  const auto centres = reader.doubles("fast_centres");
  if (centres.size() * kFastColumns != fast.size())
    reader.damaged("lengths of 'fast' and 'fast_centres' differ");
  for (std::size_t i = 0; i < centres.size(); ++i)
    weights.fast.push_back({index(fast[kFastColumns * i]),
                            flag(reader, "fast", fast[kFastColumns * i + 1]), centres[i]});
}

/// A finite F64 tensor of this shape.
std::vector<double> parameter(ModelReader& reader, const std::string& name, const Shape& shape) {
  const auto bytes = reader.array(name, "F64", shape);
  std::vector<double> values(bytes.size() / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  if (!engine::all_finite(values))
    reader.damaged("'" + name + "' holds a value that is not finite");
  return values;
}

engine::MixtureNetworkWeights read_network(ModelReader& reader, const std::string& name,
                                           std::size_t n_angles) {
  engine::MixtureNetworkWeights result;
  result.n_angles = n_angles;
  result.n_components = index(reader.size(name + ".components", kMaxComponents));
  result.n_hidden = index(reader.size(name + ".hidden", kMaxHidden));
  const std::uint64_t n_hidden = result.n_hidden, n_outputs = 4 * result.n_components;
  result.first = parameter(reader, name + ".first.weight", {n_hidden, result.n_inputs()});
  result.second = parameter(reader, name + ".second.weight", {n_hidden, n_hidden});
  result.head = parameter(reader, name + ".head.weight", {n_outputs, n_hidden});
  result.first_bias = parameter(reader, name + ".first.bias", {n_hidden});
  result.second_bias = parameter(reader, name + ".second.bias", {n_hidden});
  result.head_bias = parameter(reader, name + ".head.bias", {n_outputs});
  return result;
}

}  // namespace

LeapFile read_leap_weights(ModelReader& reader) {
  reader.require_kind(kLeapKind);
  LeapFile file;
  file.card = reader.card();
  engine::LeapWeights& weights = file.weights;
  weights.temperature_K = file.card.temperature_K;
  read_layout(reader, weights);
  weights.see_whole_molecule();
  const auto uniform = reader.doubles("uniform_fraction");
  if (uniform.size() != 1) reader.damaged("'uniform_fraction' is not one number");
  weights.uniform_fraction = uniform[0];
  weights.fast_weights = reader.doubles("fast_weights");
  weights.fast_cholesky = reader.doubles("fast_cholesky");
  const std::size_t n_soft = weights.soft.size();
  for (std::size_t i = 0; i < n_soft; ++i)
    weights.soft_networks.push_back(read_network(reader, "soft" + std::to_string(i), n_soft + i));
  for (std::size_t j = 0; j < weights.rotors.size(); ++j)
    weights.rotor_networks.push_back(read_network(reader, "rotor" + std::to_string(j), n_soft));
  reader.require_all_used();
  const auto require = [&reader](bool holds, const char* otherwise) {
    if (!holds) throw engine::ModelError(reader.path() + ": the model is damaged: " + otherwise);
  };
  require(weights.z.n_atoms() >= 4 && weights.z.n_atoms() == file.card.atoms.size(),
          "its Z-matrix does not have one row for each atom");
  weights.validate(reader.path());
  require(weights.is_whole(), "a coordinate is in no group");
  return file;
}

LeapFile load_leap_weights(const std::string& path) {
  ModelReader reader(path);
  return read_leap_weights(reader);
}

}  // namespace saltus::mlsamplers
