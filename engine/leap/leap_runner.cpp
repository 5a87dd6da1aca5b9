#include "engine/leap/leap_runner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/dynamics/noise_lanes.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/leap/leap_lanes.h"

namespace saltus::engine {

namespace {

/// K by which a temperature may miss the range and still count as its end.
constexpr double kTemperatureTolerance_K = 1e-6;

LeapTable table_of(const std::string& name, const LeapWeights& weights, double carry) {
  weights.validate(name);
  return LeapTable(weights, carry);
}

}  // namespace

LeapRunner::LeapRunner(std::string name, const LeapWeights& weights, double carry,
                       std::shared_ptr<ThreadPool> pool)
    : name_(std::move(name)),
      temperature_K_(weights.temperature_K),
      min_temperature_K_(weights.min_temperature_K),
      max_temperature_K_(weights.max_temperature_K),
      table_(table_of(name_, weights, carry)),
      pool_(std::move(pool)) {
  choose_instruction_set();
}

MoveRequirements LeapRunner::with_requirements(MoveRequirements usual) const {
  usual.free_molecule = true;
  usual.one_temperature = min_temperature_K_ == max_temperature_K_;
  return usual;
}

void LeapRunner::for_each_block(
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

void LeapRunner::require_fit(const ChainView& chains) const {
  if (chains.positions.n_atoms != table_.n_atoms())
    throw InternalError(name_ + ": the model has another number of atoms");
  for (std::size_t c = 0; c < chains.states.size(); ++c)
    require_temperature(chains.states[c].temperature_K, chains.first_chain + c);
}

void LeapRunner::require_temperature(double temperature_K, std::size_t chain) const {
  if (temperature_K >= min_temperature_K_ - kTemperatureTolerance_K &&
      temperature_K <= max_temperature_K_ + kTemperatureTolerance_K)
    return;
  std::string range = std::to_string(min_temperature_K_);
  if (max_temperature_K_ > min_temperature_K_) range += " to " + std::to_string(max_temperature_K_);
  throw ModelError(name_ + ": chain " + std::to_string(chain) + " is at " +
                   std::to_string(temperature_K) + " K, the model is for " + range + " K");
}

double LeapRunner::temperature_ratio(double temperature_K) const {
  return std::clamp(temperature_K, min_temperature_K_, max_temperature_K_) / temperature_K_;
}

void LeapRunner::set_temperatures(const ChainView& chains, const BlockRows& rows,
                                  LeapScratch& scratch) const {
  const auto half_fast = 0.5 * static_cast<double>(table_.n_fast());
  for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
    const std::size_t chain = rows.first + std::min(lane, rows.count - 1);
    // With one temperature the ratio is exactly 1, and so are the factors.
    const double ratio = temperature_ratio(chains.states[chain].temperature_K);
    scratch.temperature[lane] = 1.0 / ratio - 1.0;
    scratch.scale[lane] = std::sqrt(ratio);
    scratch.inverse_scale[lane] = 1.0 / scratch.scale[lane];
    scratch.log_scale[lane] = half_fast * std::log(ratio);
  }
}

ProposalBatch LeapRunner::sample(const ChainView& current, const StepKey& key) const {
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
    set_temperatures(current, rows, scratch);
    draw_leap_block(table_, rows.count, scratch);
    unpack_rows(scratch.new_x.data(), rows.count, stride,
                result.positions.chain(rows.first).data());
    std::copy_n(scratch.log_forward.begin(), rows.count, result.log_forward.begin() + rows.first);
    std::copy_n(scratch.log_reverse.begin(), rows.count, result.log_reverse.begin() + rows.first);
  });
  return result;
}

void LeapRunner::log_density(ConstCoordinates to, const ChainView& from,
                             Span<double> log_density) const {
  if (to.n_atoms != table_.n_atoms() || to.n_chains != from.positions.n_chains ||
      to.n_chains != from.states.size() || log_density.size() != to.n_chains)
    throw InternalError(name_ + ": array sizes do not fit");
  require_fit(from);
  const std::size_t stride = to.stride();
  for_each_block(to.n_chains, [&](const BlockRows& rows, LeapScratch& scratch) {
    pack_rows(from.positions.chain(rows.first).data(), rows.count, stride, scratch.old_x.data());
    pack_rows(to.chain(rows.first).data(), rows.count, stride, scratch.new_x.data());
    set_temperatures(from, rows, scratch);
    leap_density_block(table_, rows.count, scratch);
    std::copy_n(scratch.log_forward.begin(), rows.count, log_density.begin() + rows.first);
  });
}

MappedConfigurations LeapRunner::map(const ChainView& from,
                                     Span<const double> temperatures_K) const {
  if (table_.n_soft() + table_.n_rotors() > 0 || temperatures_K.size() != from.states.size())
    throw InternalError(name_ + ": only fast coordinates go from one temperature to another");
  require_fit(from);
  for (std::size_t c = 0; c < temperatures_K.size(); ++c)
    require_temperature(temperatures_K[c], from.first_chain + c);
  const auto n_spread = static_cast<double>(table_.n_spread());
  const std::size_t stride = from.positions.stride();
  // A copy, so that each image is in the box of its own chain.
  MappedConfigurations result = {CoordinateBatch::repeated(from.positions, 1),
                                 std::vector<double>(from.positions.n_chains)};
  for_each_block(from.positions.n_chains, [&](const BlockRows& rows, LeapScratch& scratch) {
    pack_rows(from.positions.chain(rows.first).data(), rows.count, stride, scratch.old_x.data());
    set_temperatures(from, rows, scratch);
    for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
      const std::size_t chain = rows.first + std::min(lane, rows.count - 1);
      scratch.scale[lane] = std::sqrt(temperature_ratio(temperatures_K[chain]));
      scratch.log_scale[lane] =
          n_spread * std::log(scratch.scale[lane] * scratch.inverse_scale[lane]);
    }
    map_leap_block(table_, rows.count, scratch);
    unpack_rows(scratch.new_x.data(), rows.count, stride,
                result.positions.chain(rows.first).data());
    std::copy_n(scratch.log_forward.begin(), rows.count, result.log_volumes.begin() + rows.first);
  });
  return result;
}

}  // namespace saltus::engine
