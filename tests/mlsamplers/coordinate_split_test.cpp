// Oracle: hand-built molecules whose rotors chemistry knows, and derivatives of the basis by finite
// differences.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/leap/coordinate_split.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using engine::kPi;
using mlsamplers::CoordinateSplit;
using mlsamplers::FourierBasis;

TEST(CircularMoments, SurviveTheSeamAndKnowTheWrappedNormal) {
  const mlsamplers::CircularMoments seam = mlsamplers::circular_moments({kPi - 0.1, -kPi + 0.1});
  EXPECT_NEAR(std::abs(seam.mean), kPi, 1e-12);
  // R = cos 0.1 for two angles 0.2 apart.
  EXPECT_NEAR(seam.standard_deviation, std::sqrt(-2.0 * std::log(std::cos(0.1))), 1e-12);
  EXPECT_EQ(mlsamplers::circular_moments({1.0, 1.0}).standard_deviation, 0.0);

  // For wrapped normals R = exp(-sigma^2 / 2): the standard deviation is sigma.
  auto stream = test_stream(61);
  std::vector<double> angles;
  for (int i = 0; i < 40000; ++i) angles.push_back(3.0 + 0.8 * stream.normal());
  const mlsamplers::CircularMoments normal = mlsamplers::circular_moments(angles);
  const double tolerance = tolerance_scale() * 6.0 / std::sqrt(40000.0);  // six standard errors
  EXPECT_NEAR(normal.mean, 3.0, tolerance);
  EXPECT_NEAR(normal.standard_deviation, 0.8, tolerance);
}

TEST(CircularMoments, OpposedAnglesHaveNoFiniteSpread) {
  EXPECT_GT(mlsamplers::circular_moments({0.0, kPi}).standard_deviation, 8.0);
}

CoordinateSplit example_split() {
  CoordinateSplit split;
  split.soft = {{4}, {2}};
  split.rotors = {{5, 3}};
  split.fast = {{0, false, 0.0}, {1, false, 0.0}, {3, true, 3.0}};
  return split;
}

TEST(CoordinateSplit, ReadAndWriteAreInverse) {
  const CoordinateSplit split = example_split();
  const std::vector<double> q = {0.1, 1.9, -2.0, -3.1, 2.5, 0.7};
  std::vector<double> soft(2), rotors(1), fast(3), back(6, 99.0);
  split.read(q, soft, rotors, fast);
  EXPECT_EQ(soft, (std::vector<double>{2.5, -2.0}));
  EXPECT_EQ(rotors, (std::vector<double>{0.7}));
  // -3.1 lies 2 pi - 6.1 beyond its centre at 3.
  EXPECT_NEAR(fast[2], engine::kTwoPi - 6.1, 1e-12);
  EXPECT_TRUE(split.write(soft, rotors, fast, back));
  for (std::size_t i = 0; i < q.size(); ++i)
    EXPECT_NEAR(std::remainder(back[i] - q[i], engine::kTwoPi), 0.0, 1e-12) << i;
}

TEST(CoordinateSplit, ChartOfAStiffTorsionIsHalfOpen) {
  const CoordinateSplit split = example_split();
  std::vector<double> q(6);
  const auto inside = [&](double offset) {
    return split.write(std::vector<double>{0.0, 0.0}, std::vector<double>{0.0},
                       std::vector<double>{7.0, -8.0, offset}, q);
  };
  EXPECT_TRUE(inside(-kPi));
  EXPECT_TRUE(inside(std::nextafter(kPi, 0.0)));
  EXPECT_FALSE(inside(kPi));
  EXPECT_FALSE(inside(std::nextafter(-kPi, -4.0)));
  EXPECT_FALSE(inside(std::numeric_limits<double>::quiet_NaN()));
  // Bonds and angles have no chart here; the Jacobian judges them.
  EXPECT_EQ(q[0], 7.0);
  EXPECT_EQ(q[1], -8.0);
}

