#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

// POINTERS has 30 entries in old files and up to two more in newer ones.
constexpr std::size_t kMinPointers = 30, kMaxPointers = 32;

constexpr std::size_t kRectangular = 1, kTruncatedOctahedron = 2, kTriclinic = 3;

/// First atom of each residue, and one past the last atom at the end.
std::vector<std::size_t> residue_starts(const PrmtopSections& sections, std::size_t n_residues,
                                        std::size_t n_atoms) {
  std::vector<std::size_t> starts;
  long previous = 0;
  const std::vector<long> pointers = sections.integers("RESIDUE_POINTER", n_residues);
  for (std::size_t n = 0; n < n_residues; ++n) {
    const bool in_order = n == 0 ? pointers[n] == 1 : pointers[n] > previous;
    if (!in_order || pointers[n] > static_cast<long>(n_atoms))
      sections.fail("RESIDUE_POINTER", n,
                    std::to_string(pointers[n]) + ", expected the first atoms of the residues: 1 " +
                        "for the first residue, then rising, none above " +
                        std::to_string(n_atoms));
    previous = pointers[n];
    starts.push_back(static_cast<std::size_t>(previous - 1));
  }
  starts.push_back(n_atoms);
  return starts;
}

}  // namespace

PrmtopPointers::PrmtopPointers(const PrmtopSections& sections) {
  const std::size_t given = sections.size("POINTERS");
  if (given < kMinPointers || given > kMaxPointers)
    sections.fail("POINTERS", "has " + std::to_string(given) + " values, expected " +
                                  std::to_string(kMinPointers) + " to " +
                                  std::to_string(kMaxPointers));
  const std::vector<long> numbers = sections.integers("POINTERS", given);
  for (std::size_t n = 0; n < std::min(given, values_.size()); ++n) {
    if (numbers[n] < 0 || numbers[n] > kMaxCount)
      sections.fail("POINTERS", n,
                    std::to_string(numbers[n]) + ", expected 0 to " + std::to_string(kMaxCount));
    values_[n] = static_cast<std::size_t>(numbers[n]);
  }
  if (given == kMaxPointers && numbers.back() > 1)
    sections.fail("POINTERS", kMaxPointers - 1,
                  "NCOPY is " + std::to_string(numbers.back()) +
                      ": copies of the molecule (path integrals) are not supported");
  if (values_[kAtoms] == 0) sections.fail("POINTERS", kAtoms, "the file has no atoms");
}

void refuse_unsupported(const PrmtopSections& sections, const PrmtopPointers& pointers) {
  struct Refused {
    Pointer pointer;
    const char *name, *reason;
  };
  constexpr Refused kRefused[] = {
      {kExtraParameters, "NPARM",
       "locally enhanced sampling (LES) is not supported; make the file without addles"},
      {kPerturbed, "IFPERT", "perturbed atoms are not supported"},
      {kCap, "IFCAP", "a solvent cap is not supported"},
      {kPerturbedBonds, "NBPER", "perturbed bonds are not supported"},
      {kPerturbedAngles, "NGPER", "perturbed angles are not supported"},
      {kPerturbedDihedrals, "NDPER", "perturbed dihedrals are not supported"},
  };
  for (const Refused& refused : kRefused)
    if (pointers[refused.pointer] != 0)
      sections.fail("POINTERS", refused.pointer,
                    std::string(refused.name) + " is " + std::to_string(pointers[refused.pointer]) +
                        ": " + refused.reason);
}

std::optional<AmberBox> read_box(const PrmtopSections& sections, const PrmtopPointers& pointers) {
  if (pointers[kBox] == 0) return std::nullopt;
  if (pointers[kBox] > kTriclinic)
    sections.fail("POINTERS", kBox,
                  "IFBOX is " + std::to_string(pointers[kBox]) +
                      ", expected 0 (no box), 1 (rectangular), 2 (truncated octahedron) or 3 "
                      "(triclinic)");
  // The angle beta, then the edges.
  constexpr std::size_t kNumbers = 4;
  const std::vector<double> numbers = sections.reals("BOX_DIMENSIONS", kNumbers);
  AmberBox box;
  for (std::size_t n = 0; n < 3; ++n) {
    box.edges_nm[n] = numbers[n + 1] * engine::kNmPerAngstrom;
    if (numbers[n + 1] < 0.0)
      sections.fail("BOX_DIMENSIONS", n + 1, "is negative, expected the length of an edge");
  }
  constexpr double kRightDegrees = 90.0, kRoundingDegrees = 1e-3;
  const bool right = std::abs(numbers[0] - kRightDegrees) < kRoundingDegrees;
  // Other angles of a box of kind 1 were read in different ways by different programs.
  if ((pointers[kBox] == kRectangular && right) || pointers[kBox] == kTruncatedOctahedron) {
    const double angle = numbers[0] * engine::kRadianPerDegree;
    box.angles_rad = {angle, angle, angle};
  }
  return box;
}

engine::Box reduced_box(const PrmtopSections& sections, const AmberBox& box) {
  try {
    return engine::Box::from_lengths_and_angles(box.edges_nm, box.angles_rad.value());
  } catch (const engine::InputError& error) {
    sections.fail("BOX_DIMENSIONS", error.what());
  }
}

bool is_extra_point(const std::string& atom_name) {
  return engine::starts_with(atom_name, "EP") || engine::starts_with(atom_name, "LP");
}

engine::Topology read_topology(const PrmtopSections& sections, const PrmtopPointers& pointers,
                               const std::vector<double>& masses) {
  const std::size_t n_atoms = pointers[kAtoms];
  const std::vector<std::string> names = sections.strings("ATOM_NAME", n_atoms);
  const std::vector<std::string> labels = sections.strings("RESIDUE_LABEL", pointers[kResidues]);
  const std::vector<std::size_t> starts = residue_starts(sections, labels.size(), n_atoms);
  if (labels.empty()) sections.fail("RESIDUE_LABEL", "the file has no residues");

  engine::Topology topology;
  for (std::size_t residue = 0; residue < labels.size(); ++residue) {
    topology.residues.push_back({labels[residue], "", static_cast<int>(residue) + 1, ""});
    for (std::size_t atom = starts[residue]; atom < starts[residue + 1]; ++atom) {
      const bool may_be_0 = is_extra_point(names[atom]);
      if (masses[atom] < 0.0 || (masses[atom] == 0.0 && !may_be_0))
        sections.fail("MASS", atom,
                      "the mass of atom " + names[atom] + " is " + std::to_string(masses[atom]) +
                          ", expected more than 0, as for all but extra points, whose names begin "
                          "with EP or LP");
      topology.atoms.push_back({names[atom], 0, residue});
    }
  }
  return topology;
}

}  // namespace saltus::forcefields::detail
