#include "tools/saltus/molecules/periodic_box.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/system/molecules.h"

namespace saltus::tools {

namespace {

// A box of 1 angstrom is the placeholder of PDB files without a unit cell.
constexpr double kPlaceholderEdgeNm = 0.1 + 1e-9;
// PDB files have two decimals of a degree.
constexpr double kSameAngleRad = 0.02 * engine::kRadianPerDegree;
// Diamond has 0.0057 nm^3 for each atom, water 0.0100.
constexpr double kMinVolumeOfAnAtomNm3 = 0.005;

bool has_nominal_edge(const InputBox& box) {
  return *std::min_element(box.edges_nm.begin(), box.edges_nm.end()) <= kPlaceholderEdgeNm;
}

/// Without angles, as large as with any.
double volume_nm3(const InputBox& box) {
  if (!box.angles_rad) return box.edges_nm[0] * box.edges_nm[1] * box.edges_nm[2];
  const auto& angles = *box.angles_rad;
  const double a = std::cos(angles[0]), b = std::cos(angles[1]), c = std::cos(angles[2]);
  const double square = 1.0 - a * a - b * b - c * c + 2.0 * a * b * c;
  return box.edges_nm[0] * box.edges_nm[1] * box.edges_nm[2] * std::sqrt(std::max(0.0, square));
}

/// Length of the molecule with most atoms along the axis where it is longest, nm.
double largest_molecule_nm(const engine::Topology& topology, engine::Span<const double> positions) {
  const engine::Molecules molecules =
      engine::connected_molecules(topology.n_atoms(), topology.bonds);
  const std::vector<std::size_t>& molecule = molecules.of_atom;
  std::vector<std::size_t> sizes(molecules.count, 0);
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

const char* deck_name(engine::NonbondedMethod method) {
  switch (method) {
    case engine::NonbondedMethod::kNoCutoff:
      return "no_cutoff";
    case engine::NonbondedMethod::kCutoffNonPeriodic:
      return "cutoff";
    case engine::NonbondedMethod::kCutoffPeriodic:
      return "cutoff_periodic";
    case engine::NonbondedMethod::kEwald:
      return "ewald";
    case engine::NonbondedMethod::kPme:
      return "pme";
  }
  throw engine::InternalError("unknown nonbonded method");
}

std::string said(engine::NonbondedMethod method) {
  return std::string("nonbonded = \"") + deck_name(method) + '"';
}

const char* const kHowToGetABox =
    "give the edges and angles of the box in the coordinates (a CRYST1 record of a .pdb file, the "
    "last line of an .inpcrd or .rst7 file), or put the molecule into a box of water with 'saltus "
    "solvate'";

engine::Box box_to_use(const InputBox& box) {
  if (!box.angles_rad)
    throw engine::InputError(describe(box) + " without its angles; " + kHowToGetABox);
  try {
    return engine::Box::from_lengths_and_angles(box.edges_nm, *box.angles_rad);
  } catch (const engine::InputError& error) {
    throw engine::InputError(box.source + ": " + error.what());
  }
}

/// The box of a deck that does not ask for it, if it is one: none where box_to_use would throw.
std::optional<engine::Box> box_left_out(const InputBox& box, const engine::Topology& topology,
                                        engine::Span<const double> positions) {
  if (is_placeholder(box, topology, positions)) return std::nullopt;
  try {
    return box_to_use(box);
  } catch (const engine::InputError&) {
    return std::nullopt;
  }
}

/// The box of a deck that asks for a periodic method.
engine::Box required_box(const BoxQuestion& question, const engine::Topology& topology,
                         engine::Span<const double> positions) {
  const std::string needs = said(*question.nonbonded) + " needs a periodic box";
  if (!question.box)
    throw engine::InputError(question.structure + ": no file gives a periodic box, but " + needs +
                             "; " + kHowToGetABox);
  const engine::Box box =
      has_nominal_edge(*question.box) ? engine::Box() : box_to_use(*question.box);
  if (is_placeholder(*question.box, topology, positions))
    throw engine::InputError(describe(*question.box) +
                             ", too small for the atoms and taken for a placeholder, but " + needs +
                             "; " + kHowToGetABox);
  return box;
}

/// Of a crystal whose file may have one of several equal parts of the unit cell.
std::string symmetry_note(const InputBox& box) {
  std::string group = box.space_group;
  group.erase(std::remove(group.begin(), group.end(), ' '), group.end());
  if (group.empty() || group == "P1") return "";
  return box.source + " has the space group " + box.space_group +
         ": the box gets the atoms of the file alone, no copies by symmetry; make the atoms of the "
         "whole unit cell first if the file has a part of them";
}

std::string degrees(const std::array<double, 3>& angles_rad) {
  return fmt::format(
      FMT_STRING("{:.2f}, {:.2f}, {:.2f} degrees"), angles_rad[0] / engine::kRadianPerDegree,
      angles_rad[1] / engine::kRadianPerDegree, angles_rad[2] / engine::kRadianPerDegree);
}

}  // namespace

bool is_placeholder(const InputBox& box, const engine::Topology& topology,
                    engine::Span<const double> positions) {
  const auto& edges = box.edges_nm;
  if (has_nominal_edge(box)) return true;
  if (volume_nm3(box) < kMinVolumeOfAnAtomNm3 * static_cast<double>(topology.n_atoms()))
    return true;
  return *std::max_element(edges.begin(), edges.end()) < largest_molecule_nm(topology, positions);
}

BoxDecision decide_box(const BoxQuestion& question, const engine::Topology& topology,
                       engine::Span<const double> positions) {
  if (question.nonbonded && is_periodic(*question.nonbonded))
    return {required_box(question, topology, positions), std::nullopt,
            symmetry_note(*question.box)};
  if (!question.box) return {};
  const InputBox& box = *question.box;
  if (!question.nonbonded && !is_placeholder(box, topology, positions))
    throw engine::InputError(
        describe(box) +
        ", but nothing says whether it is to be used; set nonbonded = \"pme\" in [system] to "
        "simulate the periodic box (or \"ewald\", \"cutoff_periodic\"), or nonbonded = "
        "\"no_cutoff\" (or \"cutoff\") to have its contents in vacuum or implicit solvent (saltus "
        "energy without a deck: --ignore-box), or remove the box from the file");
  const std::string why = question.nonbonded
                              ? said(*question.nonbonded) +
                                    " is without one; the atoms are in vacuum or implicit solvent"
                              : "";
  return {std::nullopt, box_left_out(box, topology, positions),
          unused_box_note(box, topology, positions, why)};
}

std::string unused_box_note(const InputBox& box, const engine::Topology& topology,
                            engine::Span<const double> positions, const std::string& why) {
  if (is_placeholder(box, topology, positions))
    return describe(box) + ", too small for the atoms; it is taken for a placeholder and not used";
  return describe(box) + "; it is not used: " + why;
}

std::string other_shape_note(const InputBox& coordinates, const InputBox& topology) {
  if (!coordinates.angles_rad || !topology.angles_rad) return "";
  const auto& used = *coordinates.angles_rad;
  const auto& other = *topology.angles_rad;
  const auto agree = [](double a, double b) { return std::abs(a - b) < kSameAngleRad; };
  if (std::equal(used.begin(), used.end(), other.begin(), agree)) return "";
  return coordinates.source + " gives a periodic box with angles of " + degrees(used) +
         ", which is used, but " + topology.source + " gives angles of " + degrees(other) +
         "; check that the two files belong together";
}

}  // namespace saltus::tools