/// A carbon with three hydrogens (the root) and a group on it: the torsion of the group's first
/// atom leads, those of its siblings follow at given offsets.
struct Group {
  engine::Topology topology;
  engine::System system;
  engine::ZMatrix z;

  Group(int centre, std::size_t n_terminal, int element) {
    topology.residues = {{"MOL", "", 1, ""}};
    const std::vector<int> elements = {6, 1, 1, 1, centre};
    for (std::size_t a = 0; a < 5 + n_terminal; ++a) {
      const int number = a < 5 ? elements[a] : element;
      topology.atoms.push_back({"A" + std::to_string(a), number, 0});
      system.masses.push_back(number);
      if (a > 0) topology.bonds.push_back({a < 5 ? std::size_t{0} : std::size_t{4}, a});
    }
    z = engine::build_z_matrix(topology);
  }

  std::size_t first_torsion() const { return 2 * z.n_atoms() - 3; }
  std::size_t leading_torsion() const {
    for (std::size_t n = 3; n < z.rows.size(); ++n)
      if (!z.rows[n].is_offset) return first_torsion() + n - 3;
    return 0;
  }

  /// Frames in which the leading torsion has a spread and the offsets are +-`offset_rad`.
  std::vector<double> frames(double spread_rad, double offset_rad) const {
    std::vector<double> q;
    auto stream = test_stream(62);
    for (int frame = 0; frame < 200; ++frame) {
      std::vector<double> row(z.n_internal(), 0.1);
      double sign = 1.0;
      for (std::size_t n = 3; n < z.rows.size(); ++n) {
        double& torsion = row[first_torsion() + n - 3];
        torsion = z.rows[n].is_offset ? sign * offset_rad + 0.05 * stream.normal()
                                      : 1.0 + spread_rad * stream.normal();
        if (z.rows[n].is_offset) sign = -sign;
      }
      q.insert(q.end(), row.begin(), row.end());
    }
    return q;
  }

  CoordinateSplit split(double spread_rad, double offset_rad) const {
    return mlsamplers::split_coordinates(topology, system, z, frames(spread_rad, offset_rad), 0.35);
  }
};

constexpr double kTetrahedral = 2.0 * kPi / 3.0;

TEST(SplitCoordinates, KnowsRotorsOfChemistry) {
  struct Case {
    const char* name;
    Group group;
    double offset_rad;
    int fold;
  };
  const Case cases[] = {{"methyl", Group(6, 3, 1), kTetrahedral, 3},
                        {"ammonium", Group(7, 3, 1), kTetrahedral, 3},
                        {"carboxylate", Group(6, 2, 8), kPi, 2},
                        {"amine, pyramidal", Group(7, 2, 1), kTetrahedral, 0},
                        {"hydroxyl", Group(8, 1, 1), kTetrahedral, 0}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const CoordinateSplit split = c.group.split(0.6, c.offset_rad);
    if (c.fold > 0) {
      ASSERT_EQ(split.rotors.size(), 1u);
      EXPECT_EQ(split.rotors[0].fold, c.fold);
      EXPECT_EQ(split.rotors[0].coordinate, c.group.leading_torsion());
      EXPECT_TRUE(split.soft.empty());
    } else {
      EXPECT_TRUE(split.rotors.empty());
      ASSERT_EQ(split.soft.size(), 1u);
      EXPECT_EQ(split.soft[0].coordinate, c.group.leading_torsion());
    }
    // Offsets are stiff whatever they do; all coordinates are in one group.
    EXPECT_EQ(split.fast.size() + 1, c.group.z.n_internal());
  }
}

