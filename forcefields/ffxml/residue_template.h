#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/topology.h"
#include "engine/system/virtual_sites.h"

namespace saltus::forcefields {

/// An atom of a template.
struct TemplateAtom {
  std::string name;
  std::size_t type = 0;                      ///< index into ForceFieldXml::atom_types
  int atomic_number = 0;                     ///< 0 for particles that are no atoms
  std::map<std::string, double> parameters;  ///< e.g. "charge"
  std::vector<std::size_t> bonded_to;        ///< in the order of the file
  std::size_t external_bonds = 0;
};

/// A virtual site of a template.
struct TemplateSite {
  engine::VirtualSite site;  ///< of atoms of the template
  /// This atom and the site have the same exclusions: pairs of either as many bonds apart are
  /// excluded or scaled alike. No site itself.
  std::size_t exclude_with = 0;
};

/// A residue as a force field knows it: atoms with types, bonds, how many bonds leave it, and which
/// of its atoms are virtual sites.
struct ResidueTemplate {
  std::string name;
  std::string where;  ///< file:line
  int override_level = 0;
  bool rigid_water = true;
  std::vector<TemplateAtom> atoms;
  std::vector<TemplateSite> sites;
};

/// A residue of a topology as a graph: local atom i is topology atom first_atom + i.
struct ResidueGraph {
  std::size_t first_atom = 0;
  std::vector<std::string> names;
  std::vector<int> atomic_numbers;
  std::vector<std::vector<std::size_t>> bonded_to;  ///< local indices, ascending
  std::vector<std::size_t> external_bonds;

  std::size_t n_atoms() const { return atomic_numbers.size(); }
};

/// One graph per residue, in order.
std::vector<ResidueGraph> residue_graphs(const engine::Topology& topology);

/// Template atom of each atom of the residue when the two are the same graph: elements, bonds and
/// number of external bonds per atom agree. Names count only for particles without element: one
/// whose name a particle of the template has must be that one. Among equivalent atoms the choice is
/// the one of OpenMM 7.7 (on which the order of atoms in improper torsions depends): atoms are
/// placed from the one with fewest possible partners outward along bonds, partners are tried in the
/// order of the template's bonds.
std::optional<std::vector<std::size_t>> match_template(const ResidueGraph& residue,
                                                       const ResidueTemplate& candidate);

/// Virtual sites of a residue, ascending.
/// @param partners    template atom of each atom of the residue
/// @param first_atom  what the residue's atoms are counted from
std::vector<TemplateSite> sites_of_residue(const ResidueTemplate& residue_template,
                                           const std::vector<std::size_t>& partners,
                                           std::size_t first_atom);

/// The same residue without its particles that are no atoms, to compare with templates.
ResidueGraph without_particles(const ResidueGraph& residue);

/// A template without its virtual sites.
struct BareTemplate {
  explicit BareTemplate(const ResidueTemplate& whole);

  const ResidueTemplate& original;
  ResidueTemplate bare;
  std::vector<std::size_t> atoms, sites;  ///< of the original
};

}  // namespace saltus::forcefields
