#include <algorithm>
#include <cstring>
#include <memory>
#include <set>

#include "engine/core/error.h"
#include "mlsamplers/model/model_file.h"
#include "mlsamplers/peptides/peptide_model.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::uint64_t kNameColumns = 8, kComponentColumns = 3;
constexpr std::int64_t kMaxSize = 1 << 16;
/// What the names of a refined model's own numbers begin with; others are those that it had before.
constexpr const char* kRefined = "refined.";

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
std::vector<std::int64_t> codes_of(const std::vector<std::string>& names) {
  std::vector<std::int64_t> codes;
  for (const std::string& name : names)
    for (std::size_t i = 0; i < kNameColumns; ++i) codes.push_back(i < name.size() ? name[i] : 0);
  return codes;
}

std::vector<std::string> names_of(ModelReader& reader, const std::string& tensor) {
  constexpr std::int64_t kLastCharacter = 'Z';
  const auto codes = reader.integers(tensor, kNameColumns);
  std::vector<std::string> names(codes.size() / kNameColumns);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] > kLastCharacter) reader.damaged("'" + tensor + "' are not names of residues");
    if (codes[i] > 0) names[i / kNameColumns] += static_cast<char>(codes[i]);
  }
  return names;
}

std::string parameter_name(std::size_t kind, const NamedParameter& parameter) {
  return std::string(name_of(static_cast<TorsionKind>(kind))) + "." + parameter.name;
}

void write_networks(const PeptideModel& model, const std::string& prefix, ModelWriter& writer) {
  writer.add(prefix + "embeddings", model.embeddings, model.shape.n_embedding);
  for (std::size_t k = 0; k < kTorsionKinds; ++k)
    for (const NamedParameter& parameter : kParameters)
      writer.add(prefix + parameter_name(k, parameter), model.networks[k].*parameter.values, 1);
}

void read_networks(ModelReader& reader, const std::string& prefix, PeptideModel& model) {
  model.embeddings = reader.doubles(prefix + "embeddings");
  for (std::size_t k = 0; k < kTorsionKinds; ++k)
    for (const NamedParameter& parameter : kParameters)
      model.networks[k].*parameter.values = reader.doubles(prefix + parameter_name(k, parameter));
}

/// Templates that occur in the peptides that a model was refined on.
std::set<std::string> refined_templates(const PeptideModel& model) {
  std::set<std::string> names;
  for (const std::vector<std::string>& peptide : model.refined_on)
    names.insert(peptide.begin(), peptide.end());
  return names;
}

/// The peptides of a refined model, its networks, and statistics of the residues of these peptides.
void write_refinement(const PeptideModel& model, ModelWriter& writer) {
  std::vector<std::string> residues;
  std::vector<std::int64_t> sizes;
  for (const std::vector<std::string>& peptide : model.refined_on) {
    residues.insert(residues.end(), peptide.begin(), peptide.end());
    sizes.push_back(static_cast<std::int64_t>(peptide.size()));
  }
  writer.add(std::string(kRefined) + "residues", codes_of(residues), kNameColumns);
  writer.add(std::string(kRefined) + "sizes", sizes, 1);
  write_networks(model, kRefined, writer);
  const std::set<std::string> names = refined_templates(model);
  for (const TemplateStatistics& entry : model.templates)
    if (names.count(entry.name) > 0) write_template(entry, kRefined + entry.name, writer);
}

/// Of a model as it was before its refinement, the refined one.
PeptideModel read_refinement(ModelReader& reader, const PeptideModel& initial) {
  PeptideModel model = initial;
  model.initial = std::make_shared<const PeptideModel>(initial);
  const std::vector<std::string> residues = names_of(reader, std::string(kRefined) + "residues");
  auto next = residues.begin();
  for (const std::int64_t size : reader.integers(std::string(kRefined) + "sizes", 1)) {
    if (size > residues.end() - next) reader.damaged("'refined.sizes' do not fit its residues");
    model.refined_on.emplace_back(next, next + size);
    next += size;
  }
  if (next != residues.end()) reader.damaged("'refined.sizes' do not fit its residues");
  read_networks(reader, kRefined, model);
  const std::set<std::string> names = refined_templates(model);
  for (TemplateStatistics& entry : model.templates) {
    if (names.count(entry.name) == 0) continue;
    const std::string name = entry.name;
    entry = read_template(reader, kRefined + name);
    entry.name = name;
  }
  return model;
}

}  // namespace

void save_peptide_model(const PeptideModel& model, const std::string& path) {
  ModelWriter writer;
  const PeptideModel& first = model.initial ? *model.initial : model;
  std::vector<std::string> names;
  for (const TemplateStatistics& entry : first.templates) names.push_back(entry.name);
  writer.add("templates", codes_of(names), kNameColumns);
  writer.add("temperatures",
             std::vector<double>{first.reference_temperature_K, first.min_temperature_K,
                                 first.max_temperature_K},
             1);
  writer.add_size("hidden", static_cast<std::int64_t>(first.shape.n_hidden));
  writer.add_size("components", static_cast<std::int64_t>(first.shape.n_components));
  writer.add_size("embedding", static_cast<std::int64_t>(first.shape.n_embedding));
  for (const TemplateStatistics& entry : first.templates) write_template(entry, entry.name, writer);
  write_networks(first, "", writer);
  if (model.initial) write_refinement(model, writer);
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
  for (const std::string& name : names_of(reader, "templates")) {
    model.templates.push_back(read_template(reader, name));
    model.templates.back().name = name;
  }
  read_networks(reader, "", model);
  if (reader.has(std::string(kRefined) + "sizes")) model = read_refinement(reader, model);
  reader.require_all_used();
  model.validate(reader.path());
  return model;
}

PeptideModel load_peptide_model(const std::string& path) {
  ModelReader reader(path);
  return read_peptide_model(reader);
}

}  // namespace saltus::mlsamplers
