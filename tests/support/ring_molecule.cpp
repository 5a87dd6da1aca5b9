#include "tests/support/ring_molecule.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

using namespace engine;

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double kShares[RingMolecule::kStates] = {0.5, 0.3, 0.2};
constexpr double kCentreWidth_nm = 0.1, kBranchWidth_nm = 0.01;
constexpr Vec3 kBranch = {0.05, 0.08, 0.09};

/// Ring atoms of a chair, alternately above and below the plane.
std::vector<double> chair(double height) {
  std::vector<double> points;
  for (std::size_t a = 0; a < 6; ++a) {
    const double angle = kTwoPi / 6.0 * static_cast<double>(a);
    points.insert(points.end(), {0.145 * std::cos(angle), 0.145 * std::sin(angle),
                                 a % 2 == 0 ? height : -height});
  }
  return points;
}

/// Axes of the bond from 0 to 6: along it and away from atom 1.
struct Axes {
  explicit Axes(const double* x) {
    const auto unit = [](Vec3 v) { return (1.0 / norm(v)) * v; };
    const Vec3 centre = load_atom(x, 0), side = load_atom(x, 1) - centre;
    along = unit(load_atom(x, 6) - centre);
    across = unit(side - dot(side, along) * along);
    third = cross(along, across);
  }
  Vec3 along, across, third;
};

Vector vector_of(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Eigen::Index>(values.size()));
}

Matrix covariance_of(const RingState& state) {
  const auto d = static_cast<Eigen::Index>(state.mean.size());
  return Eigen::Map<const Matrix>(state.covariance.data(), d, d);
}

}  // namespace

RingMolecule::RingMolecule() {
  TorsionGraph made;
  made.atoms.resize(kAtoms);
  const std::pair<std::size_t, std::size_t> edges[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5},
                                                       {5, 0}, {0, 6}, {1, 7}, {6, 8}};
  for (const auto& [first, second] : edges) {
    made.bonds.emplace_back();
    made.bonds.back().first = first;
    made.bonds.back().second = second;
    made.bonds.back().in_ring = second < 6;
  }
  made.inversions = {{1, {0, 2, 7}}};
  graph = std::make_shared<const TorsionGraph>(std::move(made));
  system = std::make_shared<const RingSystem>(movable_ring_systems(*graph).at(0));
}

std::vector<RingState> RingMolecule::states(double width, double shift) const {
  constexpr double kHeights[kStates] = {0.025, -0.025, 0.025};
  constexpr double kLengths[kStates] = {0.15, 0.13, 0.16}, kAngles[kStates] = {0.4, -0.5, -0.35};
  std::vector<RingState> result;
  for (std::size_t s = 0; s < kStates; ++s) {
    const RingCoordinates* first = result.empty() ? nullptr : &result.front().coordinates;
    RingState state{RingCoordinates(system, chair(kHeights[s]), first), {}, {}, {}, {}, 0.0};
    state.mean.assign(state.coordinates.size(), shift);
    const std::size_t n_ring = state.coordinates.n_ring_coordinates();
    const double l = RingCoordinates::kArc_nm;
    const double substituents[6] = {kLengths[s], 0.05 * l, 0.9 * l, 0.11, 0.0, kAngles[s] * l};
    for (std::size_t k = 0; k < 6; ++k) state.mean[n_ring + k] += substituents[k];

    const auto d = static_cast<Eigen::Index>(state.mean.size());
    // The same molecule whatever the seed of the tests.
    RandomStream stream({900, 0}, StreamName::kTest, static_cast<std::uint32_t>(s));
    Matrix covariance = Matrix::Zero(d, d);
    Vector common(d);
    for (Eigen::Index k = 0; k < d; ++k) {
      const double own = width * (0.003 + 0.002 * stream.uniform());
      covariance(k, k) = own * own;
      common(k) = 0.003 * width * (stream.uniform() - 0.5);
    }
    covariance(d - 1, d - 1) *= 9.0;  // of the nitrogen: some draws reach its plane
    covariance += common * common.transpose();
    state.covariance.assign(covariance.data(), covariance.data() + d * d);
    state.log_weight = -0.7 * static_cast<double>(s);

    std::vector<double> x(3 * kAtoms, 0.0);
    RingPose pose;
    pose.rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    // Branches have to be somewhere to be carried.
    const double before[] = {0, 0,   0,   0.14, 0, 0,   0.1, 0.1, 0, 0, 0, 0,   0,  0,
                             0, 0.0, 0.1, 0.1,  0, 0.1, 0.1, 0.2, 0, 0, 0, 0.2, 0.2};
    state.coordinates.build(state.mean, pose, {before, 3 * kAtoms}, x);
    for (const Quartet& quartet : system->torsions)
      state.torsions.push_back(quartet_angle(x, quartet));
    state.signs.resize(1);
    inversion_signs(*graph, x, state.signs);
    result.push_back(std::move(state));
  }
  return result;
}

