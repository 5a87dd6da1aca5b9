#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/ensemble/canonical.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "mlsamplers/training/leap_trainer.h"
#include "tests/mlsamplers/separable_molecule.h"
#include "tests/support/statistics.h"

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

/// A block of the molecule: one soft torsion and the rotor, drawn with random dependences on
/// everything that may be seen, and a bond, an angle and a stiff torsion, whose means are misled
/// and whose widths are 0.75 of what they should be at the temperature of use. T_ref is another.
engine::LeapWeights misled_block();

std::shared_ptr<const mlsamplers::LeapProposal> leap_of(const mlsamplers::LeapModel& model);

/// Starts in the answer, applies Metropolis moves over the proposal and compares every coordinate
/// with its exact distribution; the worst of them.
DistributionCheck check_leap(const std::string& label,
                             std::shared_ptr<const engine::Proposal> proposal, std::uint64_t seed,
                             std::size_t n_chains, std::size_t n_applications);

/// log q(to|from) of chains at the model's temperature, [B].
std::vector<double> leap_density(const mlsamplers::LeapModel& model, const engine::ChainBatch& to,
                                 const engine::ChainBatch& from);

}  // namespace saltus::tests
