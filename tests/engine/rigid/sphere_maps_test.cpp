// Oracle: derivatives along great circles for log-determinants, the inverse for the map, the
// defining formula for the linear form of the symmetrised map, and the mean of a dipole in a field,
// coth k - 1/k, by importance sampling through a map.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/rigid/sphere_maps.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/numerics.h"
#include "tests/support/rigid_dipoles.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kPoints = 50;
constexpr double kLogDet = 1e-7;         // Ridders' error, summed over the tangent space
constexpr double kFirstStep_rad = 1e-3;  // maps stretch some places a hundredfold
constexpr double kRoundTrip = 1e-12;     // rounding, enlarged by maps that contract twentyfold

template <std::size_t D>
double dot(const SphereVector<D>& a, const SphereVector<D>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < D; ++i) sum += a[i] * b[i];
  return sum;
}

template <std::size_t D>
SphereVector<D> scaled(const SphereVector<D>& v, double factor) {
  SphereVector<D> result = v;
  for (double& component : result) component *= factor;
  return result;
}

template <std::size_t D>
SphereVector<D> random_vector(RandomStream& stream) {
  SphereVector<D> v;
  for (double& component : v) component = stream.normal();
  return v;
}

template <std::size_t D>
SphereVector<D> random_point(RandomStream& stream) {
  const SphereVector<D> v = random_vector<D>(stream);
  return scaled(v, 1.0 / std::sqrt(dot(v, v)));
}

/// Orthonormal vectors across p.
template <std::size_t D>
std::vector<SphereVector<D>> tangents(const SphereVector<D>& p) {
  std::vector<SphereVector<D>> basis = {p};
  for (std::size_t axis = 0; axis < D && basis.size() < D; ++axis) {
    SphereVector<D> v{};
    v[axis] = 1.0;
    for (int twice = 0; twice < 2; ++twice)
      for (const auto& b : basis) {
        const double overlap = dot(v, b);
        for (std::size_t i = 0; i < D; ++i) v[i] -= overlap * b[i];
      }
    const double length = std::sqrt(dot(v, v));
    if (length > 0.1) basis.push_back(scaled(v, 1.0 / length));
  }
  basis.erase(basis.begin());
  return basis;
}

template <std::size_t D>
using Map = std::function<SphereImage<D>(const SphereVector<D>&)>;

/// log |det| of the derivative, along great circles through p.
template <std::size_t D>
double numerical_log_det(const Map<D>& map, const SphereVector<D>& p) {
  const auto from = tangents(p), to = tangents(map(p).point);
  std::vector<double> jacobian;
  for (const auto& row : to)
    for (const auto& column : from)
      jacobian.push_back(ridders_derivative(
                             [&](double angle) {
                               SphereVector<D> at;
                               for (std::size_t i = 0; i < D; ++i)
                                 at[i] = std::cos(angle) * p[i] + std::sin(angle) * column[i];
                               return dot(map(at).point, row);
                             },
                             0.0, kFirstStep_rad)
                             .value);
  return log_abs_determinant(jacobian, D - 1);
}

template <std::size_t D>
void expect_same(const SphereVector<D>& a, const SphereVector<D>& b, const std::string& what) {
  for (std::size_t i = 0; i < D; ++i)
    EXPECT_NEAR(a[i], b[i], tolerance_scale() * kRoundTrip) << what;
}

/// Inverse, log-determinants and, for even maps, the bits of f(-p).
template <std::size_t D>
void expect_sphere_map(const Map<D>& forward, const Map<D>& inverse, bool even,
                       std::uint32_t seed) {
  RandomStream stream = test_stream(11, seed);
  for (std::size_t n = 0; n < kPoints; ++n) {
    const SphereVector<D> p = random_point<D>(stream);
    const SphereImage<D> y = forward(p), back = inverse(y.point);
    EXPECT_NEAR(dot(y.point, y.point), 1.0, tolerance_scale() * kRoundTrip);
    expect_same(p, back.point, "round trip");
    EXPECT_NEAR(back.log_det, -y.log_det, tolerance_scale() * 1e-10);
    EXPECT_NEAR(y.log_det, numerical_log_det<D>(forward, p), tolerance_scale() * kLogDet);
    if (!even) continue;
    const SphereVector<D> minus = scaled(p, -1.0);
    EXPECT_EQ(forward(minus).point, scaled(y.point, -1.0));
    EXPECT_EQ(forward(minus).log_det, y.log_det);
    EXPECT_EQ(inverse(scaled(y.point, -1.0)).point, scaled(back.point, -1.0));
    EXPECT_EQ(inverse(scaled(y.point, -1.0)).log_det, back.log_det);
  }
}

