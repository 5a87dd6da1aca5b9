// Oracle: a tetrahedron and a double bond drawn by hand.
#include "engine/conformers/stereo_check.h"

#include <gtest/gtest.h>

namespace saltus::engine {
namespace {

/// Centre, then its neighbours: the first above, the others counterclockwise seen from it.
const std::vector<double> kCentre = {0,    0,    0,    0,    0,    1,     1,   0,
                                     -0.3, -0.5, 0.87, -0.3, -0.5, -0.87, -0.3};

TEST(StereoCheck, TellsHands) {
  Configuration configuration;
  configuration.centres = {{0, {1, 2, 3, 4}, 1}};
  EXPECT_TRUE(has_configuration(configuration, kCentre));
  configuration.centres = {{0, {1, 2, 3, 4}, -1}};
  EXPECT_FALSE(has_configuration(configuration, kCentre));
  configuration.centres = {{0, {1, 3, 2, 4}, -1}};
  EXPECT_TRUE(has_configuration(configuration, kCentre));
  // With a lone pair instead of the last neighbour.
  configuration.centres = {{0, {1, 2, 3}, 1}};
  EXPECT_TRUE(has_configuration(configuration, kCentre));
}

TEST(StereoCheck, RefusesFlatCentres) {
  std::vector<double> flat = kCentre;
  for (std::size_t i = 2; i < flat.size(); i += 3) flat[i] = 0.0;
  flat[3] = -0.1;  // the first neighbour, now in the plane
  Configuration configuration;
  for (const int sign : {1, -1}) {
    configuration.centres = {{0, {1, 2, 3, 4}, sign}};
    EXPECT_FALSE(has_configuration(configuration, flat));
  }
}

TEST(StereoCheck, TellsSidesOfDoubleBonds) {
  const std::vector<double> cis = {-0.5, 1, 0, 0, 0, 0, 1, 0, 0, 1.5, 1, 0.3};
  std::vector<double> trans = cis;
  trans[10] = -1.0;
  Configuration configuration;
  configuration.double_bonds = {{0, 1, 2, 3, true}};
  EXPECT_TRUE(has_configuration(configuration, cis));
  EXPECT_FALSE(has_configuration(configuration, trans));
  configuration.double_bonds = {{0, 1, 2, 3, false}};
  EXPECT_FALSE(has_configuration(configuration, cis));
  EXPECT_TRUE(has_configuration(configuration, trans));
}

TEST(StereoCheck, TellsHandsOfAxes) {
  // The last atom stands a quarter turn from the first, seen along the chain: clockwise is
  // positive.
  const std::vector<double> right = {-0.5, 1, 0, 0, 0, 0, 1, 0, 0, 1.5, 0, 1};
  std::vector<double> left = right, flat = right;
  left[11] = -1.0;
  flat[10] = 1.0;
  flat[11] = 0.0;
  Configuration configuration;
  configuration.axes = {{0, 1, 2, 3, 1}};
  EXPECT_TRUE(has_configuration(configuration, right));
  EXPECT_FALSE(has_configuration(configuration, left));
  EXPECT_FALSE(has_configuration(configuration, flat));
  configuration.axes = {{0, 1, 2, 3, -1}};
  EXPECT_FALSE(has_configuration(configuration, right));
  EXPECT_TRUE(has_configuration(configuration, left));
  EXPECT_EQ(sign_of(configuration.axes[0], right), 1);
  EXPECT_EQ(sign_of(configuration.axes[0], left), -1);
  EXPECT_EQ(sign_of(configuration.axes[0], flat), 0);
}

}  // namespace
}  // namespace saltus::engine
