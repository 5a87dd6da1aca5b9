#include "engine/torsions/torsion_reset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/core/aligned_vector.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/torsions/mixture_lanes.h"
#include "engine/torsions/torsion_lanes.h"
#include "engine/torsions/torsion_subset_density.h"

namespace saltus::engine {

namespace {

/// The work on blocks of chains, with the memory of one thread.
class ResetBlock {
 public:
  ResetBlock(const TorsionResetParts& parts, const ChainView& current, const StepKey& key)
      : parts_(parts),
        graph_(*parts.graph),
        current_(current),
        key_(key),
        x_(current.positions.stride() * kLaneWidth),
        tau_(graph_.torsions.size() * kLaneWidth),
        shown_(tau_.size()),
        angles_(parts.options.n_torsions * kLaneWidth),
        known_(tau_.size()),
        signs_(graph_.inversions.size() * kLaneWidth) {}

  /// Draws for chains first .. first + n_lanes - 1.
  void draw(std::size_t first, std::size_t n_lanes, std::size_t n_tries, ProposalBatch& out) {
    first_ = first;
    n_lanes_ = n_lanes;
    measure();
    begin();
    if (n_steps_ > 0) ask(0, first_density_);
    for (std::size_t lane = 0; lane < n_lanes_; ++lane)
      for (std::size_t k = 0; k < subsets_[lane].size(); ++k) angle(k, lane) = old_angle(k, lane);
    std::vector<RandomStream> streams;
    follow(streams, reverse_);
    for (std::size_t lane = 0; lane < n_lanes_; ++lane)
      streams.emplace_back(key_, StreamName::kProposal, number_of(lane));
    for (std::size_t t = 0; t < n_tries; ++t) {
      follow(streams, forward_);
      for (std::size_t lane = 0; lane < n_lanes_; ++lane)
        leave(lane, (first_ + lane) * n_tries + t, out);
    }
  }

 private:
  std::uint32_t number_of(std::size_t lane) const {
    return current_.first_chain + static_cast<std::uint32_t>(first_ + lane);
  }
  /// Of the k-th torsion of a lane's subset.
  double& angle(std::size_t k, std::size_t lane) { return angles_[k * kLaneWidth + lane]; }
  double old_angle(std::size_t k, std::size_t lane) const {
    return tau_[subsets_[lane][k] * kLaneWidth + lane];
  }

  void measure() {
    const ConstCoordinates x = current_.positions;
    pack_rows(x.chain(first_).data(), n_lanes_, x.stride(), x_.data());
    measure_torsions(graph_, n_lanes_, x_.data(), tau_.data());
    measure_inversions(graph_, n_lanes_, x_.data(), signs_.data());
  }

  bool all_torsions_defined(std::size_t lane) const {
    for (std::size_t i = lane; i < tau_.size(); i += kLaneWidth)
      if (!std::isfinite(tau_[i])) return false;
    return true;
  }

  /// Draws the subsets; lanes with an undefined torsion have none.
  void begin() {
    n_steps_ = 0;
    power_.fill(1.0);
    for (std::size_t lane = 0; lane < n_lanes_; ++lane) {
      RandomStream random(key_, StreamName::kTorsionSubset, number_of(lane));
      subsets_[lane] = draw_torsion_subset(graph_, parts_.options.n_torsions, random);
      if (!all_torsions_defined(lane)) subsets_[lane].clear();
      n_steps_ = std::max(n_steps_, subsets_[lane].size());
      const double temperature_K = current_.states[first_ + lane].temperature_K;
      if (temperature_K > parts_.options.model_temperature_K)
        power_[lane] = parts_.options.model_temperature_K / temperature_K;
    }
    shown_ = tau_;
    std::fill(known_.begin(), known_.end(), std::uint8_t{1});
    hide_subsets();
  }

  void show(std::size_t lane, std::size_t torsion, double value) {
    shown_[torsion * kLaneWidth + lane] = value;
    known_[torsion * kLaneWidth + lane] = 1;
  }

  void hide_subsets() {
    for (std::size_t lane = 0; lane < n_lanes_; ++lane)
      for (const std::size_t torsion : subsets_[lane]) {
        shown_[torsion * kLaneWidth + lane] = 0.0;
        known_[torsion * kLaneWidth + lane] = 0;
      }
  }

