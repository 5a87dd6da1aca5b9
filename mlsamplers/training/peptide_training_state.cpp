#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/model/model_file.h"
#include "mlsamplers/training/peptide_training_state_detail.h"

namespace saltus::mlsamplers {

using engine::RandomStream;
using engine::StepKey;
using engine::StreamName;
using torch::Tensor;

namespace {

constexpr const char* kCheckpointKind = "peptide training checkpoint";
constexpr double kEmbeddingWidth = 0.3, kOwnShare = 0.3;

/// Uniform in +-1/sqrt(fan-in), from our own streams.
Tensor drawn(std::int64_t rows, std::int64_t columns, std::int64_t fan_in, RandomStream& stream) {
  Tensor values = columns == 0 ? torch::empty({rows}, torch::kFloat64)
                               : torch::empty({rows, columns}, torch::kFloat64);
  const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
  auto* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i)
    data[i] = bound * (2.0 * stream.uniform() - 1.0);
  return values;
}

Tensor matrix_of(const std::vector<double>& values, std::size_t rows) {
  const auto n = static_cast<std::int64_t>(rows);
  return torch::from_blob(
             const_cast<double*>(values.data()),
             {n, static_cast<std::int64_t>(values.size()) / std::max<std::int64_t>(n, 1)},
             torch::kFloat64)
      .clone();
}

Tensor indices_of(const std::vector<std::int64_t>& values) {
  return torch::from_blob(const_cast<std::int64_t*>(values.data()),
                          {static_cast<std::int64_t>(values.size())}, torch::kInt64)
      .clone();
}

Tensor tensor_of(const std::vector<double>& values, std::size_t rows, std::size_t columns) {
  if (values.size() != rows * columns)
    throw engine::InternalError("peptide training: a table of the initial model has a wrong size");
  return matrix_of(values, rows);
}

}  // namespace

Tensor embedding_mix(const std::vector<TemplateStatistics>& templates) {
  std::map<std::string, std::int64_t> parts;
  const auto part = [&parts](const std::string& name) {
    return parts.emplace(name, static_cast<std::int64_t>(parts.size())).first->second;
  };
  std::vector<std::vector<std::pair<std::int64_t, double>>> rows;
  for (const TemplateStatistics& entry : templates) {
    const std::string& name = entry.name;
    // "NALA", "CALA": four letters, the first of which is the end.
    const bool is_end = name.size() == 4 && (name[0] == 'N' || name[0] == 'C');
    rows.push_back({{part("residue " + (is_end ? name.substr(1) : name)), 1.0},
                    {part("template " + name), kOwnShare}});
    if (is_end) rows.back().emplace_back(part(std::string("end ") + name[0]), 1.0);
  }
  rows.push_back({{part("none"), 1.0}});
  Tensor mix = torch::zeros(
      {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(parts.size())},
      torch::kFloat64);
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (const auto& [column, share] : rows[row])
      mix[static_cast<std::int64_t>(row)][column] = share;
  return mix;
}

Parameters first_parameters(const PeptideNetworkShape& shape, std::size_t n_parts,
                            std::uint64_t seed) {
  const auto h = static_cast<std::int64_t>(shape.n_hidden),
             k = static_cast<std::int64_t>(shape.n_components),
             e = static_cast<std::int64_t>(shape.n_embedding),
             n_in = static_cast<std::int64_t>(shape.n_inputs());
  RandomStream stream(StepKey{seed, 0}, StreamName::kTraining, 0);
  Parameters result;
  Tensor embeddings = torch::empty({static_cast<std::int64_t>(n_parts), e}, torch::kFloat64);
  auto* values = embeddings.data_ptr<double>();
  for (std::int64_t i = 0; i < embeddings.numel(); ++i)
    values[i] = kEmbeddingWidth * stream.normal();
  result.push_back(embeddings);
  for (std::size_t kind = 0; kind < kTorsionKinds; ++kind) {
    result.push_back(drawn(h, n_in, n_in, stream));
    result.push_back(drawn(h, 0, n_in, stream));
    result.push_back(drawn(h, h, h, stream));
    result.push_back(drawn(h, 0, h, stream));
    result.push_back(drawn(4 * k, h, h, stream));
    Tensor bias = drawn(4 * k, 0, h, stream);
    // Spread the components' means over the circle at the start.
    for (std::int64_t i = 0; i < k; ++i) {
      const double angle = engine::kTwoPi * static_cast<double>(i) / static_cast<double>(k);
      bias[k + i] = std::cos(angle);
      bias[2 * k + i] = std::sin(angle);
    }
    result.push_back(bias);
  }
  return result;
}

Parameters parameters_of(const PeptideModel& model) {
  const std::size_t h = model.shape.n_hidden, outputs = 4 * model.shape.n_components;
  Parameters result = {
      tensor_of(model.embeddings, model.templates.size() + 1, model.shape.n_embedding)};
  for (const PeptideNetwork& network : model.networks) {
    result.push_back(tensor_of(network.first, h, model.shape.n_inputs()));
    result.push_back(tensor_of(network.first_bias, h, 1).squeeze(1));
    result.push_back(tensor_of(network.second, h, h));
    result.push_back(tensor_of(network.second_bias, h, 1).squeeze(1));
    result.push_back(tensor_of(network.head, outputs, h));
    result.push_back(tensor_of(network.head_bias, outputs, 1).squeeze(1));
  }
  return result;
}

