// Oracle: orders of the rotation groups of known molecules; atoms that exchange places are compared
// one by one; equal bits or rounding between numberings.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "engine/core/units.h"
#include "engine/moves/metropolis.h"
#include "engine/rigid/rigid_block.h"
#include "engine/rigid/rigid_draw.h"
#include "engine/rigid/rigid_symmetry.h"
#include "tests/support/environment.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// A few operations with places of a tenth of a nanometre.
constexpr double kRounding = 1e-12;

struct Molecule {
  System system;
  std::vector<double> positions;

  Molecule(const std::vector<double>& masses, const std::vector<Vec3>& points) {
    add_rigid_molecule(system, positions, masses, points);
    system.field = UniformField{{1.0, 0.0, 0.0}, std::vector<double>(masses.size(), 0.0)};
  }
  RigidBodies bodies() const { return {system, positions, nullptr}; }
  std::size_t n_images() const { return bodies().images(0).size(); }
};

Molecule water() {
  return {{16.0, 1.0, 1.0}, {{0.0, 0.0, 0.0}, {0.076, 0.059, 0.0}, {-0.076, 0.059, 0.0}}};
}

Molecule four_site_water(double lean) {
  Molecule result = water();
  result.system.masses.push_back(0.0);
  result.system.field->charges.push_back(-1.0);
  result.positions.insert(result.positions.end(), {0.0, 0.0, 0.0});  // not yet in its place
  VirtualSite site;
  site.site = 3;
  site.parents = {0, 1, 2};
  site.weights = {0.8, 0.1 + lean, 0.1 - lean};
  result.system.virtual_sites.push_back(site);
  return result;
}

const std::vector<Vec3> kTetrahedron = {{0.0, 0.0, 0.0},
                                        {0.06, 0.06, 0.06},
                                        {0.06, -0.06, -0.06},
                                        {-0.06, 0.06, -0.06},
                                        {-0.06, -0.06, 0.06}};

Molecule methane() { return {{12.0, 1.0, 1.0, 1.0, 1.0}, kTetrahedron}; }

TEST(RigidSymmetry, HasTheRotationsOfKnownMolecules) {
  EXPECT_EQ(water().n_images(), 2u);
  EXPECT_EQ(four_site_water(0.0).n_images(), 2u);
  EXPECT_EQ(methane().n_images(), 12u);
  EXPECT_EQ(Molecule({12.0, 19.0, 1.0, 1.0, 1.0}, kTetrahedron).n_images(), 3u);
  EXPECT_EQ(Molecule({12.0, 19.0, 19.0, 1.0, 1.0}, kTetrahedron).n_images(), 2u);
  EXPECT_EQ(Molecule({14.0, 14.0}, {{0.0, 0.0, 0.0}, {0.1, 0.02, 0.0}}).n_images(), 2u);
  EXPECT_EQ(Molecule({14.0, 16.0}, {{0.0, 0.0, 0.0}, {0.1, 0.02, 0.0}}).n_images(), 1u);
  EXPECT_EQ(Molecule({23.0}, {{0.0, 0.0, 0.0}}).n_images(), 1u);
  // A reflection exchanges the two hydrogens here, and no rotation does.
  EXPECT_EQ(Molecule({12.0, 19.0, 35.0, 1.0, 1.0}, kTetrahedron).n_images(), 1u);
}

TEST(RigidSymmetry, EverythingThatTellsAtomsApartCounts) {
  EXPECT_EQ(four_site_water(0.01).n_images(), 1u) << "a site beside the axis";
  Molecule changed = water();
  changed.system.field->charges = {-0.2, 0.1, 0.1 + 1e-6};
  EXPECT_EQ(changed.n_images(), 1u) << "charge in a field";
  changed = water();
  changed.system.masses[2] = 2.0;
  EXPECT_EQ(changed.n_images(), 1u) << "mass";
  changed = water();
  changed.system.position_restraints.push_back({1, {0.0, 0.0, 0.0}, 10.0, 0.0});
  EXPECT_EQ(changed.n_images(), 1u) << "restraint";
  changed.system.position_restraints[0].atom = 0;
  EXPECT_EQ(changed.n_images(), 2u) << "a restraint on the axis";
  for (const std::size_t which : {0u, 1u, 2u}) {
    changed = water();
    Nonbonded& nonbonded = changed.system.nonbonded.emplace();
    nonbonded.particles.assign(3, {0.1, 0.2, 0.3});
    EXPECT_EQ(changed.n_images(), 2u);
    NonbondedParticle& particle = nonbonded.particles[2];
    (which == 0 ? particle.charge : which == 1 ? particle.sigma_nm : particle.epsilon) += 1e-6;
    EXPECT_EQ(changed.n_images(), 1u) << "nonbonded parameter " << which;
  }
}

TEST(RigidSymmetry, ImagesExchangeEqualAtomsAndAreAGroup) {
  for (const Molecule& molecule : {water(), four_site_water(0.0), methane()}) {
    const RigidBodies bodies = molecule.bodies();
    const std::vector<Quaternion>& images = bodies.images(0);
    const std::size_t n = bodies.n_atoms();
    RandomStream stream = test_stream(7);
    const Quaternion q = uniform_orientation(stream);
    std::vector<double> before(3 * n), after(3 * n);
    bodies.place(0, {{0.3, 0.1, 0.2}, q}, before);
    for (std::size_t a = 0; a < images.size(); ++a) {
      bodies.place(0, {{0.3, 0.1, 0.2}, q * images[a]}, after);
      std::size_t n_moved = 0;
      for (std::size_t i = 0; i < n; ++i) {
        std::size_t j = 0;
        while (j < n && norm(load_atom(after.data(), i) - load_atom(before.data(), j)) > kRounding)
          ++j;
        ASSERT_LT(j, n) << "atom " << i << " of image " << a << " is in no atom's place";
        EXPECT_EQ(molecule.system.masses[i], molecule.system.masses[j]);
        n_moved += i != j ? 1 : 0;
      }
      EXPECT_EQ(n_moved == 0, a == 0);
      for (const Quaternion b : images) {
        std::size_t n_equal = 0;
        for (const Quaternion c : images) {
          const Quaternion r = conjugate(images[a] * b) * c;
          n_equal += std::abs(r.w) > 1.0 - kRounding ? 1 : 0;
        }
        EXPECT_EQ(n_equal, 1u);
      }
    }
  }
}

