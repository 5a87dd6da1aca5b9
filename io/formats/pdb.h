#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/topology.h"

namespace saltus::io {

/// Unit cell of a CRYST1 record; may be a placeholder such as 1 1 1.
struct PdbBox {
  std::array<double, 3> edges_nm{}, angles_rad{};
  std::string space_group;  ///< "P 21 21 21"; empty: the record does not say
  std::size_t line = 0;
};

/// Formal charge that columns 79-80 give to an atom which is a residue by itself.
struct PdbIonCharge {
  std::size_t atom = 0;
  int charge = 0;  ///< e
  std::size_t line = 0;
};

/// Content of a PDB file.
struct PdbStructure {
  engine::Topology topology;
  engine::CoordinateBatch positions;      ///< [n_models, N, 3], nm
  std::vector<std::string> bond_sources;  ///< [n_bonds], "x.pdb:35: the CONECT record"
  std::vector<std::size_t> atom_lines;    ///< [N], of the first model
  std::vector<double> isotope_masses;     ///< [N], dalton, 0: natural; empty without D and T
  std::vector<PdbIonCharge> ion_charges;
  std::optional<PdbBox> box;
  std::vector<std::string> notes;  ///< sentences about what was chosen or not used
};

/// Reads a PDB file: atoms in file order, TER, MODEL, CONECT, LINK, SSBOND and CRYST1 records.
/// Columns follow the format strictly; lines may end after the coordinates.
///
/// * Names are kept as they are ("1HH3", "CA"). A chain ends at TER or where the identifier
///   changes. A residue number of five digits (columns 23-27) is read as one.
/// * Bonds are those of CONECT, LINK and SSBOND records, each once; standard residues get theirs
///   elsewhere. A LINK to a metal ion, to a symmetry copy or to an atom that the file lacks makes
///   no bond, which a note says.
/// * Alternate locations are chosen for a residue as a whole, also where they differ in the
///   residue's name: the most occupied one (mean of its atoms), then the first letter; one that
///   lacks heavy atoms only when there is no better one. Residues that are bonded through atoms in
///   alternate locations choose together. A note says what was chosen.
/// * Elements come from columns 77-78; where these are blank, from the name: the first letter
///   after digits, except for chlorine, bromine and ions that are a residue by themselves. D and T
///   are hydrogen with a mass of their own. EP, and names of virtual sites without element (M, MW,
///   EP, EPW, EP1, EP2, LP1, LP2), are particles of atomic number 0.
/// * Serial numbers that follow one with a letter are hexadecimals.
/// * Notes tell of occupancies below 1, of copies that MTRIX records or REMARK 350 ask for, and of
///   lines that are no PDB records.
///
/// @throws FileError   when the file cannot be read
/// @throws InputError  with file and line: truncated line, a field that is not a number (or not
///                     finite), a coordinate beyond 100,000 angstrom, unknown element, a residue
///                     of two names without alternate locations, models of different atoms, CONECT
///                     to an atom that is not there or not unique; without line: no atoms
/// Source: wwPDB, Atomic Coordinate Entry Format Description 3.30.
PdbStructure read_pdb(const std::string& path);

/// Atoms of a PDB file at most: five columns of hexadecimals number them.
constexpr std::size_t kMaxPdbAtoms = 0xfffff;

/// Writes one model per chain of the batch, all bonds as CONECT records, and the periodic box, if
/// there is one, as CRYST1 with the three and two decimals that its columns have.
///
/// * Water and residues of one atom are HETATM, all others ATOM. Particles without element are EP
/// in
///   columns 77-78.
/// * Serial numbers go on in hexadecimals after 99999, as those of VMD, which OpenMM, MDTraj and
///   read_pdb know.
///
/// @param positions  [n_models, N, 3], nm
/// @throws FileError   when the file cannot be written
/// @throws InputError  when something does not fit the columns: more than kMaxPdbAtoms, bonds
/// after
///                     atom 99999, a residue number beyond 9999, a coordinate or an edge of the box
///                     that is not finite or too large, a name that is too long; when models have
///                     different boxes, or one that is not in reduced form
void write_pdb(const std::string& path, const engine::Topology& topology,
               engine::ConstCoordinates positions);

}  // namespace saltus::io