TEST(SplitCoordinates, UnlikeAtomsAreNoRotor) {
  const auto n_rotors = [](const Group& group) {
    return group.split(0.6, kTetrahedral).rotors.size();
  };
  Group group(6, 3, 1);
  group.system.nonbonded.emplace().particles.assign(8, {0.1, 0.2, 0.3});
  EXPECT_EQ(n_rotors(group), 1u);
  const std::size_t last = 7;
  const Group original = group;
  group.system.masses[last] = 2.0;
  EXPECT_EQ(n_rotors(group), 0u) << "deuterium";
  group = original;
  group.topology.atoms[last].atomic_number = 9;
  EXPECT_EQ(n_rotors(group), 0u) << "element";
  group = original;
  group.system.nonbonded->particles[last].charge = 0.2;
  EXPECT_EQ(n_rotors(group), 0u) << "charge";
  group = original;
  group.system.nonbonded->particles[last].sigma_nm = 0.25;
  EXPECT_EQ(n_rotors(group), 0u) << "sigma";
  group = original;
  group.system.nonbonded->particles[last].epsilon = 0.35;
  EXPECT_EQ(n_rotors(group), 0u) << "epsilon";
}

TEST(SplitCoordinates, SpreadDecidesBetweenSoftAndFast) {
  const Group amine(7, 2, 1);
  EXPECT_EQ(amine.split(0.50, kTetrahedral).soft.size(), 1u);
  const CoordinateSplit stiff = amine.split(0.20, kTetrahedral);
  EXPECT_TRUE(stiff.soft.empty());
  for (const mlsamplers::FastCoordinate& coordinate : stiff.fast) {
    EXPECT_EQ(coordinate.is_torsion, coordinate.coordinate >= amine.first_torsion());
    if (coordinate.coordinate == amine.leading_torsion()) {
      // Six standard errors of the mean of 200 frames.
      EXPECT_NEAR(coordinate.centre, 1.0, tolerance_scale() * 6.0 * 0.2 / std::sqrt(200.0));
    } else if (!coordinate.is_torsion) {
      EXPECT_EQ(coordinate.centre, 0.0);
    }
  }
}

TEST(SplitCoordinates, OffsetsAreNeverSoft) {
  // Offsets all around the circle.
  const Group methyl(6, 3, 1);
  std::vector<double> q = methyl.frames(0.6, kTetrahedral);
  auto stream = test_stream(63);
  for (std::size_t start = 0; start < q.size(); start += methyl.z.n_internal())
    for (std::size_t n = 3; n < methyl.z.rows.size(); ++n)
      if (methyl.z.rows[n].is_offset)
        q[start + methyl.first_torsion() + n - 3] = engine::kTwoPi * stream.uniform() - kPi;
  const CoordinateSplit split =
      mlsamplers::split_coordinates(methyl.topology, methyl.system, methyl.z, q, 0.35);
  EXPECT_TRUE(split.soft.empty());
  EXPECT_EQ(split.rotors.size(), 1u);
}

TEST(SplitCoordinates, RefusesAWrongWidth) {
  const Group methyl(6, 3, 1);
  for (const std::size_t size : {std::size_t{0}, methyl.z.n_internal() + 1})
    EXPECT_EQ(message_of<engine::InternalError>([&] {
                mlsamplers::split_coordinates(methyl.topology, methyl.system, methyl.z,
                                              std::vector<double>(size), 0.35);
              }),
              "split_coordinates: no frames or a wrong width");
}

struct Basis {
  std::size_t n_soft;
  std::vector<int> folds;
  std::size_t size;  ///< by hand from the docstring
};

const Basis kBases[] = {
    {0, {}, 1},
    {1, {}, 1 + 6},
    {2, {}, 1 + 12 + 36},
    {0, {3}, 1 + 4},
    {2, {3}, 1 + 12 + 36 + 4 + 16},
    {4, {3, 2}, 1 + 24 + 3 * 36 + 2 * (4 + 32)},
    // No products of rotors with more than four soft torsions.
    {5, {3}, 1 + 30 + 4 * 36 + 4},
};