/// Bodies with two and three numberings, a line and an ion.
class EqualAtoms : public testing::Test {
 protected:
  static constexpr std::size_t kChains = 60;

  /// The first two bodies of each chain in another numbering.
  ChainBatch renumbered(const ChainBatch& chains) const {
    ChainBatch result = chains;
    for (std::size_t c = 0; c < kChains; ++c)
      for (std::size_t body = 0; body < 2; ++body) {
        const auto& images = dipoles_.bodies()->images(body);
        RigidPose pose = dipoles_.bodies()->pose(body, chains.positions.view(), c);
        pose.orientation = pose.orientation * images[1 + c % (images.size() - 1)];
        dipoles_.bodies()->place(body, pose, result.positions.chain(c));
      }
    dipoles_.target().refresh(result);
    return result;
  }

  RigidDipoles dipoles_{1.0, RigidDipoles::Atoms::kEqual};
  std::shared_ptr<const HarmonicCrystal> crystal_ =
      std::make_shared<HarmonicCrystal>(dipoles_.bodies(), dipoles_.crystal({}));
};

TEST_F(EqualAtoms, CoordinatesDoNotDependOnNumberings) {
  const ChainBatch chains = dipoles_.draw(kChains, test_seed(8)), others = renumbered(chains);
  const PoseCoordinates& chart = crystal_->coordinates();
  for (std::size_t c = 0; c < kChains; ++c) {
    EXPECT_NEAR(chains.energies[c], others.energies[c], 1e-9);
    const auto poses = dipoles_.bodies()->poses(chains.positions.view(), c),
               other_poses = dipoles_.bodies()->poses(others.positions.view(), c);
    const auto at = chart.of(poses, 0), other = chart.of(other_poses, 0);
    for (std::size_t i = 0; i < at.size(); ++i)
      EXPECT_NEAR(at[i], other[i], 1e-9 * (1.0 + std::abs(at[i])));
    for (std::size_t body = 0; body < poses.size(); ++body) {
      EXPECT_TRUE(chart.is_own_image(body, at));
      EXPECT_EQ(chart.numbering(body, poses[body]) == chart.numbering(body, other_poses[body]),
                body >= 2);
      // A move to where it is leaves a body and its numbering there.
      std::vector<double> x(3 * chains.n_atoms());
      chart.move(body, other_poses[body], other, other, x, {});
      for (const std::size_t atom : dipoles_.bodies()->atoms(body))
        EXPECT_LT(
            norm(load_atom(x.data(), atom) - load_atom(others.positions.chain(c).data(), atom)),
            1e-9);
    }
  }
}

TEST_F(EqualAtoms, MovesHaveTheSameRatiosInEveryNumbering) {
  const ChainBatch chains = dipoles_.draw(kChains, test_seed(9)), others = renumbered(chains);
  const auto whole = std::make_shared<RigidDraw>(crystal_);
  const auto part = std::make_shared<RigidBlock>(RigidBlockOptions{2, 1.0}, crystal_);
  for (const std::shared_ptr<const Proposal>& proposal :
       {std::shared_ptr<const Proposal>(whole), std::shared_ptr<const Proposal>(part)}) {
    ChainBatch a = chains, b = others;
    const Metropolis move(proposal);
    const auto record = move.apply(a, dipoles_.target(), {10, 1}).records.at(0),
               other = move.apply(b, dipoles_.target(), {10, 1}).records.at(0);
    std::size_t n_impossible = 0;
    for (std::size_t c = 0; c < kChains; ++c) {
      ASSERT_EQ(record.outcomes[c], other.outcomes[c]);
      if (record.outcomes[c] == Outcome::kInvalid) ++n_impossible;
      if (!std::isfinite(record.log_ratios[c])) continue;
      EXPECT_NEAR(record.log_ratios[c], other.log_ratios[c],
                  1e-7 * (1.0 + std::abs(record.log_ratios[c])));
    }
    EXPECT_GT(n_impossible, 0u) << "some draws are nearer in another numbering";
    EXPECT_LT(n_impossible, kChains - 5);
  }
  // Densities are those of draws, which keep the numbering.
  std::vector<double> density(kChains);
  const ProposalBatch drawn = whole->sample(others.view(), {11, 1});
  whole->log_density(drawn.positions.view(), others.view(), density);
  for (std::size_t c = 0; c < kChains; ++c) {
    if (std::isfinite(drawn.log_forward[c])) {
      EXPECT_NEAR(density[c], drawn.log_forward[c], 1e-7);
    } else {
      EXPECT_EQ(density[c], drawn.log_forward[c]);
    }
  }
  whole->log_density(drawn.positions.view(), chains.view(), density);
  for (std::size_t c = 0; c < kChains; ++c)
    if (std::isfinite(drawn.log_forward[c])) {
      EXPECT_EQ(density[c], -INFINITY) << "another numbering";
    }
}

}  // namespace
}  // namespace saltus::tests
