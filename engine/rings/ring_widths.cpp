#include "engine/rings/ring_widths.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"

namespace saltus::engine {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Reference of each state, all turned onto the first one.
std::vector<RingState> states_without_widths(const RingMinima& minima) {
  std::vector<RingState> states;
  for (const RingMinimum& minimum : minima.states) {
    std::vector<double> points;
    for (const std::size_t atom : minima.system->atoms)
      points.insert(points.end(), minimum.positions.begin() + static_cast<std::ptrdiff_t>(3 * atom),
                    minimum.positions.begin() + static_cast<std::ptrdiff_t>(3 * atom + 3));
    const RingCoordinates* first = states.empty() ? nullptr : &states.front().coordinates;
    if (first) {
      std::vector<double> q(first->size());
      RingPose pose;
      first->measure(minimum.positions, q, pose);
      using Rows = Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>;
      Eigen::Map<Rows> rows(points.data(), static_cast<Eigen::Index>(points.size() / 3), 3);
      const Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> rotation(
          pose.rotation.data());
      rows = (rows * rotation).eval();
    }
    states.push_back({RingCoordinates(minima.system, std::move(points), first),
                      minimum.torsions,
                      minimum.signs,
                      {},
                      {},
                      0.0});
  }
  return states;
}

/// Sums over the frames of one state.
struct Moments {
  double n = 0.0;
  Vector sum;
  Matrix products;
  explicit Moments(Eigen::Index d) : sum(Vector::Zero(d)), products(Matrix::Zero(d, d)) {}
  Matrix covariance() const {
    const Vector mean = sum / n;
    return products / n - mean * mean.transpose();
  }
};

/// Covariances that make states of their own when there is nothing but their minima.
Matrix narrow(Eigen::Index d) {
  constexpr double kWidth_nm = 0.004;
  return kWidth_nm * kWidth_nm * Matrix::Identity(d, d);
}

/// Means, covariances drawn to their mean over states, and log-weights.
void set_widths(const std::vector<Moments>& moments, const std::vector<Vector>& at_minimum,
                std::vector<RingState>& states) {
  constexpr double kFramesOfOneSample = 4.0, kMinFrames = 50.0;
  const Eigen::Index d = at_minimum.front().size();
  Matrix common = Matrix::Zero(d, d);
  double n_common = 0.0;
  for (const Moments& m : moments)
    if (m.n >= kMinFrames) common += m.n * m.covariance(), n_common += m.n;
  common = n_common > 0.0 ? Matrix(common / n_common + 1e-3 * narrow(d)) : narrow(d);
  for (std::size_t s = 0; s < states.size(); ++s) {
    const Moments& m = moments[s];
    const bool enough = m.n >= kMinFrames;
    const Vector mean = enough ? Vector(m.sum / m.n) : at_minimum[s];
    // As many samples of the common one as there are coordinates.
    const double prior = static_cast<double>(d), own = enough ? m.n / kFramesOfOneSample : 0.0;
    Matrix covariance = prior * common;
    if (enough) covariance += own * m.covariance();
    covariance /= prior + own;
    states[s].mean.assign(mean.data(), mean.data() + d);
    states[s].covariance.assign(covariance.data(), covariance.data() + d * d);
    states[s].log_weight +=
        0.5 * Eigen::LDLT<Matrix>(covariance).vectorD().array().abs().log().sum();
  }
}

/// Chains of all states, and what is collected of them.
class WidthRun {
 public:
  WidthRun(const TargetDensity& target, const RingMinima& minima, const RingStates& states,
           const WidthOptions& options)
      : minima_(minima), states_(states), options_(options) {
    const std::size_t n = options.n_chains * minima.states.size();
    chains_ = ChainBatch(n, target.n_atoms(), {options.temperature_K});
    for (std::size_t c = 0; c < n; ++c) begin_anew(c);
    target.refresh(chains_);
    start_ = chains_;
  }

  void run(const Move& trajectories, const TargetDensity& target, std::vector<Moments>& moments) {
    constexpr std::size_t kBurnIn = 12;
    std::vector<std::size_t> age(chains_.n_chains(), 0);
    std::vector<double> q(states_.system().n_coordinates());
    RingPose pose;
    StepKey key = options_.key.child(kSlot);
    for (std::size_t f = 0; f < options_.n_frames; ++f, ++key.step) {
      trajectories.apply(chains_, target, key);
      for (std::size_t c = 0; c < chains_.n_chains(); ++c) {
        const std::size_t s = c / options_.n_chains;
        const auto x = std::as_const(chains_.positions).chain(c);
        if (states_.nearest(x) != s) {
          chains_.copy_configuration(start_, c, c);
          age[c] = 0;
          continue;
        }
        if (++age[c] <= kBurnIn) continue;
        if (!std::isfinite(states_[s].coordinates.measure(x, q, pose))) continue;
        const Eigen::Map<const Vector> v(q.data(), static_cast<Eigen::Index>(q.size()));
        moments[s].n += 1.0;
        moments[s].sum += v;
        moments[s].products += v * v.transpose();
      }
    }
  }

 private:
  static constexpr std::uint32_t kSlot = 1000003;  ///< far from those of parts of a step

  void begin_anew(std::size_t c) {
    const auto& from = minima_.states[c / options_.n_chains].positions;
    std::copy(from.begin(), from.end(), chains_.positions.chain(c).begin());
  }

  const RingMinima& minima_;
  const RingStates& states_;
  const WidthOptions& options_;
  ChainBatch chains_, start_;
};

}  // namespace

std::shared_ptr<const RingStates> measure_states(const TargetDensity& target,
                                                 const MovingParticles& particles,
                                                 RingMinima minima, const WidthOptions& options) {
  std::vector<RingState> states = states_without_widths(minima);
  const std::size_t d = minima.system->n_coordinates();
  const auto n = static_cast<Eigen::Index>(d);
  std::vector<Vector> at_minimum;
  RingPose pose;
  for (std::size_t s = 0; s < states.size(); ++s) {
    std::vector<double> q(d);
    states[s].coordinates.measure(minima.states[s].positions, q, pose);
    at_minimum.push_back(Eigen::Map<const Vector>(q.data(), n));
    states[s].mean = q;
    const Matrix start = narrow(n);
    states[s].covariance.assign(start.data(), start.data() + start.size());
    states[s].log_weight = -minima.states[s].energy / (kGasConstant * options.temperature_K);
  }
  // To tell states apart torsions are enough.
  const RingStates apart(minima.graph, minima.system, states);
  HamiltonianOptions hamiltonian;
  hamiltonian.time_step_ps = 0.0015;
  hamiltonian.n_steps = 20;
  const HamiltonianMonteCarlo trajectories(hamiltonian, particles);
  std::vector<Moments> moments(states.size(), Moments(n));
  WidthRun(target, minima, apart, options).run(trajectories, target, moments);
  set_widths(moments, at_minimum, states);
  return std::make_shared<const RingStates>(std::move(minima.graph), std::move(minima.system),
                                            std::move(states));
}

}  // namespace saltus::engine
