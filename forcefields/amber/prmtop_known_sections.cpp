#include <set>
#include <string>

#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

struct Refused {
  const char *start, *reason;
};

/// Sections whose names start so change the energy in ways Saltus does not know.
constexpr Refused kRefused[] = {
    {"CTITLE", "a CHAMBER file (CHARMM force field) is not supported"},
    {"CHARMM_",
     "CHARMM force-field terms are not supported; this is a CHAMBER file (CHARMM force field in "
     "AMBER format)"},
    {"LES_",
     "locally enhanced sampling (LES) is not supported: its copies of atoms do not interact and "
     "its interactions are scaled; make the file without addles"},
    {"LENNARD_JONES_14_", "separate Lennard-Jones parameters for 1-4 pairs are not supported"},
    {"LENNARD_JONES_CCOEF", "the 12-6-4 ion model is not supported"},
    {"LENNARD_JONES_DCOEF", "the m12-6-4 ion model is not supported"},
    {"POLARIZABILITY", "polarisable force fields are not supported"},
    {"DIPOLE_DAMP_FACTOR", "polarisable force fields are not supported"},
    {"AMOEBA_", "AMOEBA force fields are not supported"},
    {"EXPVDWMODEL", "exponential van der Waals models are not supported"},
    {"PERT_", "perturbed atoms are not supported"},
    {"IAPER", "perturbed atoms are not supported"},
    {"IACPER", "perturbed atoms are not supported"},
    {"ALMPER", "perturbed atoms are not supported"},
    {"CGPER", "perturbed atoms are not supported"},
    {"ATPOL", "polarisable force fields are not supported"},
    {"UREY_BRADLEY", "Urey-Bradley terms are not supported"},
    {"VIRTUAL_SITE",
     "frames of extra points are not supported; of water these are known without, so make the file "
     "with tleap, or use a model without extra points"},
};

/// Sections that are read and used, or checked to say nothing.
const std::set<std::string>& used_sections() {
  static const std::set<std::string> names = {"POINTERS",
                                              "ATOM_NAME",
                                              "CHARGE",
                                              "ATOMIC_NUMBER",
                                              "MASS",
                                              "ATOM_TYPE_INDEX",
                                              "NUMBER_EXCLUDED_ATOMS",
                                              "NONBONDED_PARM_INDEX",
                                              "RESIDUE_LABEL",
                                              "RESIDUE_POINTER",
                                              "BOND_FORCE_CONSTANT",
                                              "BOND_EQUIL_VALUE",
                                              "ANGLE_FORCE_CONSTANT",
                                              "ANGLE_EQUIL_VALUE",
                                              "DIHEDRAL_FORCE_CONSTANT",
                                              "DIHEDRAL_PERIODICITY",
                                              "DIHEDRAL_PHASE",
                                              "SCEE_SCALE_FACTOR",
                                              "SCNB_SCALE_FACTOR",
                                              "LENNARD_JONES_ACOEF",
                                              "LENNARD_JONES_BCOEF",
                                              "BONDS_INC_HYDROGEN",
                                              "BONDS_WITHOUT_HYDROGEN",
                                              "ANGLES_INC_HYDROGEN",
                                              "ANGLES_WITHOUT_HYDROGEN",
                                              "DIHEDRALS_INC_HYDROGEN",
                                              "DIHEDRALS_WITHOUT_HYDROGEN",
                                              "EXCLUDED_ATOMS_LIST",
                                              "BOX_DIMENSIONS",
                                              "HBOND_ACOEF",
                                              "HBOND_BCOEF",
                                              "AMBER_ATOM_TYPE",
                                              "RADII",
                                              "SCREEN",
                                              "IPOL",
                                              "FORCE_FIELD_TYPE"};
  return names;
}

/// Sections that do not affect the energy of a molecule that has no cap.
const std::set<std::string>& harmless_sections() {
  static const std::set<std::string> names = {
      // Words for messages.
      "TITLE", "RADIUS_SET",
      // AMBER's own documentation: not used by any program.
      "SOLTY", "HBCUT",
      // Order of atoms in trees, for editors of molecules.
      "TREE_CHAIN_CLASSIFICATION", "JOIN_ARRAY", "IROTAT",
      // Where molecules and solvent begin, which bonds say as well.
      "SOLVENT_POINTERS", "ATOMS_PER_MOLECULE",
      // What the PDB file said, kept by ParmEd and cpptraj (add_pdb).
      "ATOM_NUMBER", "ATOM_ELEMENT", "ATOM_BFACTOR", "ATOM_OCCUPANCY", "ATOM_SEGMENT_ID",
      "RESIDUE_NUMBER", "RESIDUE_CHAINID", "RESIDUE_ICODE"};
  return names;
}

/// The type of force field in words, as it stands in the file: "1 CHARMM  36 ...".
void refuse_force_field_type(const PrmtopSections& sections) {
  const std::string section = "FORCE_FIELD_TYPE";
  if (!sections.has(section)) return;
  std::string words;
  for (const std::string& field : sections.strings(section, sections.size(section)))
    words += " " + field;
  if (words.find("CHARMM") != std::string::npos || words.find("charmm") != std::string::npos)
    sections.fail(section,
                  "a CHAMBER file (CHARMM force field in AMBER format) is not supported; give "
                  "Saltus a file of an AMBER force field, or an OpenMM System XML of supported "
                  "forces");
  if (words.find("AMBER") == std::string::npos && words.find("amber") == std::string::npos)
    sections.fail(section, "names the force field \"" + words.substr(words.empty() ? 0 : 1) +
                               "\", expected AMBER: only AMBER's terms are known");
}

}  // namespace

void refuse_sections(const PrmtopSections& sections) {
  // Files of CHARMM differ in more than one section; this one says why.
  refuse_force_field_type(sections);
  for (const std::string& section : sections.names())
    for (const Refused& refused : kRefused)
      if (section.rfind(refused.start, 0) == 0) sections.fail(section, refused.reason);
  if (sections.has("IPOL") && sections.integers("IPOL", 1).front() != 0)
    sections.fail("IPOL", "polarisable force fields are not supported");
}

void refuse_unknown_sections(const PrmtopSections& sections) {
  for (const std::string& section : sections.names()) {
    if (used_sections().count(section) > 0 || harmless_sections().count(section) > 0) continue;
    // read_correction_maps reads or refuses each CMAP section, refuse_pointers a cap.
    if (section.rfind("CMAP_", 0) == 0 || section.rfind("CAP_INFO", 0) == 0) continue;
    sections.fail(section,
                  "this section is not known and may change the energy; if it does not, delete it "
                  "from a copy of the file, from its %FLAG line to before the next %FLAG");
  }
}

}  // namespace saltus::forcefields::detail
