#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "forcefields/ffxml/residue_template.h"

namespace saltus::forcefields {

/// A kind of atom; several types may share a class.
struct AtomType {
  std::string name;
  std::string class_name;
  int atomic_number = 0;  ///< 0 for particles that are no atoms
  double mass_dalton = 0.0;
  std::string where;  ///< file:line
};

/// Which atom types one slot of a definition stands for.
struct TypePattern {
  enum class Kind { kAny, kType, kClass };
  Kind kind = Kind::kAny;
  std::string name;  ///< of the type or class

  bool matches(const AtomType& type) const;
};

/// E = k/2 (r - length)^2 for bonds between these types.
struct BondDefinition {
  std::array<TypePattern, 2> types;
  double length_nm = 0.0, k = 0.0;  ///< kJ/mol/nm^2
};

/// E = k/2 (theta - angle)^2 for angles with the vertex of the second type.
struct AngleDefinition {
  std::array<TypePattern, 3> types;
  double angle_rad = 0.0, k = 0.0;  ///< kJ/mol/rad^2
};

/// E = k (1 + cos(n phi - phase)).
struct TorsionTerm {
  int periodicity = 1;
  double phase_rad = 0.0, k = 0.0;  ///< kJ/mol
};

/// Rule for the order of an improper's outer atoms, which its types alone do not settle.
enum class ImproperOrdering { kDefault, kAmber };

/// Proper torsion, or improper one with its centre as the first atom.
struct TorsionDefinition {
  std::array<TypePattern, 4> types;
  std::vector<TorsionTerm> terms;
  ImproperOrdering ordering = ImproperOrdering::kDefault;  ///< impropers only

  bool has_wildcard() const;
};

/// Numbers per atom type, some of which residue templates give instead.
struct AtomParameters {
  std::vector<std::map<std::string, double>> of_type;  ///< [n_types], e.g. "sigma"
  std::vector<bool> known;                             ///< [n_types]

  /// @throws InputError  when neither the type nor the template atom has it; `section` names the
  /// tag
  double value(const std::string& name, const AtomType& type, const TemplateAtom& atom,
               const std::string& section) const;
};

/// Lennard-Jones parameters, charges and the factors of pairs three bonds apart.
struct NonbondedSection {
  double coulomb_14_scale = 0.0, lennard_jones_14_scale = 0.0;
  AtomParameters parameters;  ///< charge, sigma, epsilon
  /// Whether the energy of the Lennard-Jones tail belongs to the force field; where no file says,
  /// that is left to the user.
  std::optional<bool> long_range_correction;
  std::string where;
};

/// An OpenMM ForceField XML description of the AMBER kind: Include, AtomTypes, Residues,
/// HarmonicBondForce, HarmonicAngleForce, PeriodicTorsionForce, NonbondedForce, GBSAOBCForce, Info;
/// residues may have virtual sites.
/// Definitions for types or classes that no file declares can never apply and are dropped, as in
/// OpenMM (its own files have many). Any other tag or attribute is an error, and so is a parameter
/// of a residue's atom that no force takes from there. Includes lead nowhere outside the folder of
/// the named file and the search path (find_included_file). Source: OpenMM 7.7 user guide, chapter
/// 6, "Creating Force Fields".
class ForceFieldXml {
 public:
  /// Reads files and what they include, as if they were one.
  /// @param names               e.g. {"amber14/protein.ff14SB.xml"}, see find_force_field_file
  /// @param search_directories  looked at first
  /// @throws FileError   when a file cannot be found or read
  /// @throws InputError  with file and line: not XML, unknown tag or attribute, missing or doubled
  ///                     name, not a number, parts that contradict each other
  static ForceFieldXml read(const std::vector<std::string>& names,
                            const std::vector<std::string>& search_directories);

  /// Names as given, for messages.
  const std::string& description() const { return description_; }
  /// Paths of the files read, with those included.
  const std::vector<std::string>& files() const { return files_; }
  const std::vector<AtomType>& atom_types() const { return atom_types_; }
  const std::vector<ResidueTemplate>& templates() const { return templates_; }
  const std::vector<BondDefinition>& bonds() const { return bonds_; }
  const std::vector<AngleDefinition>& angles() const { return angles_; }
  const std::vector<TorsionDefinition>& propers() const { return propers_; }
  const std::vector<TorsionDefinition>& impropers() const { return impropers_; }
  const std::optional<NonbondedSection>& nonbonded() const { return nonbonded_; }
  /// charge, radius (nm), scale of a native GBSAOBCForce (OBC2).
  const std::optional<AtomParameters>& generalized_born() const { return generalized_born_; }

 private:
  friend class ForceFieldXmlReader;
  ForceFieldXml() = default;

  std::string description_;
  std::vector<std::string> files_;
  std::vector<AtomType> atom_types_;
  std::vector<ResidueTemplate> templates_;
  std::vector<BondDefinition> bonds_;
  std::vector<AngleDefinition> angles_;
  std::vector<TorsionDefinition> propers_, impropers_;
  std::optional<NonbondedSection> nonbonded_;
  std::optional<AtomParameters> generalized_born_;
};

}  // namespace saltus::forcefields
