#pragma once

#include <GraphMol/GraphMol.h>

#include <array>
#include <string>

#include "forcefields/chem/smiles_scan_detail.h"
#include "forcefields/chem/stereo_elements_detail.h"

namespace saltus::forcefields::detail {

/// RDKit's canonical isomeric SMILES, with those configurations that RDKit does not see: the same
/// string for the same isomer. keep_marks() reads them back.
/// @param molecule  hydrogens implied
std::string isomeric_smiles(const RDKit::RWMol& molecule);

/// Those of the elements whose signs RDKit would drop when it reassigns configurations.
std::vector<StereoElement> unseen_elements(const RDKit::RWMol& molecule);

/// A chain of double bonds by its outer atoms, their neighbours in the chain, and their ligands, in
/// the order of a string.
struct WrittenChain {
  std::array<unsigned, 2> outer{}, inner{}, ligands{};
};

/// +1 when a chain whose ligands stand at a positive dihedral angle is written "@".
int written_axis_order(const WrittenSmiles& written, const WrittenChain& chain);

/// Whether a mark of a string means clockwise.
inline bool is_clockwise(const std::string& mark) { return mark == "@@" || mark.back() == '2'; }

}  // namespace saltus::forcefields::detail
