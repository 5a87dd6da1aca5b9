#include "engine/system/whole_molecules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

// Bonds of heavy atoms reach 0.27 nm (iodine), those of metals to their ligands somewhat more.
constexpr double kLongestBondNm = 0.3;

/// Whole numbers of the edge vectors a, b, c.
using Shift = std::array<double, 3>;

/// Finds the shifts of all atoms of one molecule after the other.
class MoleculeWalk {
 public:
  MoleculeWalk(const std::vector<std::vector<std::size_t>>& neighbours, const Topology& topology,
               const Box& box, Span<const double> x)
      : neighbours_(neighbours),
        topology_(topology),
        box_(box),
        x_(x),
        shifts_(neighbours.size()),
        seen_(neighbours.size(), false) {}

  /// Number of molecules with shifts that are not 0.
  std::size_t walk() {
    std::size_t n_moved = 0;
    for (std::size_t first = 0; first < neighbours_.size(); ++first)
      if (!seen_[first] && walk_from(first)) ++n_moved;
    return n_moved;
  }

  const std::vector<Shift>& shifts() const { return shifts_; }

 private:
  bool walk_from(std::size_t first) {
    bool moved = false;
    std::vector<std::size_t> waiting = {first};
    seen_[first] = true;
    while (!waiting.empty()) {
      const std::size_t atom = waiting.back();
      waiting.pop_back();
      for (const std::size_t other : neighbours_[atom]) {
        const Shift shift = shift_of(atom, other);
        if (seen_[other]) {
          if (shift != shifts_[other]) refuse_own_image(atom, other);
          continue;
        }
        seen_[other] = true;
        shifts_[other] = shift;
        moved = moved || shift != Shift{};
        waiting.push_back(other);
      }
    }
    return moved;
  }

  /// What `other` needs to be at its nearest image from `atom` as that is shifted.
  Shift shift_of(std::size_t atom, std::size_t other) const {
    const Vec3 d = load_atom(x_.data(), other) - load_atom(x_.data(), atom);
    const Vec3 nearest = box_.nearest_image(d);
    if (!(norm(nearest) <= kLongestBondNm)) refuse_long_bond(atom, other, norm(nearest));
    // d + shift * (a, b, c) = nearest.
    const Vec3 moved = nearest - d;
    const double c = std::round(moved.z / box_.cz);
    const double b = std::round((moved.y - c * box_.cy) / box_.by);
    const double a = std::round((moved.x - c * box_.cx - b * box_.bx) / box_.ax);
    const Shift& own = shifts_[atom];
    return {own[0] + a, own[1] + b, own[2] + c};
  }

  [[noreturn]] void refuse_long_bond(std::size_t atom, std::size_t other, double r) const {
    throw InputError(topology_.describe_atom(atom) + " and " + topology_.describe_atom(other) +
                     " are bonded, but " + significant_text(r, 3) +
                     " nm apart at their nearest images in the periodic box, expected at most " +
                     significant_text(kLongestBondNm, 3) +
                     " nm; correct the coordinates, the box, or the bond when atoms between these "
                     "two are missing");
  }

  [[noreturn]] void refuse_own_image(std::size_t atom, std::size_t other) const {
    throw InputError("the molecule of " + topology_.describe_atom(atom) + " and " +
                     topology_.describe_atom(other) +
                     " is bonded to its own image across the periodic box, as a crystal or a "
                     "polymer without ends; only molecules that end are supported. If it does end, "
                     "the box is too small for it or a bond is wrong");
  }

  const std::vector<std::vector<std::size_t>>& neighbours_;
  const Topology& topology_;
  const Box& box_;
  Span<const double> x_;
  std::vector<Shift> shifts_;
  std::vector<bool> seen_;
};

}  // namespace

std::vector<std::vector<std::size_t>> held_neighbours(const Topology& topology,
                                                      const System& system) {
  auto neighbours = topology.neighbours();
  const auto hold = [&](std::size_t i, std::size_t j) {
    neighbours[i].push_back(j);
    neighbours[j].push_back(i);
  };
  for (const HarmonicBond& bond : system.bonds)
    if (bond.length_nm <= kLongestBondNm) hold(bond.i, bond.j);
  for (const Constraint& constraint : system.constraints)
    if (constraint.distance_nm <= kLongestBondNm) hold(constraint.i, constraint.j);
  for (const VirtualSite& site : system.virtual_sites)
    for (const std::size_t parent : site.parents) hold(site.site, parent);
  for (std::vector<std::size_t>& atoms : neighbours) {
    std::sort(atoms.begin(), atoms.end());
    atoms.erase(std::unique(atoms.begin(), atoms.end()), atoms.end());
  }
  return neighbours;
}

std::size_t make_molecules_whole(const std::vector<std::vector<std::size_t>>& neighbours,
                                 const Topology& topology, const Box& box, Span<double> x) {
  if (x.size() != 3 * neighbours.size())
    throw InternalError("whole molecules: " + std::to_string(x.size()) + " coordinates of " +
                        std::to_string(neighbours.size()) + " atoms");
  MoleculeWalk walk(neighbours, topology, box, x);
  const std::size_t n_moved = walk.walk();
  for (std::size_t atom = 0; atom < neighbours.size(); ++atom) {
    const auto [a, b, c] = walk.shifts()[atom];
    if (a == 0.0 && b == 0.0 && c == 0.0) continue;
    add_to_atom(x.data(), atom,
                {a * box.ax + b * box.bx + c * box.cx, b * box.by + c * box.cy, c * box.cz});
  }
  return n_moved;
}

void move_molecules_into_box(const Molecules& molecules, const Box& box, Span<double> x) {
  if (x.size() != 3 * molecules.of_atom.size())
    throw InternalError("molecules into the box: " + std::to_string(x.size()) + " coordinates of " +
                        std::to_string(molecules.of_atom.size()) + " atoms");
  std::vector<Vec3> sums(molecules.count);
  std::vector<double> n_atoms(molecules.count, 0.0);
  for (std::size_t atom = 0; atom < molecules.of_atom.size(); ++atom) {
    const std::size_t molecule = molecules.of_atom[atom];
    sums[molecule] = sums[molecule] + load_atom(x.data(), atom);
    n_atoms[molecule] += 1.0;
  }
  for (std::size_t molecule = 0; molecule < molecules.count; ++molecule) {
    const Vec3 centre = (1.0 / n_atoms[molecule]) * sums[molecule];
    sums[molecule] = box.wrapped(centre) - centre;
  }
  for (std::size_t atom = 0; atom < molecules.of_atom.size(); ++atom)
    add_to_atom(x.data(), atom, sums[molecules.of_atom[atom]]);
}

}  // namespace saltus::engine
