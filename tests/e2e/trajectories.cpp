#include "tests/e2e/trajectories.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "io/hdf5/trajectory_reader.h"

namespace saltus::tests {

namespace {

using io::TrajectoryReader;

void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b,
                      const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)), 0) << what << " differs";
}

void expect_same_coordinates(const TrajectoryReader& a, const TrajectoryReader& b,
                             std::uint64_t frame) {
  const std::string where = " of frame " + std::to_string(frame);
  expect_same_bits(a.positions(frame).values(), b.positions(frame).values(), "positions" + where);
  EXPECT_EQ(a.positions(frame).boxes(), b.positions(frame).boxes()) << "boxes" << where;
  if (a.has_velocities())
    expect_same_bits(a.velocities(frame).values(), b.velocities(frame).values(),
                     "velocities" + where);
}

}  // namespace

std::uint64_t expect_same_frames(const std::filesystem::path& path,
                                 const std::filesystem::path& reference, bool prefix) {
  const TrajectoryReader a(path), b(reference);
  const std::uint64_t n = a.n_frames();
  if (prefix)
    EXPECT_LE(n, b.n_frames());
  else
    EXPECT_EQ(n, b.n_frames());
  EXPECT_EQ(a.n_chains(), b.n_chains());
  EXPECT_EQ(a.observable_names(), b.observable_names());
  EXPECT_EQ(a.has_velocities(), b.has_velocities());
  EXPECT_EQ(a.has_box(), b.has_box());
  if (testing::Test::HasFailure() || n == 0) return n;
  EXPECT_EQ(a.steps(0, n), b.steps(0, n));
  expect_same_bits(a.times(0, n), b.times(0, n), "times");
  for (const std::string& name : a.observable_names())
    expect_same_bits(a.observable(name, 0, n), b.observable(name, 0, n), name);
  for (std::uint64_t frame = 0; frame < n && !testing::Test::HasFailure(); ++frame)
    expect_same_coordinates(a, b, frame);
  return n;
}

}  // namespace saltus::tests
