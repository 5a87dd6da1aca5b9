#pragma once

#include <string>

#include "engine/system/coordinates.h"
#include "engine/system/topology.h"

namespace saltus::io {

/// Content of a PDB file.
struct PdbStructure {
  engine::Topology topology;
  engine::CoordinateBatch positions;  ///< [n_models, N, 3], nm
};

/// Reads ATOM, HETATM, TER, MODEL, ENDMDL, END and CONECT records of a PDB file, in file order;
/// other records (headers, the unit cell) are not used. Columns follow the format strictly; lines
/// may end after the coordinates.
///
/// * Names are kept as they are ("1HH3", "CA"). A chain ends at TER or where the identifier
/// changes.
/// * Bonds are those of CONECT records, each once; standard residues get theirs elsewhere.
/// * Of alternate locations of an atom the one of highest occupancy is kept, the first on ties.
/// * Elements come from columns 77-78; where these are blank, from the name: the first letter
/// behind
///   digits, except for chlorine, bromine and ions that are a residue by themselves.
///
/// @throws FileError   when the file cannot be read
/// @throws InputError  with file and line: truncated line, a field that is not a number (or not
///                     finite), unknown element, residue of two names, models of different atoms,
///                     CONECT to an atom that is not there or not unique; without line: no atoms
/// Source: wwPDB, Atomic Coordinate Entry Format Description 3.30.
PdbStructure read_pdb(const std::string& path);

/// Writes one model per chain of the batch, all bonds as CONECT records.
/// @param positions  [n_models, N, 3], nm
/// @throws FileError   when the file cannot be written
/// @throws InputError  when something does not fit the columns: more than 99999 atoms, a coordinate
///                     that is not finite or too large, a name that is too long
void write_pdb(const std::string& path, const engine::Topology& topology,
               engine::ConstCoordinates positions);

}  // namespace saltus::io
