#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/core/thread_pool.h"
#include "engine/leap/leap_table.h"
#include "engine/moves/proposal.h"
#include "engine/moves/temperature_map.h"

namespace saltus::engine {

struct LeapScratch;  // leap_scratch.h

/// What LaneLeap and CarriedLeap share: a leap on blocks of chains, the blocks on a pool.
class LeapRunner {
 public:
  /// @param name   begins error messages
  /// @param carry  in [0, 1]: see LeapTable
  /// @param pool   null: everything on the calling thread
  /// @throws ModelError  when the weights do not fit each other
  LeapRunner(std::string name, const LeapWeights& weights, double carry,
             std::shared_ptr<ThreadPool> pool);

  const std::string& name() const { return name_; }
  double carry() const { return table_.carry; }
  /// Adds to what every proposal needs.
  MoveRequirements with_requirements(MoveRequirements usual) const;
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  ProposalBatch sample(const ChainView& current, const StepKey& key) const;
  /// Of a carry of 0; see TractableProposal.
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  void log_density(ConstCoordinates to, const ChainView& from, Span<double> log_density) const;
  /// Fast coordinates f = mu + sqrt(T / T_ref) L z at the same z and other temperatures, those that
  /// are held at the same sqrt(T / T_ref) z. Of weights that redraw fast coordinates only.
  /// @throws ModelError  when a temperature, old or new, is not one that the weights are for
  MappedConfigurations map(const ChainView& from, Span<const double> temperatures_K) const;

 private:
  /// Rows of one block.
  struct BlockRows {
    std::size_t first = 0, count = 0;
  };

  void for_each_block(std::size_t n_chains,
                      const std::function<void(const BlockRows&, LeapScratch&)>& work) const;
  void require_fit(const ChainView& chains) const;
  void require_temperature(double temperature_K, std::size_t chain) const;
  /// T / T_ref of a chain; exactly 1 when the weights are for one temperature.
  double temperature_ratio(double temperature_K) const;
  void set_temperatures(const ChainView& chains, const BlockRows& rows, LeapScratch& scratch) const;

  std::string name_;
  double temperature_K_, min_temperature_K_, max_temperature_K_;
  LeapTable table_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace saltus::engine
