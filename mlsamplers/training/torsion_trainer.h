#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/core/thread_pool.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "mlsamplers/training/torsion_samples.h"

namespace saltus::mlsamplers {

/// Size of the network and schedule of the training. What users may leave out has its default here
/// and nowhere else: decks hold one of these.
struct TorsionTrainingOptions {
  TorsionNetworkShape shape;
  std::uint64_t seed = 1;
  std::size_t n_epochs = 40;     ///< passes over the molecules, with new samples and masks each
  std::size_t n_molecules = 24;  ///< in a batch
  std::size_t n_samples = 24;    ///< of each molecule in a batch, drawn with replacement
  double learning_rate = 1e-3;   ///< after a short rise; falls to `last_learning_rate` as a cosine
  double last_learning_rate = 1e-5;
  double weight_decay = 1e-2;       ///< of AdamW
  double max_gradient_norm = 1.0;   ///< norm at which gradients are cut
  double dropout = 0.0;             ///< in [0, 1): probability
  bool mirror = true;               ///< show mirror images as often as molecules themselves
  double held_out_fraction = 0.05;  ///< of the molecules, at least one
  std::size_t n_parts = 2;  ///< of a batch that are computed side by side when there are threads
};

/// Mean -log q(tau_b | context), nats; over torsions and samples of a molecule, then molecules.
struct TorsionScores {
  double nothing_known = 0.0, all_known = 0.0, random_order = 0.0;
  /// As masks are drawn in training: 1/4, 1/4, 1/2 of them.
  double mean() const { return 0.25 * (nothing_known + all_known) + 0.5 * random_order; }
};

/// Where a training stands after an epoch.
struct TorsionTrainingState {
  std::size_t epoch = 0, n_epochs = 0;  ///< epochs done, and to be done
  double training = 0.0;                ///< mean loss of this epoch
  TorsionScores held_out;
  double best_held_out = 0.0;  ///< least held_out.mean() so far
  double seconds_left = 0.0;
};
using TorsionTrainingProgress = std::function<void(const TorsionTrainingState&)>;

/// A network and how good it is on molecules it has not seen.
struct TrainedTorsionNetwork {
  TorsionNetwork network;
  TorsionScores held_out;
  std::size_t best_epoch = 0;
};

/// Maximum likelihood over molecules of equal weight: the mean of TorsionScores with new masks for
/// every sample. Keeps the weights of the epoch that was best on held-out molecules. The same data,
/// options and seed give the same network, whatever the number of threads.
/// @param pool  may be null
/// @param card  force field, temperature, creator and transferable->data, ->split filled in; kind,
///              elements, counts, seed, scores and training are added
/// @throws InputError      when options are out of range, there are fewer than two molecules, a
///                         molecule fails validate(), or has an element that is not known
/// @throws NumericalError  when the loss is not finite
TrainedTorsionNetwork train_torsion_network(const std::vector<TorsionSamples>& molecules,
                                            const TorsionTrainingOptions& options, ModelCard card,
                                            std::shared_ptr<engine::ThreadPool> pool,
                                            const TorsionTrainingProgress& progress);

}  // namespace saltus::mlsamplers
