#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mlsamplers/peptides/peptide_model.h"
#include "mlsamplers/training/peptide_samples.h"

namespace saltus::mlsamplers {

/// Size of the networks and schedule of the training. What users may leave out has its default here
/// and nowhere else: decks hold one of these.
struct PeptideTrainingOptions {
  PeptideNetworkShape shape;
  std::uint64_t seed = 1;
  std::size_t n_steps = 20000;
  std::size_t batch_size = 256;  ///< rows of each kind of torsion in a step
  double learning_rate = 2e-3;   ///< of Adam; falls to `last_learning_rate` as a cosine
  double last_learning_rate = 1e-5;
  double weight_decay = 0.01;          ///< of matrices, times the learning rate, in each step
  double max_gradient_norm = 1.0;      ///< norm at which gradients are cut
  double average_decay = 0.999;        ///< of the running average of weights that is kept
  double held_out_fraction = 0.1;      ///< of the peptides, at least one; see train_peptides
  std::size_t n_held_out_rows = 2000;  ///< of each kind of torsion
  std::size_t check_period = 500;      ///< steps between held-out scores
  std::size_t patience = 10;           ///< checks without gain after which training stops
};

/// Where a training stands after a check.
struct PeptideTrainingState {
  std::size_t step = 0, n_steps = 0;
  double training = 0.0;  ///< mean -log q of the last steps, nats per torsion
  double held_out = 0.0;  ///< mean over kinds of torsions, nats per torsion
  double best_held_out = 0.0;
  double seconds_left = 0.0;
};
using PeptideTrainingProgress = std::function<void(const PeptideTrainingState&)>;

/// How a training goes on, and where.
struct PeptideTrainingFiles {
  /// Written at each check and removed by nobody; empty: none. A training with the same samples and
  /// options goes on from it and gives the same model, bit for bit.
  std::string checkpoint;
  PeptideTrainingProgress progress;        ///< may be empty
  std::function<bool()> should_stop = {};  ///< asked after each check; may be empty
};

/// Networks of soft torsions and how good they are on peptides they have not seen.
struct TrainedPeptides {
  PeptideModel model;  ///< templates as given
  double held_out = 0.0;
  /// Of a refinement: the score of the initial model.
  std::optional<double> initial_held_out;
  std::size_t best_step = 0;  ///< 0: no check of a refinement was better than the initial model
  std::vector<std::string> held_out_peptides;
  /// Why training ended before its last step, and that the best weights until then were kept;
  /// empty when it did not.
  std::string stopped;
  bool is_interrupted = false;  ///< by should_stop
};

/// Maximum likelihood of soft torsions given random parts of their context (PeptideMask). Adam with
/// a cosine schedule; of the running average of weights those of the check that was best on
/// held-out peptides are kept. A loss that is not finite ends the training with these. The same
/// samples, options and seed give the same networks.
///
/// With `model.initial` (peptide_refinement.h) it is a refinement: networks and embeddings begin as
/// the initial ones, whose sizes count, and matrices decay towards them. Of each peptide the last
/// frames are held out, so that one peptide is enough; when no check is better than the initial
/// model, its networks are kept.
/// @param model  templates, temperatures and card filled in; networks, embeddings, kind, scores and
///               training of the card are added
/// @throws InputError      when options are out of range, or there are fewer than two peptides; of
///                         a refinement, when there is none with two frames
/// @throws ModelError      when the checkpoint is of another training
/// @throws NumericalError  when the loss is not finite before the first check
TrainedPeptides train_peptides(const std::vector<PeptideSamples>& samples,
                               const PeptideTrainingOptions& options, PeptideModel model,
                               const PeptideTrainingFiles& files);

}  // namespace saltus::mlsamplers