std::shared_ptr<const RingStates> RingMolecule::known(double width, double shift) const {
  return std::make_shared<const RingStates>(graph, system, states(width, shift));
}

RingMixture::RingMixture(double width) : states_(molecule_.known(width, 0.0)) {}

double RingMixture::log_density(Span<const double> x) const {
  constexpr double kNowhereAtAll = -std::numeric_limits<double>::infinity();
  const std::size_t s = states_->nearest(x);
  if (s == states_->size()) return kNowhereAtAll;
  const RingState& state = (*states_)[s];
  std::vector<double> q(state.mean.size());
  RingPose pose;
  const double log_volume = state.coordinates.measure(x, q, pose);
  if (!std::isfinite(log_volume)) return kNowhereAtAll;
  const Eigen::LLT<Matrix> factor(covariance_of(state));
  const Vector plain = factor.matrixL().solve(vector_of(q) - vector_of(state.mean));
  const Axes axes(x.data());
  const Vec3 branch = load_atom(x.data(), 8) - load_atom(x.data(), 6);
  const Vec3 off =
      Vec3{dot(axes.along, branch), dot(axes.across, branch), dot(axes.third, branch)} - kBranch;
  return std::log(kShares[s]) - 0.5 * plain.squaredNorm() -
         factor.matrixLLT().diagonal().array().log().sum() - log_volume -
         0.5 * dot(pose.centre, pose.centre) / (kCentreWidth_nm * kCentreWidth_nm) -
         0.5 * dot(off, off) / (kBranchWidth_nm * kBranchWidth_nm);
}

void RingMixture::evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  for (std::size_t c = 0; c < x.n_chains; ++c)
    energies[c] = -kGasConstant * kTemperature_K * log_density(x.chain(c));
}

ChainBatch RingMixture::draw(std::size_t n_chains, std::uint64_t seed) const {
  ChainBatch chains(n_chains, RingMolecule::kAtoms, {kTemperature_K});
  for (std::size_t c = 0; c < n_chains; ++c) {
    RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
    const auto x = chains.positions.chain(c);
    std::size_t s = 0;
    do {  // what is nearer to another state is no draw of this one
      const double u = stream.uniform();
      s = u < kShares[0] ? 0 : u < kShares[0] + kShares[1] ? 1 : 2;
      const RingState& state = (*states_)[s];
      Vector normals(static_cast<Eigen::Index>(state.mean.size()));
      for (double& normal : normals) normal = stream.normal();
      const Vector q =
          vector_of(state.mean) + Eigen::LLT<Matrix>(covariance_of(state)).matrixL() * normals;
      RingPose pose;
      pose.centre = kCentreWidth_nm * Vec3{stream.normal(), stream.normal(), stream.normal()};
      const auto rotation = random_rotation(stream);
      std::copy(rotation.begin(), rotation.end(), pose.rotation.begin());
      std::vector<double> somewhere(3 * RingMolecule::kAtoms);
      for (double& value : somewhere) value = stream.uniform();
      state.coordinates.build({q.data(), state.mean.size()}, pose, somewhere, x);
    } while (states_->nearest(x) != s);
    const Axes axes(x.data());
    const Vec3 local =
        kBranch + kBranchWidth_nm * Vec3{stream.normal(), stream.normal(), stream.normal()};
    const Vec3 atom = load_atom(x.data(), 6) + local.x * axes.along + local.y * axes.across +
                      local.z * axes.third;
    x[24] = atom.x, x[25] = atom.y, x[26] = atom.z;
  }
  return chains;
}

}  // namespace saltus::tests
