#include "tests/exactness/torsion_bugs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/vec3.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

using engine::Span;
using engine::Vec3;
using engine::VonMisesMixture;

namespace {

constexpr double kUniformShare = 0.1;

/// Heavy in the middle and light beside it, so that the factor varies with the torsions: the
/// standard deviation of its log is 0.6.
constexpr std::array<double, 6> kMasses = {1.0, 0.1, 10.0, 10.0, 0.1, 1.0};

/// One component of a mixture as a density of its own, and its share in the whole.
VonMisesMixture component(const VonMisesMixture& whole, std::size_t k) {
  return {whole.fold, 0.0, {1.0}, {whole.means[k]}, {whole.concentrations[k]}};
}

/// The model's density of one torsion where some are hidden, mixed with a uniform one.
VonMisesMixture mixed_density(const engine::TorsionModel& model, std::size_t torsion,
                              const std::vector<double>& tau,
                              const std::vector<std::size_t>& hidden) {
  std::vector<std::uint8_t> known(tau.size(), 1);
  for (std::size_t t : hidden) known[t] = 0;
  VonMisesMixture mixture;
  model.density(torsion, {tau, known, {}}, mixture);
  mixture.uniform = kUniformShare + (1.0 - kUniformShare) * mixture.uniform;
  return mixture;
}

}  // namespace

double log_metric_factor(const engine::TorsionGraph& graph, Span<const double> x) {
  const std::size_t n = x.size() / 3, n_columns = 6 + graph.torsions.size();
  std::vector<std::vector<double>> columns(n_columns, std::vector<double>(x.size(), 0.0));
  for (std::size_t d = 0; d < 3; ++d) {
    const Vec3 axis = {d == 0 ? 1.0 : 0.0, d == 1 ? 1.0 : 0.0, d == 2 ? 1.0 : 0.0};
    for (std::size_t a = 0; a < n; ++a) {
      columns[d][3 * a + d] = 1.0;
      const Vec3 turn = engine::cross(axis, engine::load_atom(x.data(), a));
      engine::add_to_atom(columns[3 + d].data(), a, turn);
    }
  }
  for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
    const engine::RotatableBond& bond = graph.torsions[t].bond;
    const Vec3 origin = engine::load_atom(x.data(), bond.axis_to);
    const Vec3 along = origin - engine::load_atom(x.data(), bond.axis_from);
    for (std::size_t a : bond.moving)
      engine::add_to_atom(columns[6 + t].data(), a,
                          1.0 / engine::norm(along) *
                              engine::cross(along, engine::load_atom(x.data(), a) - origin));
  }
  std::vector<double> gram(n_columns * n_columns, 0.0);
  for (std::size_t i = 0; i < n_columns; ++i)
    for (std::size_t j = 0; j < n_columns; ++j)
      for (std::size_t k = 0; k < x.size(); ++k)
        gram[i * n_columns + j] += kMasses[k / 3] * columns[i][k] * columns[j][k];
  return 0.5 * log_abs_determinant(gram, n_columns);
}

std::vector<std::size_t> BreakableTorsionReset::draw_subset(const std::vector<double>& tau,
                                                            engine::RandomStream& random) const {
  const std::size_t n = tau.size();
  std::size_t first = random.below(n);
  if (bug_ == ResetBug::kStateSubset && std::cos(tau[0]) > 0.0) first = 0;
  std::vector<std::size_t> subset = {first};
  std::vector<std::size_t> near = graph_->torsions[first].neighbours;
  while (subset.size() < n_torsions_ && !near.empty()) {
    const auto choice = near.begin() + static_cast<std::ptrdiff_t>(random.below(near.size()));
    subset.push_back(*choice);
    near.erase(choice);
  }
  return subset;
}

double BreakableTorsionReset::log_density(std::vector<std::size_t> order,
                                          const std::vector<double>& tau) const {
  double sum = 0.0;
  while (!order.empty()) {
    sum += mixed_density(*model_, order.front(), tau, order).log_density(tau[order.front()]);
    order.erase(order.begin());
  }
  return sum;
}

