#pragma once

#include <string>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/topology.h"

namespace saltus::mlsamplers {

/// Names of the templates (residue_template.h) of a peptide, from the first residue to the last:
/// * one letter each, ends charged: "ADK" is NALA ASP CLYS;
/// * names with hyphens, caps and protonation states included: "ACE-ALA-HIP-NME".
/// H and HIS are HIE. Letters that spell the name of one residue, "HYP", are no tripeptide.
/// @throws InputError  naming the letter or word that is none, or when there are too few
std::vector<std::string> parse_sequence(const std::string& text);

/// Refuses CYX, which an extended chain has no bridge for.
/// @throws InputError  naming the residue
void require_extended(const std::vector<std::string>& templates);

/// "ADK" of NALA ASP CLYS; empty when a residue has no letter or is a cap.
std::string one_letter_sequence(const std::vector<std::string>& templates);

/// All atoms, bonds and places of a peptide.
struct BuiltPeptide {
  engine::Topology topology;
  engine::CoordinateBatch positions;  ///< [1, N, 3], nm
};

/// Builds an extended L peptide from the templates' lengths, angles and torsions. Atoms may come
/// close to each other: minimise before use.
/// @throws InputError  when a template does not fit its place
BuiltPeptide build_peptide(const std::vector<std::string>& templates);

}  // namespace saltus::mlsamplers