  /// Densities of the k-th torsion of each subset, given what is shown.
  void ask(std::size_t k, MixtureBlock& out) {
    std::array<std::size_t, kLaneWidth> asked;
    asked.fill(kNowhere);
    for (std::size_t lane = 0; lane < n_lanes_; ++lane)
      if (k < subsets_[lane].size()) asked[lane] = subsets_[lane][k];
    parts_.model->block_density({n_lanes_,
                                 {asked.data(), asked.size()},
                                 {shown_.data(), shown_.size()},
                                 {known_.data(), known_.size()},
                                 {signs_.data(), signs_.size()}},
                                out);
    prepare_mixtures(power_.data(), parts_.options.uniform, n_lanes_, out);
  }

  /// log q of the angles of the subsets, which are drawn on the way if there are streams.
  void follow(std::vector<RandomStream>& streams, std::array<double, kLaneWidth>& log_density) {
    log_density.fill(0.0);
    for (std::size_t k = 0; k < n_steps_; ++k) {
      // What the first torsions depend on never changes.
      if (k > 0) ask(k, next_density_);
      const MixtureBlock& density = k == 0 ? first_density_ : next_density_;
      for (std::size_t lane = 0; lane < streams.size(); ++lane)
        if (k < subsets_[lane].size()) angle(k, lane) = density.view(lane).sample(streams[lane]);
      mixture_log_densities(density, n_lanes_, &angle(k, 0), logs_.data());
      for (std::size_t lane = 0; lane < n_lanes_; ++lane) {
        if (k >= subsets_[lane].size()) continue;
        log_density[lane] += logs_[lane];
        show(lane, subsets_[lane][k], angle(k, lane));
      }
    }
    hide_subsets();
    for (std::size_t lane = 0; lane < n_lanes_; ++lane)
      require_density(*parts_.model, log_density[lane]);
  }

  /// Turns the bonds of a row of the result. A torsion's angle does not depend on other turns, so
  /// that none is measured again.
  void leave(std::size_t lane, std::size_t row, ProposalBatch& out) {
    if (subsets_[lane].empty()) {
      out.log_forward[row] = -std::numeric_limits<double>::infinity();
      return;
    }
    out.log_forward[row] = forward_[lane];
    out.log_reverse[row] = reverse_[lane];
    for (std::size_t k = 0; k < subsets_[lane].size(); ++k)
      rotate_about_bond(graph_.torsions[subsets_[lane][k]].bond,
                        angle(k, lane) - old_angle(k, lane), out.positions.chain(row));
  }

  const TorsionResetParts& parts_;
  const TorsionGraph& graph_;
  const ChainView& current_;
  const StepKey& key_;
  std::size_t first_ = 0, n_lanes_ = 0;
  std::size_t n_steps_ = 0;  ///< size of the largest subset
  std::array<std::vector<std::size_t>, kLaneWidth> subsets_;
  AlignedVector<double> x_;       ///< [N][3][lane], nm
  AlignedVector<double> tau_;     ///< [R][lane], of the chains
  AlignedVector<double> shown_;   ///< [R][lane]: 0 where not known
  AlignedVector<double> angles_;  ///< [n][lane], of the subsets
  std::vector<std::uint8_t> known_;
  std::vector<int> signs_;
  MixtureBlock first_density_, next_density_;
  alignas(64) std::array<double, kLaneWidth> power_;  ///< of flattened densities
  alignas(64) std::array<double, kLaneWidth> logs_;
  std::array<double, kLaneWidth> forward_, reverse_;
};

}  // namespace

TorsionReset::TorsionReset(std::shared_ptr<const TorsionGraph> graph,
                           std::shared_ptr<const TorsionModel> model,
                           const TorsionResetOptions& options, std::shared_ptr<ThreadPool> pool)
    : graph_(std::move(graph)),
      model_(std::move(model)),
      options_(options),
      pool_(std::move(pool)) {
  check_torsion_reset("torsion_reset", {graph_, model_, options_});
  choose_instruction_set();
}

std::string TorsionReset::name() const {
  return "torsion_reset_" + std::to_string(options_.n_torsions);
}

ProposalBatch TorsionReset::sample_tries(const ChainView& current, std::size_t n_tries,
                                         const StepKey& key) const {
  const TorsionResetParts parts{graph_, model_, options_};
  const std::size_t n_chains = current.positions.n_chains;
  ProposalBatch result(current.positions, n_tries);
  for_each_run_of_blocks(pool_.get(), count_blocks(n_chains),
                         [&](std::size_t first, std::size_t last) {
                           ResetBlock block(parts, current, key);
                           for (std::size_t row = first * kLaneWidth;
                                row < std::min(n_chains, last * kLaneWidth); row += kLaneWidth)
                             block.draw(row, std::min(kLaneWidth, n_chains - row), n_tries, result);
                         });
  return result;
}

}  // namespace saltus::engine
