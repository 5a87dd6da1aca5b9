#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "mlsamplers/peptides/block_weights_detail.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/peptides/residue_match_detail.h"

namespace saltus::mlsamplers {

using engine::LeapWeights;
using engine::MixtureNetworkWeights;

namespace detail {

std::size_t known_template(const PeptideModel& model, const Peptide& peptide, std::size_t r,
                           const std::string& path) {
  const std::string& name = peptide.template_of(r).name;
  if (const auto index = model.find(name)) return *index;
  std::vector<std::string> names;
  for (const TemplateStatistics& entry : model.templates) names.push_back(entry.name);
  throw engine::ModelError(path + ": the model was not trained on residue " +
                           std::to_string(peptide.number_of(r)) + ", " + name + ", only on " +
                           engine::joined(names, " ") + "; " + kWithoutPeptideModel);
}

bool is_unknown_and_kept(const PeptideModel& model, const Peptide& peptide, std::size_t r) {
  return !model.find(peptide.template_of(r).name) &&
         std::all_of(peptide.residues[r].fast.begin(), peptide.residues[r].fast.end(),
                     [](const PeptideFast& fast) { return fast.is_kept; });
}

}  // namespace detail

namespace {

using detail::is_unknown_and_kept;
using detail::known_template;

/// What networks see a residue as: its template, and, when the model does not know that and leaps
/// never move the residue, its amino acid's in that place, or none.
std::size_t seen_template(const PeptideModel& model, const Peptide& peptide, std::size_t r,
                          const std::string& path) {
  const ResidueTemplate& own = peptide.template_of(r);
  if (!is_unknown_and_kept(model, peptide, r)) return known_template(model, peptide, r, path);
  for (const ResidueTemplate& other : residue_templates())
    if (other.pdb_name == own.pdb_name && other.place == own.place)
      if (const auto index = model.find(other.name)) return *index;
  return model.templates.size();
}

/// Lower Cholesky factor of a positive definite matrix [n, n].
std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t n,
                             const std::string& who) {
  std::vector<double> lower(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * n + k] * lower[j * n + k];
      if (i == j && !(sum > 0.0))
        throw engine::ModelError(who + ": a covariance is not positive definite");
      lower[i * n + j] = i == j ? std::sqrt(sum) : sum / lower[j * n + j];
    }
  return lower;
}

/// A network that always gives the same mixture, whatever it sees.
MixtureNetworkWeights constant_mixture(
    const std::array<RotorComponent, kRotorComponents>& components, std::size_t n_angles) {
  MixtureNetworkWeights result;
  result.n_angles = n_angles;
  result.n_components = components.size();
  result.n_hidden = 1;
  result.sees_temperature = true;
  result.first.assign(result.n_inputs(), 0.0);
  result.first_bias = {0.0};
  result.second = {0.0};
  result.second_bias = {0.0};
  result.head.assign(4 * components.size(), 0.0);
  std::vector<double> logits, cosines, sines, widths;
  for (const RotorComponent& component : components) {
    const double part = (component.width - engine::kMinComponentWidth) /
                        (engine::kMaxComponentWidth - engine::kMinComponentWidth);
    logits.push_back(std::log(component.weight));
    cosines.push_back(std::cos(component.mean));
    sines.push_back(std::sin(component.mean));
    widths.push_back(std::log(part / (1.0 - part)));
  }
  for (const auto* values : {&logits, &cosines, &sines, &widths})
    result.head_bias.insert(result.head_bias.end(), values->begin(), values->end());
  return result;
}

/// Puts together the weights of one block.
class BlockAssembly {
 public:
  BlockAssembly(const PeptideModel& model, const Peptide& peptide, const PeptideBlock& block,
                const std::string& path)
      : model_(model), peptide_(peptide), block_(block), path_(path) {}

  LeapWeights build() {
    weights_.z = peptide_.z;
    weights_.n_other_atoms = peptide_.n_other_atoms;
    weights_.temperature_K = model_.reference_temperature_K;
    weights_.min_temperature_K = model_.min_temperature_K;
    weights_.max_temperature_K = model_.max_temperature_K;
    weights_.sees_temperature = true;
    weights_.shift.direction = block_.direction;
    choose_coordinates();
    if (!weights_.shifts()) add_networks();
    add_regression();
    weights_.validate(path_);
    return std::move(weights_);
  }

 private:
  bool is_redrawn(std::size_t torsion) const {
    return std::find(block_.torsions.begin(), block_.torsions.end(), torsion) !=
           block_.torsions.end();
  }

  void choose_coordinates() {
    for (const std::size_t i : block_.torsions)
      weights_.soft.push_back(peptide_.torsions[i].coordinate);
    for (const PeptideBlock::Part& part : block_.parts) {
      first_torsion_.push_back(weights_.basis_torsions.size());
      for (const std::size_t i : peptide_.residues[part.residue].torsions)
        weights_.basis_torsions.push_back(peptide_.torsions[i].coordinate);
      rotors_.emplace_back();
      for (const PeptideRotor& rotor : peptide_.residues[part.residue].rotors) {
        const bool is_drawn =
            !block_.between_temperatures && (rotor.is_side_chain ? part.side_chain : part.backbone);
        rotors_.back().push_back(is_drawn ? std::optional(weights_.rotors.size()) : std::nullopt);
        if (is_drawn) weights_.rotors.push_back(rotor.rotor);
      }
    }
  }