std::vector<double> evaluate(const FourierBasis& basis, std::size_t n_soft,
                             const std::vector<double>& angles) {
  std::vector<double> out(basis.size() + 1, std::numeric_limits<double>::quiet_NaN());
  basis.evaluate({angles.data(), n_soft}, {angles.data() + n_soft, angles.size() - n_soft},
                 {out.data(), basis.size()});
  EXPECT_TRUE(std::isnan(out.back())) << "wrote past the end";
  out.pop_back();
  return out;
}

TEST(FourierBasis, HasTheSizeItSays) {
  for (const Basis& b : kBases) {
    const FourierBasis basis(b.n_soft, b.folds);
    EXPECT_EQ(basis.size(), b.size);
    EXPECT_EQ(basis.roughness().size(), b.size);
    const std::vector<double> values =
        evaluate(basis, b.n_soft, std::vector<double>(b.n_soft + b.folds.size(), 0.3));
    EXPECT_EQ(values[0], 1.0);
    for (double value : values) EXPECT_LE(std::abs(value), 1.0 + 1e-12);
  }
}

/// Each function is an eigenfunction of minus the Laplacian in soft torsions and folded angles, the
/// eigenvalue being the sum of its squared harmonic orders.
TEST(FourierBasis, RoughnessIsTheLaplacian) {
  constexpr double kStep = 1e-3;
  // h^2 k^4 / 12 for two harmonics 3, and rounding 4e-16 / h^2.
  const double tolerance = tolerance_scale() * 2e-5;
  auto stream = test_stream(64);
  for (const Basis& b : kBases) {
    const FourierBasis basis(b.n_soft, b.folds);
    std::vector<double> angles(b.n_soft + b.folds.size());
    for (double& angle : angles) angle = engine::kTwoPi * stream.uniform() - kPi;
    const std::vector<double> at = evaluate(basis, b.n_soft, angles);
    std::vector<double> laplacian(basis.size(), 0.0);
    for (std::size_t i = 0; i < angles.size(); ++i) {
      const double step = i < b.n_soft ? kStep : kStep / b.folds[i - b.n_soft];
      std::vector<double> up = angles, down = angles;
      up[i] += step;
      down[i] -= step;
      const std::vector<double> above = evaluate(basis, b.n_soft, up),
                                below = evaluate(basis, b.n_soft, down);
      for (std::size_t k = 0; k < at.size(); ++k)
        laplacian[k] += (above[k] - 2.0 * at[k] + below[k]) / (kStep * kStep);
    }
    const std::vector<double> roughness = basis.roughness();
    for (std::size_t k = 0; k < at.size(); ++k)
      EXPECT_NEAR(-laplacian[k], roughness[k] * at[k], tolerance) << "function " << k;
  }
}

TEST(FourierBasis, FunctionsAreDistinct) {
  // The Gram matrix over random angles has full rank when no function is there twice: pairs of
  // different functions have zero correlation on the torus.
  const FourierBasis basis(2, {3});
  constexpr std::size_t kPoints = 20000;
  std::vector<double> gram(basis.size() * basis.size(), 0.0);
  auto stream = test_stream(65);
  for (std::size_t p = 0; p < kPoints; ++p) {
    std::vector<double> angles(3);
    for (double& angle : angles) angle = engine::kTwoPi * stream.uniform();
    const std::vector<double> v = evaluate(basis, 2, angles);
    for (std::size_t i = 0; i < v.size(); ++i)
      for (std::size_t j = 0; j < v.size(); ++j) gram[i * v.size() + j] += v[i] * v[j] / kPoints;
  }
  // Six standard errors of a mean of numbers in [-1, 1]; the diagonal is 1, 1/2 or 1/4.
  const double tolerance = tolerance_scale() * 6.0 / std::sqrt(static_cast<double>(kPoints));
  for (std::size_t i = 0; i < basis.size(); ++i) {
    EXPECT_GT(gram[i * basis.size() + i], 0.2);
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NEAR(gram[i * basis.size() + j], 0.0, tolerance) << i << ", " << j;
  }
}

}  // namespace
}  // namespace saltus::tests
