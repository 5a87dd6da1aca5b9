#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mlsamplers/model/model_card.h"
#include "mlsamplers/model/model_file.h"
#include "mlsamplers/peptides/context_slots.h"
#include "mlsamplers/peptides/residue_fingerprint.h"

namespace saltus::mlsamplers {

inline constexpr const char* kPeptideKind = "peptide leap";

/// Sizes of the networks of soft torsions; one network for each TorsionKind.
struct PeptideNetworkShape {
  std::size_t n_hidden = 64;     ///< of two SiLU layers
  std::size_t n_components = 8;  ///< wrapped normals
  std::size_t n_embedding = 12;  ///< numbers that stand for a template

  /// Inputs of the first layer: harmonics of the slots as engine::MixtureNetworkWeights has them of
  /// angles (zero where a slot is not seen), a bit for each slot that is seen, embeddings of the
  /// residue, of the one before and of the one after, and T_ref / T - 1.
  std::size_t n_inputs() const;
  /// Columns where these begin.
  std::size_t first_bit() const;
  std::size_t first_embedding() const;
};

/// Parameters of one network; matrices [outputs, inputs], row-major.
struct PeptideNetwork {
  std::vector<double> first, first_bias, second, second_bias, head, head_bias;
};

/// A component of a rotor's mixture.
struct RotorComponent {
  double weight = 1.0, mean = 0.0, width = 1.0;  ///< of the folded angle, rad
};
constexpr std::size_t kRotorComponents = 3;

/// What is known of the rotors and fast coordinates of a template, in the order of PeptideResidue:
/// f = W b(torsions, rotors) + sqrt(T / T_ref) z, z ~ N(0, covariance).
struct TemplateStatistics {
  std::string name;
  ResidueFingerprint fingerprint{};
  std::size_t n_torsions = 0, n_rotors = 0, n_fast = 0;
  std::vector<double> weights;      ///< W, [F, template_basis_size]
  std::vector<double> covariance;   ///< at T_ref, [F, F]
  std::vector<double> rotor_means;  ///< [4 R], see add_to_block_basis
  std::vector<std::array<RotorComponent, kRotorComponents>> rotors;  ///< [R]
};

/// The transferable model of peptides; immutable once trained or loaded. Given the torsions that
/// are kept, it draws soft torsions at equilibrium: their present values are not seen (lag
/// infinite; the card's lag_ps is 0, and a lag would be one more input).
struct PeptideModel {
  ModelCard card;
  double reference_temperature_K = 0.0, min_temperature_K = 0.0, max_temperature_K = 0.0;
  PeptideNetworkShape shape;
  std::vector<TemplateStatistics> templates;
  /// [templates + 1, n_embedding]; the last stands for no residue.
  std::vector<double> embeddings;
  std::array<PeptideNetwork, kTorsionKinds> networks;
  /// Of a model that was refined: what it was before, with the same sizes, templates and
  /// temperatures; not refined itself. Only the peptides of `refined_on` are served by the numbers
  /// above, all others by these.
  std::shared_ptr<const PeptideModel> initial;
  /// Template names of each of these peptides, residue by residue.
  std::vector<std::vector<std::string>> refined_on;

  /// What serves a peptide: this, or `initial` when this was refined on others.
  const PeptideModel& serving(const Peptide& peptide) const;
  /// Index into `templates`; nothing when it was not there in training.
  std::optional<std::size_t> find(const std::string& template_name) const;
  /// @throws ModelError  beginning with `path`, when sizes do not fit each other, a number is not
  ///                     finite, or the refined part does not fit the initial one
  void validate(const std::string& path) const;
};

/// What the model's soft torsions are seen through: a network of one torsion of a molecule.
struct NetworkPlace {
  TorsionKind kind = TorsionKind::kPhi;
  /// Of the model's templates, or templates.size(): none.
  std::size_t own = 0, previous = 0, next = 0;
  /// Slot of each angle that the network sees, in the order of the angles; nothing: out of sight.
  std::vector<std::optional<std::size_t>> slots;
};

/// A network for one torsion of one molecule: embeddings and bits go into the bias, columns of
/// slots that are not seen drop.
engine::MixtureNetworkWeights fold_network(const PeptideModel& model, const NetworkPlace& place);

/// Writes the model, card included, as a safetensors file (model_file.h).
/// @throws FileError
void save_peptide_model(const PeptideModel& model, const std::string& path);

/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a peptide model, is damaged or of another format version
PeptideModel load_peptide_model(const std::string& path);
/// The same of a file that has been opened.
/// @throws ModelError
PeptideModel read_peptide_model(ModelReader& reader);

}  // namespace saltus::mlsamplers
