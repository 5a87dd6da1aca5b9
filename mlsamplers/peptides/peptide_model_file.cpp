#include <algorithm>
#include <cstring>

#include "engine/core/error.h"
#include "mlsamplers/model/model_file.h"
#include "mlsamplers/peptides/peptide_model.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::uint64_t kNameColumns = 8, kComponentColumns = 3;
constexpr std::int64_t kMaxSize = 1 << 16;

struct NamedParameter {
  const char* name;
  std::vector<double> PeptideNetwork::*values;
};
constexpr NamedParameter kParameters[] = {
    {"first.weight", &PeptideNetwork::first},   {"first.bias", &PeptideNetwork::first_bias},
    {"second.weight", &PeptideNetwork::second}, {"second.bias", &PeptideNetwork::second_bias},
    {"head.weight", &PeptideNetwork::head},     {"head.bias", &PeptideNetwork::head_bias}};

/// The lower triangle of a symmetric matrix, row by row.
std::vector<double> lower_of(const std::vector<double>& matrix, std::size_t n) {
  std::vector<double> lower;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) lower.push_back(matrix[i * n + j]);
  return lower;
}

std::vector<double> symmetric_of(const std::vector<double>& lower, std::size_t n) {
  std::vector<double> matrix(n * n);
  std::size_t next = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) matrix[i * n + j] = matrix[j * n + i] = lower[next++];
  return matrix;
}

void write_template(const TemplateStatistics& entry, const std::string& name, ModelWriter& writer) {
  writer.add(name + ".sizes",
             std::vector<std::int64_t>{static_cast<std::int64_t>(entry.n_torsions),
                                       static_cast<std::int64_t>(entry.n_rotors),
                                       static_cast<std::int64_t>(entry.n_fast)},
             3);
  writer.add(name + ".fingerprint",
             std::vector<double>(entry.fingerprint.begin(), entry.fingerprint.end()), 1);
  writer.add(name + ".weights", entry.weights,
             template_basis_size(entry.n_torsions, entry.n_rotors));
  writer.add(name + ".covariance", lower_of(entry.covariance, entry.n_fast), 1);
  writer.add(name + ".rotor_means", entry.rotor_means, 1);
  std::vector<double> mixtures;
  for (const auto& mixture : entry.rotors)
    for (const RotorComponent& component : mixture)
      mixtures.insert(mixtures.end(), {component.weight, component.mean, component.width});
  writer.add(name + ".rotors", mixtures, kComponentColumns);
}

TemplateStatistics read_template(ModelReader& reader, const std::string& name) {
  TemplateStatistics entry;
  const auto sizes = reader.integers(name + ".sizes", 3);
  if (sizes.size() != 3 || *std::max_element(sizes.begin(), sizes.end()) > kMaxSize)
    reader.damaged("'" + name + ".sizes' are not three small numbers");
  entry.n_torsions = static_cast<std::size_t>(sizes[0]);
  entry.n_rotors = static_cast<std::size_t>(sizes[1]);
  entry.n_fast = static_cast<std::size_t>(sizes[2]);
  const auto fingerprint = reader.doubles(name + ".fingerprint");
  if (fingerprint.size() != kFingerprintParts)
    reader.damaged("'" + name + ".fingerprint' has the wrong size");
  std::copy(fingerprint.begin(), fingerprint.end(), entry.fingerprint.begin());
  entry.weights = reader.doubles(name + ".weights");
  const auto lower = reader.doubles(name + ".covariance");
  if (lower.size() != entry.n_fast * (entry.n_fast + 1) / 2)
    reader.damaged("'" + name + ".covariance' has the wrong size");
  entry.covariance = symmetric_of(lower, entry.n_fast);
  entry.rotor_means = reader.doubles(name + ".rotor_means");
  const auto mixtures = reader.doubles(name + ".rotors");
  if (mixtures.size() != entry.n_rotors * kRotorComponents * kComponentColumns)
    reader.damaged("'" + name + ".rotors' has the wrong size");
  entry.rotors.resize(entry.n_rotors);
  std::size_t next = 0;
  for (auto& mixture : entry.rotors)
    for (RotorComponent& component : mixture) {
      component = {mixtures[next], mixtures[next + 1], mixtures[next + 2]};
      next += kComponentColumns;
    }
  return entry;
}

/// Names as codes of characters, zeros at the end.
std::vector<std::int64_t> codes_of(const std::vector<TemplateStatistics>& templates) {
  std::vector<std::int64_t> codes;
  for (const TemplateStatistics& entry : templates)
    for (std::size_t i = 0; i < kNameColumns; ++i)
      codes.push_back(i < entry.name.size() ? entry.name[i] : 0);
  return codes;
}

std::vector<std::string> names_of(ModelReader& reader) {
  constexpr std::int64_t kLastCharacter = 'Z';
  const auto codes = reader.integers("templates", kNameColumns);
  std::vector<std::string> names(codes.size() / kNameColumns);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] > kLastCharacter) reader.damaged("'templates' are not names of residues");
    if (codes[i] > 0) names[i / kNameColumns] += static_cast<char>(codes[i]);
  }
  return names;
}

}  // namespace

void save_peptide_model(const PeptideModel& model, const std::string& path) {
  ModelWriter writer;
  writer.add("templates", codes_of(model.templates), kNameColumns);
  writer.add("temperatures",
             std::vector<double>{model.reference_temperature_K, model.min_temperature_K,
                                 model.max_temperature_K},
             1);
  writer.add_size("hidden", static_cast<std::int64_t>(model.shape.n_hidden));
  writer.add_size("components", static_cast<std::int64_t>(model.shape.n_components));
  writer.add_size("embedding", static_cast<std::int64_t>(model.shape.n_embedding));
  writer.add("embeddings", model.embeddings, model.shape.n_embedding);
  for (const TemplateStatistics& entry : model.templates) write_template(entry, entry.name, writer);
  for (std::size_t k = 0; k < kTorsionKinds; ++k)
    for (const NamedParameter& parameter : kParameters)
      writer.add(std::string(name_of(static_cast<TorsionKind>(k))) + "." + parameter.name,
                 model.networks[k].*parameter.values, 1);
  writer.write(model.card, path);
}

PeptideModel read_peptide_model(ModelReader& reader) {
  reader.require_kind(kPeptideKind);
  PeptideModel model;
  model.card = reader.card();
  const auto temperatures = reader.doubles("temperatures");
  if (temperatures.size() != 3) reader.damaged("'temperatures' are not three numbers");
  model.reference_temperature_K = temperatures[0];
  model.min_temperature_K = temperatures[1];
  model.max_temperature_K = temperatures[2];
  model.shape.n_hidden = static_cast<std::size_t>(reader.size("hidden", kMaxSize));
  model.shape.n_components = static_cast<std::size_t>(reader.size("components", kMaxSize));
  model.shape.n_embedding = static_cast<std::size_t>(reader.size("embedding", kMaxSize));
  model.embeddings = reader.doubles("embeddings");
  for (const std::string& name : names_of(reader)) {
    model.templates.push_back(read_template(reader, name));
    model.templates.back().name = name;
  }
  for (std::size_t k = 0; k < kTorsionKinds; ++k)
    for (const NamedParameter& parameter : kParameters)
      model.networks[k].*parameter.values =
          reader.doubles(std::string(name_of(static_cast<TorsionKind>(k))) + "." + parameter.name);
  reader.require_all_used();
  model.validate(reader.path());
  return model;
}

PeptideModel load_peptide_model(const std::string& path) {
  ModelReader reader(path);
  return read_peptide_model(reader);
}

}  // namespace saltus::mlsamplers
