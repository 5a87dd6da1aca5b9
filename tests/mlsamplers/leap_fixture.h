#pragma once

#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/ensemble/canonical.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "mlsamplers/training/leap_trainer.h"
#include "tests/mlsamplers/separable_molecule.h"

/// The molecule, options and models that the tests of the learned leap share.
namespace saltus::tests {

const SeparableMolecule& molecule();
engine::Canonical leap_target();
/// Card of the molecule with everything but what training fills in.
mlsamplers::ModelCard leap_card();
/// Small networks, few epochs.
mlsamplers::LeapTrainingOptions leap_options();

/// Trained once, on 3200 exact draws.
const mlsamplers::TrainedLeap& trained_leap();
/// Networks as they were initialised, so that they depend on the current state at random.
mlsamplers::LeapModel untrained_model();

std::shared_ptr<const mlsamplers::LeapProposal> leap_of(const mlsamplers::LeapModel& model);

/// log q(to|from) of chains at the model's temperature, [B].
std::vector<double> leap_density(const mlsamplers::LeapModel& model, const engine::ChainBatch& to,
                                 const engine::ChainBatch& from);

}  // namespace saltus::tests