engine::ProposalBatch BreakableTorsionReset::sample(const engine::ChainView& current,
                                                    const engine::StepKey& key) const {
  const engine::ConstCoordinates x = current.positions;
  engine::ProposalBatch batch(x);
  std::vector<double> tau(graph_->torsions.size());
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const auto chain = current.first_chain + static_cast<std::uint32_t>(c);
    engine::RandomStream subset_stream(key, engine::StreamName::kTorsionSubset, chain);
    engine::RandomStream angle_stream(key, engine::StreamName::kProposal, chain);
    engine::torsion_angles(*graph_, x.chain(c), tau);
    std::vector<std::size_t> order = draw_subset(tau, subset_stream), ascending = order;
    std::sort(ascending.begin(), ascending.end());
    if (bug_ != ResetBug::kOrder) order = ascending;

    std::vector<double> next = tau;
    double back_by_component = 0.0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const VonMisesMixture whole = mixed_density(
          *model_, order[k], next, {order.begin() + static_cast<std::ptrdiff_t>(k), order.end()});
      if (bug_ == ResetBug::kDrawnComponent) {
        // Two components of the model and the uniform part, drawn by hand.
        const double u = angle_stream.uniform() - whole.uniform;
        const double share = 1.0 - whole.uniform;
        const std::size_t drawn = u < share * whole.weights[0] ? 0 : 1;
        const VonMisesMixture alone = u < 0.0 ? VonMisesMixture() : component(whole, drawn);
        next[order[k]] = alone.sample(angle_stream);
        back_by_component += std::log(u < 0.0 ? whole.uniform : share * whole.weights[drawn]) +
                             alone.log_density(tau[order[k]]);
      } else {
        next[order[k]] = whole.sample(angle_stream);
      }
      engine::set_torsion(graph_->torsions[order[k]], next[order[k]], batch.positions.chain(c));
    }
    if (bug_ == ResetBug::kRatioDropped) continue;
    batch.log_forward[c] = log_density(order, next);
    batch.log_reverse[c] =
        bug_ == ResetBug::kDrawnComponent ? back_by_component : log_density(ascending, tau);
    if (bug_ == ResetBug::kMetricFactor) {
      batch.log_forward[c] += log_metric_factor(*graph_, x.chain(c));
      batch.log_reverse[c] += log_metric_factor(*graph_, batch.positions.view().chain(c));
    }
  }
  return batch;
}

engine::TransitionInfo BreakableMultipleTry::apply(engine::ChainBatch& chains,
                                                   const engine::TargetDensity& target,
                                                   const engine::StepKey& key) const {
  const std::size_t n = chains.n_chains();
  std::vector<engine::ChainBatch> tries;
  std::vector<std::vector<double>> weights(n_tries_, std::vector<double>(n));
  std::vector<double> weights_here(n);
  // With the key of the whole step the subset is the same in every try; each try has angles of its
  // own, and the density of the way back is that of the current state.
  for (std::size_t i = 0; i < n_tries_; ++i) {
    tries.push_back(chains);
    std::vector<double> tau(graph_->torsions.size());
    for (std::size_t c = 0; c < n; ++c) {
      const auto chain = static_cast<std::uint32_t>(c);
      const std::size_t torsion =
          engine::RandomStream(key, engine::StreamName::kTorsionSubset, chain).below(tau.size());
      engine::torsion_angles(*graph_, chains.positions.view().chain(c), tau);
      const VonMisesMixture density = mixed_density(*model_, torsion, tau, {torsion});
      engine::RandomStream stream(key.child(static_cast<std::uint32_t>(i)),
                                  engine::StreamName::kProposal, chain);
      const double next = density.sample(stream);
      const bool told = bug_ != TriesBug::kWeightsWithoutDensity;
      weights[i][c] = told ? -density.log_density(next) : 0.0;
      weights_here[c] = told ? -density.log_density(tau[torsion]) : 0.0;
      engine::set_torsion(graph_->torsions[torsion], next, tries[i].positions.chain(c));
    }
    target.guide()->evaluate(tries[i].positions.view(), tries[i].energies, {});
  }
  for (std::size_t c = 0; c < n; ++c) {
    const auto chain = static_cast<std::uint32_t>(c);
    const auto weight = [&](double energy, double log_weight) {
      return std::exp(target.log_density(energy, {}, chains.states[c]) + log_weight);
    };
    double sum = 0.0;
    for (std::size_t i = 0; i < n_tries_; ++i)
      sum += weights[i][c] = weight(tries[i].energies[c], weights[i][c]);
    const double here = weight(chains.energies[c], weights_here[c]);
    double left = sum * engine::RandomStream(key, engine::StreamName::kTryChoice, chain).uniform();
    std::size_t choice = 0;
    while (choice + 1 < n_tries_ && left >= weights[choice][c]) left -= weights[choice++][c];
    const double back = sum - weights[choice][c] + here;
    if (bug_ != TriesBug::kCurrentForgotten &&
        engine::RandomStream(key, engine::StreamName::kAccept, chain).uniform() * back > sum)
      continue;
    const auto next = tries[choice].positions.chain(c);
    std::copy(next.begin(), next.end(), chains.positions.chain(c).begin());
    chains.energies[c] = tries[choice].energies[c];
  }
  return {};
}

}  // namespace saltus::tests
