#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/topology.h"
#include "forcefields/ffxml/force_field_xml.h"

namespace saltus::forcefields {

/// What completing a structure did.
struct AddedVirtualSites {
  std::size_t n_residues = 0, n_sites = 0;  ///< that got sites; sites they got
  std::size_t n_atoms = 0;                  ///< there are now
  std::vector<std::size_t> new_index;       ///< of each atom there was before

  /// Numbers of atoms in their new places; those of sites are `of_sites`.
  /// @param values  one for each atom there was before
  template <class T>
  std::vector<T> moved(const std::vector<T>& values, const T& of_sites) const {
    std::vector<T> result(n_atoms, of_sites);
    for (std::size_t n = 0; n < values.size(); ++n) result[new_index[n]] = values[n];
    return result;
  }
};

/// Adds the virtual sites that structure files leave out, such as M of four-site water: residues
/// that fit a template but for virtual sites, all of which they lack, get these at their end, named
/// as in the template, with atomic number 0, in the places their definition gives. Residues that
/// fit a template stay as they are, also those that fit none.
/// @param positions_nm  [N, 3], in and out; residues must be whole
/// @throws InputError     when a residue fits two templates in this way; names them
/// @throws InternalError  for another number of positions
AddedVirtualSites add_missing_virtual_sites(const ForceFieldXml& force_field,
                                            engine::Topology& topology,
                                            std::vector<double>& positions_nm);

}  // namespace saltus::forcefields
