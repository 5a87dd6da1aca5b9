#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "engine/torsions/torsion_reset.h"

namespace saltus::engine {

/// Torsions to reset together, ascending: one drawn uniformly, up to n - 1 more drawn uniformly
/// without replacement from its neighbours. Depends on the graph alone, never on a state.
std::vector<std::size_t> draw_torsion_subset(const TorsionGraph& graph, std::size_t n,
                                             RandomStream& random);

/// Joint density of the torsions S of one configuration given all others and the signs of centres:
///   log q = sum_{b in S, ascending} log q_b(tau_b | tau_{S, <b}, tau_{not S}, signs),
/// the model's densities flattened for hot chains and mixed with a uniform one. Models are shown 0
/// in place of every torsion that is not known. Drawing and evaluating follow the same path.
class TorsionSubsetDensity {
 public:
  /// @param subset    ascending
  /// @param torsions  [R], rad, of the configuration; those of S may be anything
  /// @param signs     [I], of its invertible centres
  TorsionSubsetDensity(const TorsionModel& model, const TorsionResetOptions& options,
                       double temperature_K, std::vector<std::size_t> subset,
                       Span<const double> torsions, std::vector<int> signs);

  const std::vector<std::size_t>& subset() const { return subset_; }
  /// Draws the torsions of S.
  /// @param tau  out [|S|], in [-pi, pi)
  /// @return     log q(tau)
  double draw(RandomStream& random, Span<double> tau);
  /// log q of given torsions [|S|].
  double log_density(Span<const double> tau);

 private:
  /// log q of tau [|S|], drawing it on the way if there is a stream.
  double follow(RandomStream* random, Span<double> tau);
  void hide_subset();
  void load_density(std::size_t torsion, VonMisesMixture& out) const;

  const TorsionModel& model_;
  TorsionResetOptions options_;
  double temperature_K_;
  std::vector<std::size_t> subset_;
  std::vector<double> shown_;        // [R]: 0 where not known
  std::vector<std::uint8_t> known_;  // [R]
  std::vector<int> signs_;
  VonMisesMixture first_;  // of the first torsion of S: what it depends on never changes
  VonMisesMixture next_;
  std::vector<double> given_;  // [|S|]
};

/// Of a model whose densities are asked for.
/// @throws ModelError  when log q is not a number
void require_density(const TorsionModel& model, double log_density);

/// Turns the torsions of a subset to `tau` [|S|].
void set_torsions(const TorsionGraph& graph, Span<const std::size_t> subset, Span<const double> tau,
                  Span<double> x);

/// What a reset is made of: shared by the moves that do it.
struct TorsionResetParts {
  std::shared_ptr<const TorsionGraph> graph;
  std::shared_ptr<const TorsionModel> model;
  TorsionResetOptions options;
};

/// @throws InputError  when there is no torsion, sizes differ, or an option is out of range; `name`
///                     begins the message
void check_torsion_reset(const std::string& name, const TorsionResetParts& parts);

}  // namespace saltus::engine
