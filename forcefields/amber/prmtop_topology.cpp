#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

// POINTERS has 30 entries in old files and up to two more in newer ones.
constexpr std::size_t kMinPointers = 30, kMaxPointers = 32;

void refuse_pointers(const PrmtopSections& sections, const PrmtopPointers& pointers,
                     bool accept_box) {
  struct Refused {
    Pointer pointer;
    const char *name, *reason;
  };
  constexpr Refused kRefused[] = {
      {kExtraParameters, "NPARM",
       "locally enhanced sampling (LES) is not supported; make the file without addles"},
      {kPerturbed, "IFPERT", "perturbed atoms are not supported"},
      {kBox, "IFBOX",
       "a periodic box is not supported; strip the solvent and the box (cpptraj: strip, then box "
       "nobox)"},
      {kCap, "IFCAP", "a solvent cap is not supported"},
      {kExtraPoints, "NUMEXTRA", "extra points are not supported; use a model without them"},
      {kPerturbedBonds, "NBPER", "perturbed bonds are not supported"},
      {kPerturbedAngles, "NGPER", "perturbed angles are not supported"},
      {kPerturbedDihedrals, "NDPER", "perturbed dihedrals are not supported"},
  };
  for (const Refused& refused : kRefused)
    if (pointers[refused.pointer] != 0 && !(accept_box && refused.pointer == kBox))
      sections.fail("POINTERS", refused.pointer,
                    std::string(refused.name) + " is " + std::to_string(pointers[refused.pointer]) +
                        ": " + refused.reason);
}

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

void refuse_unsupported(const PrmtopSections& sections, const PrmtopPointers& pointers,
                        bool accept_box) {
  refuse_pointers(sections, pointers, accept_box);
}

std::optional<AmberBox> read_box(const PrmtopSections& sections, const PrmtopPointers& pointers) {
  if (pointers[kBox] == 0) return std::nullopt;
  // The angle beta, which the others share in a truncated octahedron, then the edges.
  constexpr std::size_t kNumbers = 4, kTruncatedOctahedron = 2;
  const std::vector<double> numbers = sections.reals("BOX_DIMENSIONS", kNumbers);
  AmberBox box;
  for (std::size_t n = 0; n < 3; ++n) {
    const bool has_angle = n == 1 || pointers[kBox] == kTruncatedOctahedron;
    box.angles_rad[n] = has_angle ? numbers[0] * engine::kRadianPerDegree : engine::kPi / 2.0;
    box.edges_nm[n] = numbers[n + 1] * engine::kNmPerAngstrom;
    if (numbers[n + 1] < 0.0)
      sections.fail("BOX_DIMENSIONS", n + 1, "is negative, expected the length of an edge");
  }
  return box;
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
      if (masses[atom] <= 0.0)
        sections.fail("MASS", atom,
                      "the mass of atom " + names[atom] + " is " + std::to_string(masses[atom]) +
                          ", expected more than 0; extra points are not supported");
      topology.atoms.push_back({names[atom], 0, residue});
    }
  }
  return topology;
}

}  // namespace saltus::forcefields::detail