  /// Networks of the soft torsions, and what they see.
  void add_networks() {
    for (std::size_t j = 0; j < peptide_.torsions.size(); ++j) {
      const bool is_seen =
          std::any_of(block_.torsions.begin(), block_.torsions.end(), [&](std::size_t i) {
            return context_slot(peptide_.torsions[j], peptide_.torsions[i].residue).has_value();
          });
      if (!is_seen || is_redrawn(j)) continue;
      context_.push_back(j);
      weights_.context.push_back(peptide_.torsions[j].coordinate);
    }
    for (std::size_t i = 0; i < block_.torsions.size(); ++i) add_soft_network(i);
  }

  std::size_t template_or_none(std::size_t residue, std::ptrdiff_t step) const {
    const auto r = static_cast<std::ptrdiff_t>(residue) + step;
    if (r < 0 || r >= static_cast<std::ptrdiff_t>(peptide_.residues.size()))
      return model_.templates.size();
    return seen_template(model_, peptide_, static_cast<std::size_t>(r), path_);
  }

  void add_soft_network(std::size_t i) {
    const PeptideTorsion& torsion = peptide_.torsions[block_.torsions[i]];
    NetworkPlace place;
    place.kind = torsion.kind;
    place.own = template_or_none(torsion.residue, 0);
    place.previous = template_or_none(torsion.residue, -1);
    place.next = template_or_none(torsion.residue, 1);
    for (const std::size_t j : context_)
      place.slots.push_back(context_slot(peptide_.torsions[j], torsion.residue));
    for (std::size_t j = 0; j < i; ++j)
      place.slots.push_back(context_slot(peptide_.torsions[block_.torsions[j]], torsion.residue));
    weights_.soft_networks.push_back(fold_network(model_, place));
  }

  void add_regression() {
    const std::size_t n_torsions = weights_.basis_torsions.size();
    n_basis_ = engine::leap_basis_size(n_torsions, weights_.rotors.size());
    std::vector<std::vector<double>> factors;
    for (std::size_t p = 0; p < block_.parts.size(); ++p) factors.push_back(add_part(p));
    const std::size_t n_fast = weights_.fast.size();
    weights_.fast_cholesky.assign(n_fast * n_fast, 0.0);
    std::size_t first = 0;
    for (const std::vector<double>& factor : factors) {
      const auto n = static_cast<std::size_t>(std::lround(std::sqrt(factor.size())));
      for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b <= a; ++b)
          weights_.fast_cholesky[(first + a) * n_fast + first + b] = factor[a * n + b];
      first += n;
    }
  }

  /// Fast coordinates of a part's residue that are redrawn, those that are held first.
  std::vector<std::size_t> drawn_of(const PeptideBlock::Part& part) const {
    const std::vector<PeptideFast>& fast = peptide_.residues[part.residue].fast;
    std::vector<std::size_t> drawn;
    for (std::size_t i = 0; i < fast.size(); ++i) {
      const bool is_kept = fast[i].is_kept && !(block_.between_temperatures && fast[i].goes_along);
      if (!is_kept && (fast[i].is_side_chain ? part.side_chain : part.backbone)) drawn.push_back(i);
    }
    std::stable_partition(drawn.begin(), drawn.end(),
                          [&](std::size_t i) { return fast[i].coordinate.is_held; });
    return drawn;
  }

  /// Fast coordinates and rotors of a part; returns the factor of their marginal covariance.
  std::vector<double> add_part(std::size_t p) {
    const PeptideBlock::Part& part = block_.parts[p];
    const PeptideResidue& residue = peptide_.residues[part.residue];
    const TemplateStatistics& entry =
        model_.templates[known_template(model_, peptide_, part.residue, path_)];
    BasisPlace place = {entry.n_torsions,
                        entry.n_rotors,
                        first_torsion_[p],
                        rotors_[p],
                        weights_.basis_torsions.size(),
                        weights_.rotors.size()};
    for (std::size_t r = 0; r < entry.n_rotors; ++r)
      if (place.rotors[r])
        weights_.rotor_networks.push_back(
            constant_mixture(entry.rotors[r], weights_.basis_torsions.size()));
    const std::vector<std::size_t> drawn = drawn_of(part);
    const std::size_t width = template_basis_size(entry.n_torsions, entry.n_rotors);
    for (const std::size_t i : drawn) {
      weights_.fast.push_back(residue.fast[i].coordinate);
      std::vector<double> row(n_basis_, 0.0);
      add_to_block_basis(place, {&entry.weights[i * width], width}, entry.rotor_means, row);
      weights_.fast_weights.insert(weights_.fast_weights.end(), row.begin(), row.end());
    }
    const std::size_t n = drawn.size();
    std::vector<double> covariance(n * n);
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b)
        covariance[a * n + b] = entry.covariance[drawn[a] * entry.n_fast + drawn[b]];
    return cholesky(covariance, n, path_ + ": template " + entry.name);
  }

  const PeptideModel& model_;
  const Peptide& peptide_;
  const PeptideBlock& block_;
  const std::string& path_;
  LeapWeights weights_;
  std::size_t n_basis_ = 0;
  std::vector<std::size_t> context_;
  std::vector<std::size_t> first_torsion_;                       ///< of each part
  std::vector<std::vector<std::optional<std::size_t>>> rotors_;  ///< of each part
};

}  // namespace

LeapWeights block_weights(const PeptideModel& model, const Peptide& peptide,
                          const PeptideBlock& block, const std::string& path) {
  return BlockAssembly(model.serving(peptide), peptide, block, path).build();
}

}  // namespace saltus::mlsamplers
