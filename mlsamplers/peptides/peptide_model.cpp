#include "mlsamplers/peptides/peptide_model.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/finite.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kHarmonics = engine::kNetworkHarmonics;

void require(bool holds, const std::string& path, const std::string& otherwise) {
  if (!holds) throw engine::ModelError(path + ": the model is damaged: " + otherwise);
}

void validate_template(const TemplateStatistics& entry, const std::string& path) {
  const std::string who = "template " + entry.name + ": ";
  const auto& all = residue_templates();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ResidueTemplate& residue) {
    return residue.name == entry.name;
  });
  require(found != all.end(), path, who + "there is no such residue");
  std::size_t n_torsions = 0, n_rotors = 0, n_coordinates = 0;
  for (std::size_t i = 0; i < found->rows.size(); ++i) {
    const TemplateRow& row = found->rows[i];
    n_torsions += row.role == RowRole::kSoft ? 1 : 0;
    n_rotors += row.role == RowRole::kRotor ? 1 : 0;
    n_coordinates += found->place == ChainPlace::kFirst ? std::min<std::size_t>(i, 3) : 3;
  }
  const std::size_t n_fast = n_coordinates - n_torsions - n_rotors;
  require(entry.n_torsions == n_torsions && entry.n_rotors == n_rotors && entry.n_fast == n_fast &&
              entry.weights.size() == n_fast * template_basis_size(n_torsions, n_rotors) &&
              entry.covariance.size() == n_fast * n_fast &&
              entry.rotor_means.size() == kRotorFunctions * n_rotors &&
              entry.rotors.size() == n_rotors,
          path, who + "a table has the wrong size");
  for (const std::vector<double>* values : {&entry.weights, &entry.covariance, &entry.rotor_means})
    require(engine::all_finite(engine::Span<const double>(*values)), path,
            who + "a number is not finite");
  for (const auto& mixture : entry.rotors)
    for (const RotorComponent& component : mixture)
      require(component.weight > 0.0 && std::isfinite(component.weight) &&
                  std::isfinite(component.mean) && component.width > engine::kMinComponentWidth &&
                  component.width < engine::kMaxComponentWidth,
              path, who + "a rotor's mixture is out of range");
}

void validate_network(const PeptideNetwork& network, const PeptideNetworkShape& shape,
                      const std::string& path) {
  const std::size_t h = shape.n_hidden, outputs = 4 * shape.n_components;
  require(h > 0 && outputs > 0 && network.first.size() == h * shape.n_inputs() &&
              network.first_bias.size() == h && network.second.size() == h * h &&
              network.second_bias.size() == h && network.head.size() == outputs * h &&
              network.head_bias.size() == outputs,
          path, "a network has the wrong size");
  for (const std::vector<double>* values :
       {&network.first, &network.first_bias, &network.second, &network.second_bias, &network.head,
        &network.head_bias})
    require(engine::all_finite(engine::Span<const double>(*values)), path,
            "a network's weight is not finite");
}

void validate_refinement(const PeptideModel& model, const std::string& path) {
  const PeptideModel& initial = *model.initial;
  require(!initial.initial && initial.refined_on.empty(), path, "it was refined twice");
  initial.validate(path);
  bool fits = initial.templates.size() == model.templates.size() &&
              initial.shape.n_hidden == model.shape.n_hidden &&
              initial.shape.n_components == model.shape.n_components &&
              initial.shape.n_embedding == model.shape.n_embedding &&
              initial.reference_temperature_K == model.reference_temperature_K;
  for (std::size_t i = 0; fits && i < model.templates.size(); ++i)
    fits = initial.templates[i].name == model.templates[i].name;
  require(fits, path,
          "what was refined has other sizes, residues or temperatures than what it was before");
  require(!model.refined_on.empty(), path, "it was refined on no peptide");
  for (const std::vector<std::string>& names : model.refined_on) {
    require(!names.empty(), path, "it was refined on a peptide without residues");
    for (const std::string& name : names)
      require(model.find(name).has_value(), path, "it was refined on an unknown residue");
  }
}

}  // namespace

