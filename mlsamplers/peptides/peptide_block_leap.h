#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/thread_pool.h"
#include "engine/moves/proposal.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/peptides/proline_rings.h"

namespace saltus::mlsamplers {

/// The file of the peptide model that is built into this library; empty: there is none.
engine::Span<const unsigned char> shipped_peptide_model();

/// The peptide model that is built into this library.
/// @throws ModelError  when it is damaged; what an empty file gives when there is none
PeptideModel load_shipped_peptide_model();

/// All leaps of the peptides of a system (peptide_leaps), half-turns of their peptide bonds, and
/// flips of proline's ring between its puckers (engine::RingFlip), as one proposal, which draws one
/// of them each step. Nothing else is moved. Which ring is flipped is drawn uniformly; its ring
/// atoms keep their place and orientation on the whole, and both ends of the chain are carried as
/// rigid bodies.
/// @param path  of the model, for messages
/// @param pool  null: everything on the calling thread
/// @throws ModelError, InputError  as peptide_leaps
/// @throws NumericalError  as proline_ring_states
std::shared_ptr<const engine::Proposal> peptide_block_leap(
    const PeptideModel& model, const PeptideSubject& subject, const PeptideLeapOptions& options,
    const std::string& path, std::shared_ptr<engine::ThreadPool> pool);

}  // namespace saltus::mlsamplers
