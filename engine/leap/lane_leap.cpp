#include "engine/leap/lane_leap.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/dynamics/noise_lanes.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/leap/leap_lanes.h"

namespace saltus::engine {

namespace {

LeapTable table_of(const LeapWeights& weights) {
  weights.validate("learned_leap");
  return LeapTable(weights);
}

}  // namespace

LaneLeap::LaneLeap(const LeapWeights& weights, std::shared_ptr<ThreadPool> pool)
    : temperature_K_(weights.temperature_K), table_(table_of(weights)), pool_(std::move(pool)) {
  choose_instruction_set();
}

MoveRequirements LaneLeap::requirements() const {
  MoveRequirements result = Proposal::requirements();
  result.free_molecule = true;
  result.one_temperature = true;
  return result;
}

void LaneLeap::for_each_block(
    std::size_t n_chains, const std::function<void(const BlockRows&, LeapScratch&)>& work) const {
  for_each_run_of_blocks(pool_.get(), count_blocks(n_chains),
                         [&](std::size_t first, std::size_t last) {
                           LeapScratch scratch(table_);
                           for (std::size_t block = first; block < last; ++block) {
                             const std::size_t row = block * kLaneWidth;
                             work({row, std::min(kLaneWidth, n_chains - row)}, scratch);
                           }
                         });
}

void LaneLeap::require_fit(const ChainView& chains) const {
  if (chains.positions.n_atoms != table_.n_atoms())
    throw InternalError("learned_leap: the model has another number of atoms");
  for (std::size_t c = 0; c < chains.states.size(); ++c)
    if (std::abs(chains.states[c].temperature_K - temperature_K_) > 1e-6)
      throw ModelError("learned_leap: chain " + std::to_string(chains.first_chain + c) + " is at " +
                       std::to_string(chains.states[c].temperature_K) + " K, the model is for " +
                       std::to_string(temperature_K_) + " K");
}

ProposalBatch LaneLeap::sample(const ChainView& current, const StepKey& key) const {
  require_fit(current);
  const std::size_t stride = current.positions.stride();
  ProposalBatch result(current.positions);
  for_each_block(current.positions.n_chains, [&](const BlockRows& rows, LeapScratch& scratch) {
    const auto chain = current.first_chain + static_cast<std::uint32_t>(rows.first);
    draw_words(stream_start(key, StreamName::kProposal, chain), 0, scratch.n_word_blocks(),
               rows.count, scratch.words.data());
    draw_words(stream_start(key, StreamName::kProposalComponent, chain), 0,
               scratch.n_component_word_blocks(), rows.count, scratch.component_words.data());
    pack_rows(current.positions.chain(rows.first).data(), rows.count, stride, scratch.old_x.data());
    draw_leap_block(table_, rows.count, scratch);
    unpack_rows(scratch.new_x.data(), rows.count, stride,
                result.positions.chain(rows.first).data());
    std::copy_n(scratch.log_forward.begin(), rows.count, result.log_forward.begin() + rows.first);
    std::copy_n(scratch.log_reverse.begin(), rows.count, result.log_reverse.begin() + rows.first);
  });
  return result;
}

void LaneLeap::log_density(ConstCoordinates to, const ChainView& from,
                           Span<double> log_density) const {
  if (to.n_atoms != table_.n_atoms() || from.positions.n_atoms != table_.n_atoms() ||
      to.n_chains != from.positions.n_chains || log_density.size() != to.n_chains)
    throw InternalError("learned_leap: array sizes do not fit");
  const std::size_t stride = to.stride();
  for_each_block(to.n_chains, [&](const BlockRows& rows, LeapScratch& scratch) {
    pack_rows(from.positions.chain(rows.first).data(), rows.count, stride, scratch.old_x.data());
    pack_rows(to.chain(rows.first).data(), rows.count, stride, scratch.new_x.data());
    leap_density_block(table_, rows.count, scratch);
    std::copy_n(scratch.log_forward.begin(), rows.count, log_density.begin() + rows.first);
  });
}

}  // namespace saltus::engine
