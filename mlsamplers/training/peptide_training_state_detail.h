#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "mlsamplers/training/peptide_trainer.h"

namespace saltus::mlsamplers {

constexpr std::size_t kTensorsPerKind = 6;

/// All parameters of a model: parts of embeddings, then six tensors for each kind of torsion.
using Parameters = std::vector<torch::Tensor>;

/// How parts add up to the embeddings of templates: what a residue has wherever it stands, what all
/// first and all last residues share, and a smaller part of the template's own, so that what is
/// learned of a residue at one place serves it at others. The last row, of no residue, has a part
/// of its own.
/// @return [templates + 1, parts]
torch::Tensor embedding_mix(const std::vector<TemplateStatistics>& templates);

/// Parameters before training, from our own streams.
Parameters first_parameters(const PeptideNetworkShape& shape, std::size_t n_parts,
                            std::uint64_t seed);

/// Parameters of a model that is refined: its embeddings stand for themselves, in place of parts.
Parameters parameters_of(const PeptideModel& model);

/// log q of rows, [n].
/// @param embeddings  of templates and of none
torch::Tensor log_density(const Parameters& parameters, const torch::Tensor& embeddings,
                          std::size_t kind, const PeptideRows& rows);

/// Copies that know of no gradient.
Parameters copy_of(const Parameters& from);
std::vector<double> doubles_of(const torch::Tensor& tensor);

/// Everything that goes on from one step to the next.
struct PeptideTrainingParts {
  std::size_t step = 0, best_step = 0, checks_since_best = 0;
  double best = std::numeric_limits<double>::infinity();
  Parameters parameters, first_moments, second_moments, average, best_average;

  std::vector<std::pair<const char*, Parameters*>> groups() {
    return {{"parameter", &parameters},
            {"first_moment", &first_moments},
            {"second_moment", &second_moments},
            {"average", &average},
            {"best", &best_average}};
  }
};

/// Of all that a training depends on.
std::string identity_of_training(const std::vector<PeptideSamples>& samples,
                                 const PeptideTrainingOptions& options, const PeptideModel& model);

/// @throws FileError
void save_peptide_checkpoint(PeptideTrainingParts& state, const std::string& identity,
                             const std::string& path);
/// @param state  has tensors of the right sizes
/// @throws ModelError  when it is the checkpoint of another training, or damaged
void load_peptide_checkpoint(const std::string& identity, const std::string& path,
                             PeptideTrainingParts& state);

}  // namespace saltus::mlsamplers
