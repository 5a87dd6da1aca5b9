#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// The stereo centres and double bonds of a molecule whose configuration may be chosen.
struct StereoFreedom {
  std::size_t n_centres = 0;
  std::size_t n_double_bonds = 0;  ///< chains of double bonds, such as allenes, included
  std::uint64_t n_isomers = 1;     ///< different stereoisomers that the choices lead to
  bool exact = true;               ///< false: there are more
  /// Why what is specified cannot exist; empty when nothing speaks against it.
  std::string contradiction;
  std::size_t n_open() const { return n_centres + n_double_bonds; }
};

/// How many are not specified. Only those count whose choice leads to different isomers, judged by
/// the symmetries of the graph: centres of adamantane or cubane do not, nor does nitrogen that
/// inverts, or that its rings hold. Double bonds in rings of fewer than eight atoms do not count,
/// those of chains of nitrogen neither. Isomers that small bicycles forbid (a bridge through the
/// inside of a ring, small rings fused trans) are none.
/// @param molecule  hydrogens implied
/// @throws InputError  when RDKit fails
StereoFreedom stereo_freedom(const ChemMolecule& molecule);

/// Which stereoisomers to make of a molecule with open configurations, or with groups of centres of
/// which only the relative configuration is known.
struct StereoisomerOptions {
  std::size_t max_isomers = 8;  ///< different ones, at most
  bool random_order = false;    ///< begins with any of them instead of the first
  std::uint64_t seed = 1;       ///< decides which, when there are more, or the order is random
};

/// Different stereoisomers of a molecule, all configurations specified; those that are mirror
/// images of themselves come once. Some may be impossible to build. A molecule without open
/// configurations is returned as it is.
/// @param molecule  hydrogens implied
/// @throws InputError  when RDKit fails
std::vector<ChemMolecule> stereoisomers(const ChemMolecule& molecule,
                                        const StereoisomerOptions& options);

/// Whether isomers of a molecule may be impossible, or much strained, because of its rings: whether
/// one of the open places, or two places that depend on each other, are part of a ring.
/// @param molecule  hydrogens implied
bool isomers_may_be_strained(const ChemMolecule& molecule);

/// Sentences about marks of the input that mean nothing and were left out.
std::vector<std::string> stereo_notes(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