template <std::size_t D, class M>
void expect_map(const M& map, bool even, std::uint32_t seed) {
  expect_sphere_map<D>([&](const SphereVector<D>& p) { return map.forward(p); },
                       [&](const SphereVector<D>& p) { return map.inverse(p); }, even, seed);
}

template <std::size_t D>
LinearSphereMap<D> random_linear_map(RandomStream& stream) {
  typename LinearSphereMap<D>::Rows rows;
  for (std::size_t i = 0, at = 0; i < D; ++i)
    for (std::size_t j = 0; j <= i; ++j, ++at)
      rows[at] = i == j ? std::exp(0.5 * stream.normal()) : stream.normal();
  return LinearSphereMap<D>(rows);
}

/// As strong as may be, or a part of that.
template <std::size_t D>
ConvexGradientMap<D> random_convex_map(RandomStream& stream, double part) {
  std::vector<ConvexTerm<D>> terms(4);
  double trace = 0.0;  // at least the largest eigenvalue
  for (ConvexTerm<D>& term : terms) {
    term = {random_vector<D>(stream), stream.uniform(), 2.0 * stream.uniform()};
    trace += term.weight * dot(term.centre, term.centre) / (1.0 + term.offset);
  }
  return ConvexGradientMap<D>(terms, trace / (10.0 * part));
}

template <std::size_t D>
void expect_all_maps() {
  RandomStream stream = test_stream(12, static_cast<std::uint32_t>(D));
  for (std::uint32_t n = 0; n < 4; ++n) {
    const SphereVector<D> w = scaled(random_point<D>(stream), 0.9 * stream.uniform());
    SCOPED_TRACE("maps of number " + std::to_string(n));
    expect_map<D>(MoebiusMap<D>(w), false, 10 * n);
    expect_map<D>(SymmetrisedMoebiusMap<D>(w), true, 10 * n + 1);
    expect_map<D>(random_linear_map<D>(stream), true, 10 * n + 2);
    const ConvexGradientMap<D> convex = random_convex_map<D>(stream, n == 0 ? 1.0 : 0.5);
    expect_sphere_map<D>([&](const SphereVector<D>& p) { return convex.forward(p); },
                         [&](const SphereVector<D>& p) { return convex.inverse(p).value(); }, true,
                         10 * n + 3);
  }
}

TEST(SphereMaps, KeepTheirPromisesOnTheCircle) { expect_all_maps<2>(); }

TEST(SphereMaps, KeepTheirPromisesOnOrientations) {
  expect_all_maps<4>();
  RandomStream stream = test_stream(13);
  expect_map<4>(TurningMap(uniform_orientation(stream)), true, 99);
}

TEST(SphereMaps, AMissingTermOfTheLogDeterminantIsSeen) {
  RandomStream stream = test_stream(14);
  const LinearSphereMap<4> map = random_linear_map<4>(stream);
  const SphereVector<4> p = random_point<4>(stream);
  const double exact = numerical_log_det<4>([&](const auto& at) { return map.forward(at); }, p);
  // What a map of R^4 has, not of its directions.
  const double length_only = map.forward(p).log_det * 3.0 / 4.0;
  EXPECT_GT(std::abs(exact - length_only), 100.0 * kLogDet);
}

TEST(SphereMaps, TheSymmetrisedMapIsTheMeanOfTwoMoebiusMaps) {
  RandomStream stream = test_stream(15);
  for (std::size_t n = 0; n < kPoints; ++n) {
    const SphereVector<4> w = scaled(random_point<4>(stream), 0.9 * stream.uniform());
    const SphereVector<4> p = random_point<4>(stream);
    const auto a = MoebiusMap<4>(w).forward(p).point,
               b = MoebiusMap<4>(scaled(w, -1.0)).forward(p).point;
    SphereVector<4> sum;
    for (std::size_t i = 0; i < 4; ++i) sum[i] = a[i] + b[i];
    const double length = std::sqrt(dot(sum, sum));
    expect_same(SymmetrisedMoebiusMap<4>(w).forward(p).point, scaled(sum, 1.0 / length), "mean");
  }
}

TEST(SphereMaps, TurningComposesRotationsFromTheLeft) {
  const Quaternion quarter = from_rotation_vector({0.0, 0.0, 0.5 * kPi});
  const Quaternion tip = from_rotation_vector({0.5 * kPi, 0.0, 0.0});  // y to z
  const Quaternion q = quaternion_at(TurningMap(quarter).forward(point_of(tip)).point);
  // First tip, then turn: y goes to z and stays there; x goes to y.
  const Vec3 y = rotate(q, {0.0, 1.0, 0.0}), x = rotate(q, {1.0, 0.0, 0.0});
  EXPECT_NEAR(y.z, 1.0, 1e-15);
  EXPECT_NEAR(x.y, 1.0, 1e-15);
}

