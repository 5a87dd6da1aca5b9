#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/topology.h"
#include "mlsamplers/peptides/residue_template.h"

namespace saltus::mlsamplers::detail {

/// What to do with molecules that are no supported peptide; ends messages.
extern const char* const kWithoutPeptideModel;

/// A residue of a molecule and the template that has its atoms.
struct ResidueMatch {
  std::size_t template_index = 0;
  std::map<std::string, std::size_t> atoms;  ///< of the molecule, by the template's names
};

/// Finds the template of a residue by the names of its atoms, and by its bridge for cysteines.
/// @throws InputError  when there is none, with the nearest one and what differs
ResidueMatch match_residue(const engine::Topology& topology, std::size_t residue, ChainPlace place);

/// Gives names that depend on handedness to the atoms that have it: hydrogens of CH2 and CH3
/// groups, the ends of valine and leucine.
/// @param find  atom of a name of the template, neighbours' ("-C", "+N") included
/// @throws InputError  for D amino acids and other handedness
class HandednessCheck {
 public:
  HandednessCheck(const engine::Topology& topology, engine::Span<const double> x)
      : topology_(topology), x_(x) {}
  /// @param names  the residue's atoms and its neighbours'; changed where names are exchanged
  void settle(std::size_t residue, std::size_t template_index,
              std::map<std::string, std::size_t>& names) const;

 private:
  bool is_reversed(const TemplateRow& row, const std::map<std::string, std::size_t>& names) const;

  const engine::Topology& topology_;
  engine::Span<const double> x_;
};

}  // namespace saltus::mlsamplers::detail
