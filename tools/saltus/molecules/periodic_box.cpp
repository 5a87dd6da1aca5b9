#include "tools/saltus/molecules/periodic_box.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"

namespace saltus::tools {

namespace {

// A box of 1 angstrom is the placeholder of PDB files without a unit cell.
constexpr double kPlaceholderEdgeNm = 0.1 + 1e-9;
// Diamond has 0.0057 nm^3 for each atom, water 0.0100.
constexpr double kMinVolumeOfAnAtomNm3 = 0.005;

double volume_nm3(const InputBox& box) {
  const double a = std::cos(box.angles_rad[0]), b = std::cos(box.angles_rad[1]),
               c = std::cos(box.angles_rad[2]);
  const double square = 1.0 - a * a - b * b - c * c + 2.0 * a * b * c;
  return box.edges_nm[0] * box.edges_nm[1] * box.edges_nm[2] * std::sqrt(std::max(0.0, square));
}

/// Molecule of each atom, by the first atom of it that was met.
std::vector<std::size_t> molecules_of(const engine::Topology& topology) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  const auto neighbours = topology.neighbours();
  std::vector<std::size_t> molecule(topology.n_atoms(), kNone);
  for (std::size_t start = 0; start < topology.n_atoms(); ++start) {
    if (molecule[start] != kNone) continue;
    std::vector<std::size_t> waiting = {start};
    molecule[start] = start;
    while (!waiting.empty()) {
      const std::size_t atom = waiting.back();
      waiting.pop_back();
      for (const std::size_t other : neighbours[atom]) {
        if (molecule[other] != kNone) continue;
        molecule[other] = start;
        waiting.push_back(other);
      }
    }
  }
  return molecule;
}

/// Length of the molecule with most atoms along the axis where it is longest, nm.
double largest_molecule_nm(const engine::Topology& topology, engine::Span<const double> positions) {
  const std::vector<std::size_t> molecule = molecules_of(topology);
  std::vector<std::size_t> sizes(topology.n_atoms(), 0);
  for (const std::size_t n : molecule) ++sizes[n];
  const auto largest =
      static_cast<std::size_t>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
  double length = 0.0;
  for (std::size_t k = 0; k < 3; ++k) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t n = 0; n < molecule.size(); ++n) {
      if (molecule[n] != largest) continue;
      low = std::min(low, positions[3 * n + k]);
      high = std::max(high, positions[3 * n + k]);
    }
    length = std::max(length, high - low);
  }
  return length;
}

std::string describe(const InputBox& box) {
  return box.source + " gives a periodic box of " +
         fmt::format(FMT_STRING("{:.3f} x {:.3f} x {:.3f} nm"), box.edges_nm[0], box.edges_nm[1],
                     box.edges_nm[2]);
}

}  // namespace

bool is_placeholder(const InputBox& box, const engine::Topology& topology,
                    engine::Span<const double> positions) {
  const auto& edges = box.edges_nm;
  if (*std::min_element(edges.begin(), edges.end()) <= kPlaceholderEdgeNm) return true;
  if (volume_nm3(box) < kMinVolumeOfAnAtomNm3 * static_cast<double>(topology.n_atoms()))
    return true;
  return *std::max_element(edges.begin(), edges.end()) < largest_molecule_nm(topology, positions);
}

std::string judge_box(const InputBox& box, const engine::Topology& topology,
                      engine::Span<const double> positions, const std::string& why_not_used) {
  if (is_placeholder(box, topology, positions))
    return describe(box) + ", too small for the atoms; it is taken for a placeholder and not used";
  if (why_not_used.empty())
    throw engine::InputError(
        describe(box) +
        ", but periodic boxes are not available, and the contents of the box would be simulated in "
        "vacuum; if that is intended, set nonbonded = \"no_cutoff\" (or \"cutoff\") in "
        "[system] (saltus energy without a deck: --ignore-box), or remove the box from the file");
  return describe(box) + "; it is not used: " + why_not_used;
}

}  // namespace saltus::tools
