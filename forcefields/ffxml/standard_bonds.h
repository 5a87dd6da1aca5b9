#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/topology.h"

namespace saltus::forcefields {

/// Bonds of standard residues (amino acids, nucleotides, caps, water, ions) by atom and residue
/// name, under all the names that PDB files have for them. Read from OpenMM's residues.xml and
/// pdbNames.xml.
class StandardBonds {
 public:
  /// @param search_directories  looked at first, see find_force_field_file
  /// @throws FileError   when a file is not found
  /// @throws InputError  when one is not what is expected, with file and line
  static StandardBonds read(const std::vector<std::string>& search_directories);

  /// Adds the bonds that `topology` lacks: inside standard residues, between consecutive residues
  /// of a chain (peptide and phosphodiester bonds), and disulfide bonds between CYS residues
  /// without HG whose SG are closer than 0.3 nm, each SG at most once. Deuterium and
  /// tritium are known under the names of hydrogen with D or T for H, heavy water as DOD. As
  /// OpenMM's createStandardBonds and createDisulfideBonds, but checked. Residues of other names
  /// are left as they are.
  /// @param positions  [N, 3], nm
  /// @throws InputError  when two atoms of a residue have the same name, or a bond between residues
  ///                     would be longer than 0.25 nm (a gap in the chain without a TER record)
  void add_to(engine::Topology& topology, engine::Span<const double> positions) const;

  /// Standard name of a residue, e.g. "HIS" for "HIE"; the name itself when there is none.
  std::string standard_residue_name(const std::string& name) const;
  /// Standard name of an atom, e.g. "HH11" for "1HH1" in ARG; the name itself when there is none.
  std::string standard_atom_name(const std::string& standard_residue,
                                 const std::string& name) const;

 private:
  using Names = std::map<std::string, std::string>;
  using AtomsByName = std::map<std::string, std::size_t>;

  /// As standard_atom_name, for deuterium and tritium ("DB2") too.
  std::string standard_name_of(const std::string& standard_residue, const engine::Atom& atom) const;
  void read_bonds(const std::string& path);
  void read_names(const std::string& path);
  std::vector<AtomsByName> atoms_by_name(const engine::Topology& topology) const;
  void add_disulfide_bonds(engine::Topology& topology, engine::Span<const double> positions,
                           const std::vector<AtomsByName>& atoms) const;

  std::map<std::string, std::vector<std::pair<std::string, std::string>>> bonds_;
  Names residue_names_;
  std::map<std::string, Names> atom_names_;  ///< by standard residue name
};

}  // namespace saltus::forcefields
