#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "engine/system/water.h"
#include "forcefields/amber/prmtop.h"
#include "forcefields/amber/prmtop_sections_detail.h"

namespace saltus::forcefields::detail {

/// Entries of section POINTERS that are used, by their place in it.
enum Pointer : std::size_t {
  kAtoms = 0,
  kTypes = 1,
  kBondsWithHydrogen = 2,
  kAnglesWithHydrogen = 4,
  kDihedralsWithHydrogen = 6,
  kExtraParameters = 9,
  kExcludedAtoms = 10,
  kResidues = 11,
  kBondsWithoutHydrogen = 12,
  kAnglesWithoutHydrogen = 13,
  kDihedralsWithoutHydrogen = 14,
  kBondTypes = 15,
  kAngleTypes = 16,
  kDihedralTypes = 17,
  kTenTwelveTypes = 19,
  kPerturbed = 20,
  kPerturbedBonds = 21,
  kPerturbedAngles = 22,
  kPerturbedDihedrals = 23,
  kBox = 27,
  kCap = 29,
  kExtraPoints = 30,
};

/// Larger counts are taken for damage.
constexpr long kMaxCount = 100'000'000;

/// Counts from POINTERS, none negative.
class PrmtopPointers {
 public:
  explicit PrmtopPointers(const PrmtopSections& sections);
  std::size_t operator[](Pointer pointer) const { return values_[pointer]; }

 private:
  std::array<std::size_t, 31> values_{};
};

/// One bond, angle or dihedral of the file.
struct PrmtopTerm {
  std::array<std::size_t, 4> atoms{};  ///< as many as the term has
  std::size_t type = 0;                ///< counted from 0
  bool skip_14 = false;                ///< dihedrals: the 1-4 pair is not counted here
  std::string section;                 ///< where it stands
  std::size_t field = 0;
};

/// Terms of `section`: n_terms times n_atoms coordinate indices (3 * atom) and a type.
std::vector<PrmtopTerm> read_terms(const PrmtopSections& sections, const std::string& section,
                                   std::size_t n_terms, std::size_t n_atoms_in_term,
                                   std::size_t n_atoms, std::size_t n_types);

/// All dihedrals, those with hydrogen first.
std::vector<PrmtopTerm> read_dihedrals(const PrmtopSections& sections,
                                       const PrmtopPointers& pointers);

/// Throws InputError when the file has a section, or a count in POINTERS, of something Saltus has
/// not, naming it. Sections come first: files of other force fields also differ in their counts.
void refuse_sections(const PrmtopSections& sections);
void refuse_unsupported(const PrmtopSections& sections, const PrmtopPointers& pointers);

/// The periodic box, when IFBOX says that there is one.
std::optional<AmberBox> read_box(const PrmtopSections& sections, const PrmtopPointers& pointers);

/// A box with angles in the engine's form.
engine::Box reduced_box(const PrmtopSections& sections, const AmberBox& box);

/// Throws InputError for a section that is neither used nor known to say nothing about the energy.
void refuse_unknown_sections(const PrmtopSections& sections);

/// Whether that is the name of a charge beside the atoms, which has no mass: EP or LP and more.
bool is_extra_point(const std::string& atom_name);

/// Atoms without elements, residues; no bonds. Only extra points have no mass.
engine::Topology read_topology(const PrmtopSections& sections, const PrmtopPointers& pointers,
                               const std::vector<double>& masses);

/// Elements of a topology that has its bonds (0 for extra points), from ATOMIC_NUMBER; where that
/// is missing, 0 or negative, hydrogens by mass, or by a mass below 4.6 dalton, a name or type that
/// starts with H and a single bond (repartitioned masses), and the others by their mass before
/// repartitioning.
/// @throws InputError  when an element cannot be told, or a bond of section BONDS_INC_HYDROGEN has
///                     neither hydrogen nor extra point
void find_elements(const PrmtopSections& sections, const PrmtopPointers& pointers,
                   const std::vector<double>& masses, engine::Topology& topology);

/// Bonds, angles and torsions into `system`, bonds also into `topology`.
void read_bonded(const PrmtopSections& sections, const PrmtopPointers& pointers,
                 engine::Topology& topology, engine::System& system);

/// Makes virtual sites of the atoms without mass; their places follow from the lengths of the bonds
/// of each water molecule. Before bonds become constraints.
/// @throws InputError  when one is not in a water molecule or the third of one, has no such bonds,
///                     or there are not as many as NUMEXTRA
void place_extra_points(const PrmtopSections& sections, const std::vector<engine::Water>& waters,
                        AmberMolecule& molecule);

/// Makes constraints of bonds that have a hydrogen, in whichever list of the file they stand: of
/// all or those of water, as the options say. Rigid water without a bond between its hydrogens gets
/// a constraint instead of its angle.
void make_constraints(const std::vector<engine::Water>& waters, const MoleculeOptions& options,
                      AmberMolecule& molecule);

/// Correction maps of pairs of torsions (sections CMAP_*, as ff19SB has them) into `system`;
/// nothing where the file has none.
void read_correction_maps(const PrmtopSections& sections, const PrmtopPointers& pointers,
                          engine::System& system);

/// Charges, Lennard-Jones parameters, 1-4 pairs and exclusions; the method is left at its default.
engine::Nonbonded read_nonbonded(const PrmtopSections& sections, const PrmtopPointers& pointers);

}  // namespace saltus::forcefields::detail