TEST(SphereMaps, ADipoleInAFieldByImportanceSampling) {
  // u = -k R_33; weights of uniform orientations pushed through a map that likes R_33 = 1.
  constexpr double kStrength = 4.0;
  constexpr std::size_t kDraws = 200000;
  const LinearSphereMap<4> map({1.6, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.6});
  const auto mean_of = [&](bool with_jacobian) {
    double sum = 0.0, weights = 0.0;
    RandomStream stream = test_stream(16);
    for (std::size_t n = 0; n < kDraws; ++n) {
      const auto image = map.forward(point_of(uniform_orientation(stream)));
      const double r33 = rotate(quaternion_at(image.point), {0.0, 0.0, 1.0}).z;
      const double weight =
          std::exp(kStrength * (r33 - 1.0) + (with_jacobian ? image.log_det : 0.0));
      sum += weight * r33;
      weights += weight;
    }
    return std::pair{sum / weights, weights / static_cast<double>(kDraws)};
  };
  const auto [mean, normalisation] = mean_of(true);
  // Half of the draws are effective, the standard deviation of R_33 is 0.24: six standard errors
  // (false alarms 2e-9). The density without Jacobian is off by ten times that.
  constexpr double kAllowed = 0.0045;
  EXPECT_NEAR(mean, 1.0 / std::tanh(kStrength) - 1.0 / kStrength, tolerance_scale() * kAllowed);
  EXPECT_NEAR(std::log(normalisation) + kStrength, std::log(std::sinh(kStrength) / kStrength),
              tolerance_scale() * 6.0 / std::sqrt(static_cast<double>(kDraws)));
  EXPECT_GT(std::abs(mean_of(false).first - mean), 10.0 * kAllowed);
}

TEST(SphereMaps, StrongTermsThatFoldTheCircleAreRefused) {
  // The gradient's direction goes back and forth here, although phi is convex: one term has
  // reached its slope where the other has not.
  const std::vector<ConvexTerm<2>> terms = {{{5.93, -3.98}, 0.083, 0.0}, {{-1.36, 0.50}, 1.0, 0.0}};
  constexpr double kStiffness = 0.0412;
  double smallest_turn = 1.0, last = 0.0;
  for (int n = 0; n <= 4000; ++n) {
    const double angle = kTwoPi * n / 4000.0, x = std::cos(angle), y = std::sin(angle);
    double g_x = kStiffness * x, g_y = kStiffness * y;
    for (const ConvexTerm<2>& term : terms) {
      const double slope = term.weight * std::tanh(term.centre[0] * x + term.centre[1] * y);
      g_x += slope * term.centre[0];
      g_y += slope * term.centre[1];
    }
    const double direction = std::atan2(g_y, g_x);
    if (n > 0) smallest_turn = std::min(smallest_turn, std::remainder(direction - last, kTwoPi));
    last = direction;
  }
  EXPECT_LT(smallest_turn, 0.0);
  EXPECT_NE(message_of<InputError>([&] {
              ConvexGradientMap<2>(terms, kStiffness);
            }).find("which may fold the sphere; expected at most 10"),
            std::string::npos);
}

TEST(SphereMaps, BadParametersAreRefused) {
  EXPECT_EQ(message_of<InputError>([] {
              MoebiusMap<2>({1.0, 0.0});
            }),
            "Moebius map: |w| is 1.000000, expected less than 1");
  EXPECT_EQ(message_of<InputError>([] {
              SymmetrisedMoebiusMap<4>({0.0, 2.0, 0.0, 0.0});
            }),
            "symmetrised Moebius map: |w| is 2.000000, expected less than 1");
  EXPECT_EQ(message_of<InputError>([] {
              LinearSphereMap<2>({1.0, 0.0, -1.0});
            }),
            "linear sphere map: element 1, 1 is -1.000000, expected a positive number");
  EXPECT_EQ(message_of<InputError>([] { ConvexGradientMap<2>({}, 0.0); }),
            "convex gradient map: the stiffness must be positive and finite");
  EXPECT_EQ(message_of<InputError>([] {
              ConvexGradientMap<2>({{{1.0, 0.0}, 1.0, 3.0}}, 1.0);
            }),
            "convex gradient map: the offset of term 0 must be between 0 and 2");
}

}  // namespace
}  // namespace saltus::tests
