#include <cmath>
#include <cstdlib>

#include "engine/core/units.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

constexpr double kKJPerNm2 = engine::kKJPerKcal * engine::kAngstromPerNm * engine::kAngstromPerNm;

// AMBER writes E = K x^2, the engine k/2 x^2.
constexpr double kHarmonicFactor = 2.0;

std::size_t atom_of(const PrmtopSections& sections, const std::string& section, std::size_t field,
                    long coordinate_index, std::size_t n_atoms) {
  const long index = std::labs(coordinate_index);
  if (index % 3 != 0 || index / 3 >= static_cast<long>(n_atoms))
    sections.fail(section, field,
                  std::to_string(coordinate_index) + ", expected 3 times the index of one of " +
                      std::to_string(n_atoms) + " atoms, counted from 0");
  return static_cast<std::size_t>(index / 3);
}

void check_sign(const PrmtopSections& sections, const std::string& section, std::size_t field,
                long value, std::size_t place) {
  // Only the third and fourth atom of a dihedral may have a sign, which index 0 cannot carry.
  if (place < 2 && value < 0)
    sections.fail(section, field, std::to_string(value) + ", expected an index of 0 or more");
  if (place >= 2 && value == 0)
    sections.fail(
        section, field,
        "atom 0 is the third or fourth atom of the torsion, where a sign marks an excluded "
        "1-4 pair or an improper torsion; list the torsion's atoms in reverse order");
}

void read_bonds(const PrmtopSections& sections, const PrmtopPointers& pointers,
                engine::Topology& topology, engine::System& system) {
  const std::size_t n_types = pointers[kBondTypes];
  const std::vector<double> k = sections.reals("BOND_FORCE_CONSTANT", n_types);
  const std::vector<double> length = sections.reals("BOND_EQUIL_VALUE", n_types);
  const auto read = [&](const std::string& section, Pointer count) {
    for (const PrmtopTerm& b :
         read_terms(sections, section, pointers[count], 2, pointers[kAtoms], n_types)) {
      const double length_nm = length[b.type] * engine::kNmPerAngstrom;
      topology.bonds.push_back({b.atoms[0], b.atoms[1]});
      system.bonds.push_back(
          {b.atoms[0], b.atoms[1], length_nm, kHarmonicFactor * k[b.type] * kKJPerNm2});
    }
  };
  read("BONDS_INC_HYDROGEN", kBondsWithHydrogen);
  read("BONDS_WITHOUT_HYDROGEN", kBondsWithoutHydrogen);
}

void read_angles(const PrmtopSections& sections, const PrmtopPointers& pointers,
                 engine::System& system) {
  const std::size_t n_types = pointers[kAngleTypes];
  const std::vector<double> k = sections.reals("ANGLE_FORCE_CONSTANT", n_types);
  const std::vector<double> angle = sections.reals("ANGLE_EQUIL_VALUE", n_types);
  const auto read = [&](const std::string& section, Pointer count) {
    for (const PrmtopTerm& a :
         read_terms(sections, section, pointers[count], 3, pointers[kAtoms], n_types))
      system.angles.push_back({a.atoms[0], a.atoms[1], a.atoms[2], angle[a.type],
                               kHarmonicFactor * k[a.type] * engine::kKJPerKcal});
  };
  read("ANGLES_INC_HYDROGEN", kAnglesWithHydrogen);
  read("ANGLES_WITHOUT_HYDROGEN", kAnglesWithoutHydrogen);
}

/// Periodicities are stored as reals; 0 is allowed only where the force constant is 0.
int periodicity_of(const PrmtopSections& sections, std::size_t type, double value, double k) {
  constexpr double kRounding = 1e-6;
  const double rounded = std::round(value);
  if (std::abs(value - rounded) > kRounding || rounded < 0.0 || rounded > 100.0 ||
      (rounded < 1.0 && k != 0.0))
    sections.fail("DIHEDRAL_PERIODICITY", type,
                  std::to_string(value) + ", expected a whole number of 1 or more");
  return static_cast<int>(rounded);
}

void read_torsions(const PrmtopSections& sections, const PrmtopPointers& pointers,
                   engine::System& system) {
  const std::size_t n_types = pointers[kDihedralTypes];
  const std::vector<double> k = sections.reals("DIHEDRAL_FORCE_CONSTANT", n_types);
  const std::vector<double> periodicity = sections.reals("DIHEDRAL_PERIODICITY", n_types);
  const std::vector<double> phase = sections.reals("DIHEDRAL_PHASE", n_types);
  for (const PrmtopTerm& d : read_dihedrals(sections, pointers)) {
    const int n = periodicity_of(sections, d.type, periodicity[d.type], k[d.type]);
    if (k[d.type] == 0.0) continue;  // stands for its 1-4 pair only
    system.torsions.push_back({d.atoms[0], d.atoms[1], d.atoms[2], d.atoms[3], n, phase[d.type],
                               k[d.type] * engine::kKJPerKcal});
  }
}

}  // namespace

std::vector<PrmtopTerm> read_terms(const PrmtopSections& sections, const std::string& section,
                                   std::size_t n_terms, std::size_t n_atoms_in_term,
                                   std::size_t n_atoms, std::size_t n_types) {
  const std::size_t stride = n_atoms_in_term + 1;
  const std::vector<long> values = sections.integers(section, n_terms * stride);
  const bool is_dihedral = n_atoms_in_term == 4;
  std::vector<PrmtopTerm> terms;
  for (std::size_t first = 0; first < values.size(); first += stride) {
    PrmtopTerm term;
    term.section = section;
    term.field = first;
    for (std::size_t place = 0; place < n_atoms_in_term; ++place) {
      const long value = values[first + place];
      check_sign(sections, section, first + place, value, is_dihedral ? place : 0);
      term.atoms[place] = atom_of(sections, section, first + place, value, n_atoms);
      term.skip_14 = term.skip_14 || value < 0;
    }
    const long type = values[first + n_atoms_in_term];
    if (type < 1 || type > static_cast<long>(n_types))
      sections.fail(section, first + n_atoms_in_term,
                    "type " + std::to_string(type) + ", expected 1 to " + std::to_string(n_types));
    term.type = static_cast<std::size_t>(type - 1);
    terms.push_back(std::move(term));
  }
  return terms;
}

std::vector<PrmtopTerm> read_dihedrals(const PrmtopSections& sections,
                                       const PrmtopPointers& pointers) {
  const auto read = [&](const std::string& section, Pointer count) {
    return read_terms(sections, section, pointers[count], 4, pointers[kAtoms],
                      pointers[kDihedralTypes]);
  };
  std::vector<PrmtopTerm> all = read("DIHEDRALS_INC_HYDROGEN", kDihedralsWithHydrogen);
  for (PrmtopTerm& term : read("DIHEDRALS_WITHOUT_HYDROGEN", kDihedralsWithoutHydrogen))
    all.push_back(std::move(term));
  return all;
}

void read_bonded(const PrmtopSections& sections, const PrmtopPointers& pointers,
                 engine::Topology& topology, engine::System& system) {
  read_bonds(sections, pointers, topology, system);
  read_angles(sections, pointers, system);
  read_torsions(sections, pointers, system);
}

}  // namespace saltus::forcefields::detail
