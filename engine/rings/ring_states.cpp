#include "engine/rings/ring_states.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

namespace {

using Matrix = Eigen::MatrixXd;
using MatrixMap = Eigen::Map<const Matrix>;
using VectorMap = Eigen::Map<const Eigen::VectorXd>;

std::vector<double> values_of(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

/// Shares of the states in proposals: as at twice the temperature, since hotter chains propose
/// alike, and a part of it even, so that no state is ever left out.
std::vector<double> shares_of(const std::vector<RingState>& states) {
  constexpr double kEven = 0.1, kFlattened = 0.5;
  double highest = -std::numeric_limits<double>::infinity(), sum = 0.0;
  for (const RingState& state : states) highest = std::max(highest, state.log_weight);
  std::vector<double> shares;
  for (const RingState& state : states) {
    shares.push_back(std::exp(kFlattened * (state.log_weight - highest)));
    sum += shares.back();
  }
  for (double& share : shares)
    share = kEven / static_cast<double>(states.size()) + (1.0 - kEven) * share / sum;
  return shares;
}

}  // namespace

RingStates::RingStates(std::shared_ptr<const TorsionGraph> graph,
                       std::shared_ptr<const RingSystem> system, std::vector<RingState> states)
    : graph_(std::move(graph)), system_(std::move(system)), states_(std::move(states)) {
  if (!graph_ || !system_ || states_.empty())
    throw InternalError("ring states without a graph, a ring system or a state");
  const std::size_t d = system_->n_coordinates();
  const auto n = static_cast<Eigen::Index>(d);
  for (const RingState& state : states_) {
    if (state.mean.size() != d || state.covariance.size() != d * d ||
        state.torsions.size() != system_->torsions.size() ||
        state.signs.size() != system_->inversions.size() || !std::isfinite(state.log_weight))
      throw InputError("a state of a ring does not fit the ring system");
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(MatrixMap(state.covariance.data(), n, n));
    if (solver.info() != Eigen::Success || !(solver.eigenvalues()(0) > 0.0))
      throw InputError("the covariance of a state of a ring is not positive definite");
    roots_.push_back(values_of(solver.operatorSqrt()));
    inverse_roots_.push_back(values_of(solver.operatorInverseSqrt()));
    log_dets_.push_back(0.5 * solver.eigenvalues().array().log().sum());
  }
  weights_ = shares_of(states_);
}

std::size_t RingStates::nearest(Span<const double> x) const {
  std::vector<int> all_signs(graph_->inversions.size());
  if (!system_->inversions.empty()) inversion_signs(*graph_, x, all_signs);
  std::vector<double> torsions;
  for (const Quartet& quartet : system_->torsions) torsions.push_back(quartet_angle(x, quartet));
  std::size_t best = states_.size();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t s = 0; s < states_.size(); ++s) {
    bool fits = true;
    for (std::size_t i = 0; i < system_->inversions.size(); ++i)
      fits = fits && all_signs[system_->inversions[i]] == states_[s].signs[i];
    if (!fits) continue;
    double sum = 0.0;
    for (std::size_t t = 0; t < torsions.size(); ++t)
      sum += 1.0 - std::cos(torsions[t] - states_[s].torsions[t]);
    if (sum < least) least = sum, best = s;
  }
  return best;
}

double RingStates::carry(std::size_t from, std::size_t to, Span<double> q) const {
  const auto n = static_cast<Eigen::Index>(q.size());
  Eigen::Map<Eigen::VectorXd> values(q.data(), n);
  const Eigen::VectorXd plain = MatrixMap(inverse_roots_[from].data(), n, n) *
                                (values - VectorMap(states_[from].mean.data(), n));
  values = VectorMap(states_[to].mean.data(), n) + MatrixMap(roots_[to].data(), n, n) * plain;
  return log_dets_[to] - log_dets_[from];
}

double RingStates::log_choice(std::size_t from, std::size_t to) const {
  return std::log(weights_[to] / (1.0 - weights_[from]));
}

std::size_t RingStates::choose(std::size_t from, double uniform) const {
  double left = uniform * (1.0 - weights_[from]);
  std::size_t last = from;
  for (std::size_t s = 0; s < states_.size(); ++s) {
    if (s == from) continue;
    last = s;
    left -= weights_[s];
    if (left < 0.0) break;
  }
  return last;
}

}  // namespace saltus::engine
