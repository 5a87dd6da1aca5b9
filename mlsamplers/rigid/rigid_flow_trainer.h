#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/potential/energy_function.h"
#include "engine/rigid/rigid_bodies.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

/// Schedule of a training.
struct RigidFlowTrainingOptions {
  std::uint64_t seed = 0;
  std::size_t n_epochs = 10, steps_per_epoch = 1000;
  std::size_t batch_size = 32;  ///< samples of each gradient, of each end that is used
  /// In [0, 1], of the energy of the target in the loss; likelihood has the rest.
  double energy_weight = 1.0;
  /// Epochs without a lower held-out loss after which training stops; 0: it goes to its end.
  std::size_t patience = 0;
  /// Of Adam. It falls from the first to the last as a geometric series over epochs, and within
  /// each epoch as a cosine from its own value to that of the next.
  double first_rate = 1e-3, last_rate = 1e-5;

  /// @throws InputError  naming what is out of range
  void validate() const;
  /// Learning rate of a step.
  double rate(std::size_t step) const;
};

/// Samples of one end with their boxes.
struct RigidFlowSamples {
  engine::ConstCoordinates training;  ///< [B, N, 3]
  engine::ConstCoordinates held_out;  ///< [B', N, 3]; from other chains, so that they are new
};

/// What a training works with.
struct RigidFlowData {
  RigidFlowSamples base;    ///< used when energy_weight is not 0
  RigidFlowSamples target;  ///< used when it is not 1
};

/// Trains a flow: minimises L = a L_E + (1 - a) L_L, a the weight of the energy. By the energy of
/// its target, without samples of it,
///   L_E = E_base[w],  w = beta' U(f(x)) - beta U(x) - log |det|,
/// which is the difference of the reduced free energies of target and base plus the
/// Kullback-Leibler divergence of the mapped density from the target's, in nats. A target with
/// several minima may lose some of them in this way, since the divergence is small where the mapped
/// density is small. By the likelihood of samples of the target,
///   L_L = E_target[w],  w = beta U(f^-1(x)) - beta' U(x) - log |det of the inverse|,
/// minus that difference plus the divergence of the target's density from the mapped one, least
/// where the samples have the greatest likelihood; it is large where a minimum is lost. With a =
/// 1/2 the difference cancels: L is half of both divergences, which is 0 for a perfect flow.
///
/// Samples are taken in the numbering of equal atoms nearest to the sites, with kLinear. Forces
/// come from the energy function: the gradient of the energy is that of -sum_i F_i . x_i with F_i
/// constant and x_i the places of the atoms, sites included, as functions of the poses. Adam,
/// without clipping. Gives the flow the weights of the point with the lowest held-out loss and
/// writes the curve, a point at the start and one after each epoch. Source: Koehler, Invernizzi, de
/// Haan, Noe, Rigid Body Flows, ICML (2023), doi:10.48550/arXiv.2301.11355.
/// @param energy    of the system whose bodies these are
/// @param progress  called at each point; may be empty
/// @throws InputError      when the flow does not fit bodies or boxes; when of an end that is used
///                         no samples are held out, or there are fewer for training than a batch
/// @throws NumericalError  when loss or gradient is no longer finite; the flow then has the weights
///                         of the last best point and its curve up to there
void train_rigid_flow(RigidFlowModel& model, const engine::RigidBodies& bodies,
                      const engine::EnergyFunction& energy, const RigidFlowData& data,
                      const RigidFlowTrainingOptions& options,
                      const std::function<void(const RigidFlowScore&)>& progress);

}  // namespace saltus::mlsamplers
