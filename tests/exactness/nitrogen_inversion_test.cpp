// Oracle: exact draws of a pyramid with a branch of two atoms whose two forms differ in energy,
// with the exact distribution of every internal coordinate; starts in the answer.
#include "engine/torsions/nitrogen_inversion.h"
#include "engine/ensemble/canonical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "engine/core/vec3.h"
#include "engine/moves/metropolis.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kTemperature_K = 300.0;
constexpr std::size_t kAtoms = 5, kChains = 20000, kApplications = 16;
/// Nine projections share alpha, and each has one draw per chain.
constexpr double kRequiredPower = 0.036;

/// Atom 0 bound to 1, 2 and 3, atom 1 also to 4: four bonds, the angles 2-0-1, 3-0-1 and 4-1-0, the
/// torsions 3-0-1-2 and 4-1-0-2, with the terms and densities of ChainMolecule. Inversion turns the
/// sign of the first torsion, whose density is not even, and changes the second, each branch in a
/// way of its own.
class Pyramid {
 public:
  Pyramid() {
    System system;
    system.masses.assign(kAtoms, 14.0);
    const System& chain = chain_.system();
    const auto bond = [&](std::size_t a, std::size_t b) {
      system.bonds.push_back({a, b, chain.bonds[0].length_nm, chain.bonds[0].k});
    };
    const auto angle = [&](std::size_t a, std::size_t b, std::size_t c) {
      system.angles.push_back({a, b, c, chain.angles[0].angle_rad, chain.angles[0].k});
    };
    const auto torsion = [&](std::size_t which, std::array<std::size_t, 4> a) {
      for (const PeriodicTorsion& t : chain.torsions)
        if (t.i == which)
          system.torsions.push_back({a[0], a[1], a[2], a[3], t.periodicity, t.phase_rad, t.k});
    };
    bond(0, 1), bond(0, 2), bond(0, 3), bond(1, 4);
    angle(2, 0, 1), angle(3, 0, 1), angle(4, 1, 0);
    torsion(1, {3, 0, 1, 2}), torsion(0, {4, 1, 0, 2});
    z_.rows = {{1, 0, 0, 0, false},
               {0, 1, 0, 0, false},
               {2, 0, 1, 0, false},
               {3, 0, 1, 2, true},
               {4, 1, 0, 2, false}};
    target_ = std::make_unique<Canonical>(std::make_shared<PlainEnergy>(system, nullptr),
                                          ReferenceMeasure::kCartesian);
    const auto bonds = chain_.bond_density(kTemperature_K);
    const auto angles = chain_.angle_density(kTemperature_K);
    densities_ = {bonds,
                  bonds,
                  bonds,
                  bonds,
                  angles,
                  angles,
                  angles,
                  chain_.torsion_density(1, kTemperature_K),
                  chain_.torsion_density(0, kTemperature_K)};
  }

  const TargetDensity& target() const { return *target_; }

  ChainBatch draw(std::uint64_t seed) const {
    ChainBatch chains(kChains, kAtoms, {kTemperature_K});
    std::vector<double> q(kCoordinates), log_jac(1);
    for (std::size_t c = 0; c < kChains; ++c) {
      RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
      for (std::size_t i = 0; i < kCoordinates; ++i)
        q[i] = densities_[i].quantile(stream.uniform());
      internal_to_cartesian(z_, q, chains.positions.chain(c), log_jac);
      move_rigidly(chains.positions.chain(c), random_rotation(stream), {0.3, -0.2, 0.1});
    }
    target_->refresh(chains);
    return chains;
  }

  std::vector<Projection> projections(const ChainBatch& chains) const {
    std::vector<double> q(kCoordinates * kChains), log_jac(kChains);
    cartesian_to_internal(z_, chains.positions.view(), q, log_jac);
    std::vector<Projection> result;
    for (std::size_t i = 0; i < kCoordinates; ++i) {
      result.push_back({"coordinate " + std::to_string(i), {}, [density = densities_[i]](double v) {
                          return density.cumulative(v);
                        }});
      for (std::size_t c = 0; c < kChains; ++c) result[i].values.push_back(q[kCoordinates * c + i]);
    }
    return result;
  }

 private:
  static constexpr std::size_t kCoordinates = 3 * kAtoms - 6;
  ChainMolecule chain_;
  ZMatrix z_;
  std::unique_ptr<Canonical> target_;
  std::vector<TabulatedDensity> densities_;  // four bonds, three angles, two torsions
};

