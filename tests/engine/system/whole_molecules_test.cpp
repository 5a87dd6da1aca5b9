// Oracle: whole molecules that the test itself breaks across random boxes.
#include "engine/system/whole_molecules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/vec3.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::message_of;

constexpr double kRounding = 1e-12;  // nm

/// Carbon atoms in a row 0.15 nm apart along a direction, from a place.
void add_row(std::vector<double>& x, std::size_t n, Vec3 place, Vec3 direction) {
  const Vec3 step = (0.15 / norm(direction)) * direction;
  for (std::size_t i = 0; i < n; ++i) {
    const Vec3 atom = place + static_cast<double>(i) * step;
    x.insert(x.end(), {atom.x, atom.y, atom.z});
  }
}

/// Atoms of so many rows of the same length.
Topology rows(std::size_t n_rows, std::size_t length) {
  Topology topology = tests::make_topology(std::vector<std::string>(n_rows * length, "C"), {});
  for (std::size_t row = 0; row < n_rows; ++row)
    for (std::size_t i = 1; i < length; ++i)
      topology.bonds.push_back({row * length + i - 1, row * length + i});
  return topology;
}

std::size_t make_whole(const Topology& topology, const Box& box, std::vector<double>& x) {
  return make_molecules_whole(topology.neighbours(), topology, box, x);
}

/// Moves an atom by whole edge vectors.
void shift(std::vector<double>& x, std::size_t atom, const Box& box, int a, int b, int c) {
  add_to_atom(x.data(), atom,
              {a * box.ax + b * box.bx + c * box.cx, b * box.by + c * box.cy, c * box.cz});
}

TEST(WholeMolecules, AreWhatTheyWereBeforeTheBoxCutThem) {
  auto stream = tests::test_stream(76);
  for (int trial = 0; trial < 200; ++trial) {
    Box box({1.0 + stream.uniform(), 1.0 + stream.uniform(), 1.0 + stream.uniform()});
    if (trial % 2 == 1) {
      box.bx = box.ax * (stream.uniform() - 0.5);
      box.cx = box.ax * (stream.uniform() - 0.5);
      box.cy = box.by * (stream.uniform() - 0.5);
    }
    // Rows of twelve atoms are 1.65 nm long, longer than many of the boxes.
    constexpr std::size_t kRows = 4, kLength = 12;
    const Topology topology = rows(kRows, kLength);
    std::vector<double> whole;
    for (std::size_t row = 0; row < kRows; ++row)
      add_row(whole, kLength, {stream.uniform(), stream.uniform(), stream.uniform()},
              {stream.uniform() - 0.5, stream.uniform() - 0.5, stream.uniform() - 0.5});
    std::vector<double> broken = whole;
    std::size_t n_broken = 0;
    for (std::size_t row = 0; row < kRows; ++row) {
      bool moved = false;
      for (std::size_t i = 1; i < kLength; ++i) {
        const auto step = [&] { return static_cast<int>(5.0 * stream.uniform()) - 2; };
        const int a = step(), b = step(), c = row % 2 == 0 ? 0 : step();
        if (row == 0) continue;  // stays whole
        shift(broken, row * kLength + i, box, a, b, c);
        moved = moved || a != 0 || b != 0 || c != 0;
      }
      if (moved) ++n_broken;
    }
    EXPECT_EQ(make_whole(topology, box, broken), n_broken);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_NEAR(broken[n], whole[n], kRounding) << n;
      if (n < 3 * kLength) {
        EXPECT_EQ(broken[n], whole[n]) << "a whole molecule keeps its bits";
      }
    }
    EXPECT_EQ(make_whole(topology, box, broken), 0u);
  }
}

TEST(WholeMolecules, MayBeRings) {
  Topology topology = rows(1, 4);
  topology.bonds.push_back({3, 0});
  const Box box({1.0, 1.1, 1.2});
  const std::vector<double> whole = {0.95, 0.2, 1.1,  1.1,  0.2, 1.1,
                                     1.1,  0.2, 1.25, 0.95, 0.2, 1.25};
  std::vector<double> x = whole;
  for (std::size_t atom = 0; atom < 4; ++atom)  // into the box
    shift(x, atom, box, x[3 * atom] > 1.0 ? -1 : 0, 0, x[3 * atom + 2] > 1.2 ? -1 : 0);
  EXPECT_EQ(make_whole(topology, box, x), 1u);
  for (std::size_t n = 0; n < x.size(); ++n) EXPECT_NEAR(x[n], whole[n], kRounding);
}