Parameters copy_of(const Parameters& from) {
  Parameters result;
  for (const Tensor& tensor : from) result.push_back(tensor.detach().clone());
  return result;
}

std::vector<double> doubles_of(const Tensor& tensor) {
  const Tensor values = tensor.detach().contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

Tensor log_density(const Parameters& parameters, const Tensor& embeddings, std::size_t kind,
                   const PeptideRows& rows) {
  const Tensor* p = &parameters[1 + kTensorsPerKind * kind];
  const auto embedded = [&](const std::vector<std::int64_t>& which) {
    return embeddings.index_select(0, indices_of(which));
  };
  const Tensor input =
      torch::cat({matrix_of(rows.inputs, rows.size()), embedded(rows.own), embedded(rows.previous),
                  embedded(rows.next), matrix_of(rows.temperatures, rows.size())},
                 1);
  const Tensor hidden =
      torch::silu(torch::linear(torch::silu(torch::linear(input, p[0], p[1])), p[2], p[3]));
  const auto parts = torch::linear(hidden, p[4], p[5]).chunk(4, 1);
  const WrappedMixture mixture = {torch::log_softmax(parts[0], 1), torch::atan2(parts[2], parts[1]),
                                  kMinWidth + (kMaxWidth - kMinWidth) * torch::sigmoid(parts[3])};
  return mixture.log_density(matrix_of(rows.angles, rows.size()).squeeze(1));
}

std::string identity_of_training(const std::vector<PeptideSamples>& samples,
                                 const PeptideTrainingOptions& options, const PeptideModel& model) {
  engine::Fnv1a hash;
  const auto add = [&](const auto& value) { hash.add(&value, sizeof(value)); };
  for (const std::size_t size : {options.shape.n_hidden, options.shape.n_components,
                                 options.shape.n_embedding, options.n_steps, options.batch_size,
                                 options.n_held_out_rows, options.check_period, options.patience})
    add(size);
  for (const double value : {options.learning_rate, options.last_learning_rate,
                             options.weight_decay, options.max_gradient_norm, options.average_decay,
                             options.held_out_fraction, model.reference_temperature_K})
    add(value);
  add(options.seed);
  for (const TemplateStatistics& entry : model.templates)
    hash.add(entry.name.data(), entry.name.size());
  if (model.initial)
    for (const Tensor& tensor : parameters_of(*model.initial)) {
      const std::vector<double> values = doubles_of(tensor);
      hash.add(values.data(), values.size() * sizeof(double));
    }
  for (const PeptideSamples& peptide : samples) {
    hash.add(peptide.angles.data(), peptide.angles.size() * sizeof(float));
    hash.add(peptide.temperatures_K.data(), peptide.temperatures_K.size() * sizeof(float));
    for (const std::string& residue : peptide.residues) hash.add(residue.data(), residue.size());
  }
  return hash.hex();
}

void save_peptide_checkpoint(PeptideTrainingParts& state, const std::string& identity,
                             const std::string& path) {
  ModelWriter writer;
  writer.add("counts",
             std::vector<std::int64_t>{static_cast<std::int64_t>(state.step),
                                       static_cast<std::int64_t>(state.best_step),
                                       static_cast<std::int64_t>(state.checks_since_best)},
             1);
  writer.add("best", std::vector<double>{state.best}, 1);
  for (const auto& [name, group] : state.groups())
    for (std::size_t i = 0; i < group->size(); ++i)
      writer.add(std::string(name) + std::to_string(i), doubles_of((*group)[i]), 1);
  ModelCard card;
  card.kind = kCheckpointKind;
  card.training = identity;
  writer.write(card, path);
}

void load_peptide_checkpoint(const std::string& identity, const std::string& path,
                             PeptideTrainingParts& state) {
  ModelReader reader(path);
  if (reader.card().kind != kCheckpointKind || reader.card().training != identity)
    throw engine::ModelError(path +
                             ": it is the checkpoint of another training (other peptides, frames "
                             "or options); remove it to begin anew");
  const auto counts = reader.integers("counts", 1);
  const auto best = reader.doubles("best");
  if (counts.size() != 3 || best.size() != 1) reader.damaged("its counts have the wrong size");
  state.step = static_cast<std::size_t>(counts[0]);
  state.best_step = static_cast<std::size_t>(counts[1]);
  state.checks_since_best = static_cast<std::size_t>(counts[2]);
  state.best = best[0];
  torch::NoGradGuard no_grad;
  for (const auto& [name, group] : state.groups())
    for (std::size_t i = 0; i < group->size(); ++i) {
      const std::vector<double> values = reader.doubles(std::string(name) + std::to_string(i));
      Tensor& tensor = (*group)[i];
      if (static_cast<std::int64_t>(values.size()) != tensor.numel())
        reader.damaged("'" + std::string(name) + std::to_string(i) + "' has the wrong size");
      std::copy(values.begin(), values.end(), tensor.data_ptr<double>());
    }
  reader.require_all_used();
}

}  // namespace saltus::mlsamplers