using Edge = std::pair<std::size_t, std::size_t>;

/// @param closures  bonds besides the pyramid's: what they close in rings is not turned over
std::shared_ptr<const TorsionGraph> one_centre(const std::vector<Edge>& closures = {}) {
  auto graph = std::make_shared<TorsionGraph>();
  graph->atoms.resize(kAtoms);
  std::vector<Edge> edges = {{0, 1}, {0, 2}, {0, 3}, {1, 4}};
  edges.insert(edges.end(), closures.begin(), closures.end());
  for (const auto& [first, second] : edges) {
    graph->bonds.emplace_back();
    graph->bonds.back().first = first;
    graph->bonds.back().second = second;
  }
  graph->inversions = {{0, {1, 2, 3}}};
  return graph;
}

/// Turns atoms 1 and 4 over, and then further about the same axis.
class OvershootingInversion final : public Proposal {
 public:
  explicit OvershootingInversion(double further_rad) : further_rad_(further_rad) {}
  std::string name() const override { return "overshooting_inversion"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    ProposalBatch batch = inversion_.sample(current, key);
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) {
      double* x = batch.positions.chain(c).data();
      // Halfway between the old and the new bond.
      const Vec3 origin = load_atom(x, 0), old = load_atom(current.positions.chain(c).data(), 1);
      const Vec3 along = load_atom(x, 1) + old - 2.0 * origin;
      const Vec3 axis = (1.0 / norm(along)) * along;
      for (std::size_t atom : {1, 4}) {
        const Vec3 r = load_atom(x, atom) - origin;
        add_to_atom(x, atom,
                    (std::cos(further_rad_) - 1.0) * (r - dot(axis, r) * axis) +
                        std::sin(further_rad_) * cross(axis, r));
      }
    }
    return batch;
  }

 private:
  NitrogenInversion inversion_{one_centre({{2, 3}})};
  double further_rad_;
};

/// Turns over the branch of 1 or that of 2, by the sign of the centre or by the parity of the
/// chain.
class ChoosingInversion final : public Proposal {
 public:
  explicit ChoosingInversion(bool by_state) : by_state_(by_state) {}
  std::string name() const override { return "choosing_inversion"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    ProposalBatch batch = first_.sample(current, key);
    const ProposalBatch second = second_.sample(current, key);
    std::vector<int> sign(1);
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) {
      inversion_signs(*one_centre(), current.positions.chain(c), sign);
      if (by_state_ ? sign[0] > 0 : (c + key.step) % 2 == 0) continue;
      const auto from = second.positions.view().chain(c);
      std::copy(from.begin(), from.end(), batch.positions.chain(c).begin());
    }
    return batch;
  }

 private:
  NitrogenInversion first_{one_centre({{2, 3}})}, second_{one_centre({{1, 3}})};
  bool by_state_;
};

DistributionCheck check(std::shared_ptr<const Proposal> proposal, std::uint64_t seed) {
  const Pyramid pyramid;
  ChainBatch chains = pyramid.draw(test_seed(seed));
  apply_repeatedly(Metropolis(std::move(proposal)), chains, pyramid.target(), kApplications,
                   test_seed(seed + 1000));
  return check_projections(pyramid.projections(chains));
}

TEST(NitrogenInversionExactness, StartIsTheAnswer) {
  const Pyramid pyramid;
  expect_projections(pyramid.projections(pyramid.draw(test_seed(60))), kRequiredPower);
}

TEST(NitrogenInversionExactness, IsExact) {
  expect_passed(check(std::make_shared<NitrogenInversion>(one_centre()), 61), kRequiredPower);
}

TEST(NitrogenInversionExactness, ACopyThatStopsAtTheMirrorImageIsExact) {
  expect_passed(check(std::make_shared<OvershootingInversion>(0.0), 61), kRequiredPower);
}

TEST(NitrogenInversionExactness, OvershootingIsCaught) {
  expect_caught(check(std::make_shared<OvershootingInversion>(0.3), 61));
}

TEST(NitrogenInversionExactness, ACopyThatChoosesTheBranchWithoutLookingIsExact) {
  expect_passed(check(std::make_shared<ChoosingInversion>(false), 62), kRequiredPower);
}

TEST(NitrogenInversionExactness, ChoosingTheBranchByTheSignIsCaught) {
  expect_caught(check(std::make_shared<ChoosingInversion>(true), 62));
}

}  // namespace
}  // namespace saltus::tests