TEST(WholeMolecules, AreNotBondedToTheirImages) {
  // Seven atoms in a row fill an edge of 1.05 nm, and the last one is bonded to the first.
  Topology topology = rows(1, 7);
  topology.bonds.push_back({0, 6});
  const Box box({1.05, 2.0, 2.0});
  std::vector<double> x;
  add_row(x, 7, {0.0, 0.3, 0.3}, {1.0, 0.0, 0.0});
  const std::vector<double> before = x;
  EXPECT_EQ(message_of<InputError>([&] { make_whole(topology, box, x); }),
            "the molecule of atom C2 of residue MOL 1 of chain A and atom C1 of residue MOL 1 of "
            "chain A is bonded to its own image across the periodic box, as a crystal or a polymer "
            "without ends; only molecules that end are supported. If it does end, the box is too "
            "small for it or a bond is wrong");
  EXPECT_EQ(x, before);
}

TEST(WholeMolecules, HaveNoBondsOfThreeTenthsOfANanometre) {
  const Topology topology = rows(1, 2);
  const Box box({2.0, 2.0, 2.0});
  std::vector<double> x = {0.1, 0.1, 0.1, 1.81, 0.1, 0.1};
  EXPECT_EQ(make_whole(topology, box, x), 1u);
  EXPECT_NEAR(x[3], -0.19, kRounding);
  x = {0.1, 0.1, 0.1, 1.79, 0.1, 0.1};
  EXPECT_EQ(message_of<InputError>([&] { make_whole(topology, box, x); }),
            "atom C0 of residue MOL 1 of chain A and atom C1 of residue MOL 1 of chain A are "
            "bonded, but 0.31 nm apart at their nearest images in the periodic box, expected at "
            "most 0.3 nm; correct the coordinates, the box, or the bond when atoms between these "
            "two are missing");
  x[3] = std::nan("");
  EXPECT_THROW(make_whole(topology, box, x), InputError);
  x.pop_back();
  EXPECT_THROW(make_whole(topology, box, x), InternalError);
}

TEST(WholeMolecules, AreHeldTogetherByMoreThanBonds) {
  // A four-site water: a bond of the topology, a constraint, a site; a harmonic bond between two
  // ions, and springs that belong to no molecule.
  const Topology topology = tests::make_topology({"O", "H", "H", "C", "N", "N"}, {{0, 1}});
  System system;
  system.masses = {16.0, 1.0, 1.0, 0.0, 23.0, 23.0};
  system.constraints = {{0, 2, 0.1}, {2, 4, 0.9}};
  system.bonds = {{4, 5, 0.15, 1e5}, {0, 5, 1.2, 100.0}};
  VirtualSite site;
  site.site = 3;
  site.parents = {0, 1, 2};
  system.virtual_sites = {site};
  const std::vector<std::vector<std::size_t>> expected = {{1, 2, 3}, {0, 3}, {0, 3},
                                                          {0, 1, 2}, {5},    {4}};
  EXPECT_EQ(held_neighbours(topology, system), expected);
}

TEST(MoleculesIntoTheBox, MoveAsAWholeAndOnlyIfTheirCentresAreOutside) {
  auto stream = tests::test_stream(77);
  constexpr std::size_t kRows = 6, kLength = 4;
  const Topology topology = rows(kRows, kLength);
  const Molecules molecules = connected_molecules(topology.n_atoms(), topology.bonds);
  for (int trial = 0; trial < 100; ++trial) {
    Box box({1.0 + stream.uniform(), 1.0 + stream.uniform(), 1.0 + stream.uniform()});
    if (trial % 2 == 1) {
      box.bx = box.ax * (stream.uniform() - 0.5);
      box.cx = box.ax * (stream.uniform() - 0.5);
      box.cy = box.by * (stream.uniform() - 0.5);
    }
    // Where they are to be, some with atoms outside of the box.
    std::vector<double> x;
    std::vector<bool> moved;
    for (std::size_t row = 0; row < kRows; ++row) {
      const Vec3 direction = {stream.normal(), stream.normal(), stream.normal()};
      const Vec3 centre = {box.ax * stream.uniform(), box.by * stream.uniform(),
                           box.cz * stream.uniform()};
      add_row(x, kLength, centre - (0.225 / norm(direction)) * direction, direction);
    }
    const std::vector<double> expected = x;
    for (std::size_t row = 0; row < kRows; ++row) {
      const auto steps = [&] { return static_cast<int>(stream.below(9)) - 4; };
      const int a = steps(), b = steps(), c = steps();
      moved.push_back(a != 0 || b != 0 || c != 0);
      for (std::size_t i = 0; i < kLength; ++i) shift(x, row * kLength + i, box, a, b, c);
    }
    move_molecules_into_box(molecules, box, x);
    for (std::size_t n = 0; n < x.size(); ++n) {
      if (moved[n / (3 * kLength)])
        EXPECT_NEAR(x[n], expected[n], kRounding) << "coordinate " << n;
      else
        EXPECT_EQ(x[n], expected[n]) << "coordinate " << n;
    }
  }
  std::vector<double> x(3);
  EXPECT_THROW(move_molecules_into_box(molecules, Box({1.0, 1.0, 1.0}), x), InternalError);
}

}  // namespace
}  // namespace saltus::engine