std::size_t PeptideNetworkShape::first_bit() const { return 2 * kHarmonics * kContextSlots; }

std::size_t PeptideNetworkShape::first_embedding() const { return first_bit() + kContextSlots; }

std::size_t PeptideNetworkShape::n_inputs() const {
  return first_embedding() + 3 * n_embedding + 1;
}

std::optional<std::size_t> PeptideModel::find(const std::string& template_name) const {
  for (std::size_t i = 0; i < templates.size(); ++i)
    if (templates[i].name == template_name) return i;
  return std::nullopt;
}

const PeptideModel& PeptideModel::serving(const Peptide& peptide) const {
  if (!initial) return *this;
  std::vector<std::string> names;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r)
    names.push_back(peptide.template_of(r).name);
  const bool is_refined =
      std::find(refined_on.begin(), refined_on.end(), names) != refined_on.end();
  return is_refined ? *this : *initial;
}

void PeptideModel::validate(const std::string& path) const {
  require(min_temperature_K > 0.0 && min_temperature_K <= max_temperature_K &&
              std::isfinite(max_temperature_K) && reference_temperature_K > 0.0 &&
              std::isfinite(reference_temperature_K),
          path, "its temperatures are not positive numbers, the lower first");
  require(!templates.empty(), path, "it knows no residue");
  for (const TemplateStatistics& entry : templates) validate_template(entry, path);
  require(embeddings.size() == (templates.size() + 1) * shape.n_embedding &&
              engine::all_finite(engine::Span<const double>(embeddings)),
          path, "the embeddings have the wrong size or are not finite");
  for (const PeptideNetwork& network : networks) validate_network(network, shape, path);
  require(initial || refined_on.empty(), path, "it was refined, and what it was before is missing");
  if (initial) validate_refinement(*this, path);
}

engine::MixtureNetworkWeights fold_network(const PeptideModel& model, const NetworkPlace& place) {
  const PeptideNetworkShape& shape = model.shape;
  const PeptideNetwork& network = model.networks[static_cast<std::size_t>(place.kind)];
  const std::size_t n_in = shape.n_inputs(), n_angles = place.slots.size();
  engine::MixtureNetworkWeights result;
  result.n_angles = n_angles;
  result.n_components = shape.n_components;
  result.n_hidden = shape.n_hidden;
  result.sees_temperature = true;
  result.first_bias = network.first_bias;
  result.second = network.second;
  result.second_bias = network.second_bias;
  result.head = network.head;
  result.head_bias = network.head_bias;
  const std::size_t n_out = result.n_inputs();
  result.first.assign(shape.n_hidden * n_out, 0.0);
  const std::array<std::size_t, 3> residues = {place.own, place.previous, place.next};
  for (std::size_t h = 0; h < shape.n_hidden; ++h) {
    const double* from = &network.first[h * n_in];
    double* to = &result.first[h * n_out];
    for (std::size_t j = 0; j < n_angles; ++j) {
      if (!place.slots[j]) continue;
      // Blocks of all cosines, then all sines, of one harmonic after the other.
      for (std::size_t part = 0; part < 2 * kHarmonics; ++part)
        to[part * n_angles + j] = from[part * kContextSlots + *place.slots[j]];
      result.first_bias[h] += from[shape.first_bit() + *place.slots[j]];
    }
    for (std::size_t part = 0; part < residues.size(); ++part)
      for (std::size_t e = 0; e < shape.n_embedding; ++e)
        result.first_bias[h] += from[shape.first_embedding() + part * shape.n_embedding + e] *
                                model.embeddings[residues[part] * shape.n_embedding + e];
    to[n_out - 1] = from[n_in - 1];
  }
  return result;
}

}  // namespace saltus::mlsamplers
