#pragma once

#include <vector>

#include "engine/core/span.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::forcefields {

/// What the published models leave open.
struct GeneralizedBornOptions {
  double solute_dielectric = engine::ImplicitSolvent{}.solute_dielectric;
  double solvent_dielectric = engine::ImplicitSolvent{}.solvent_dielectric;
  bool surface_term = true;  ///< ACE surface term
  double cutoff_nm = 0.0;    ///< 0 = none
};

/// Parameters of an implicit solvent for a molecule, as in OpenMM's implicit/obc1.xml, obc2.xml
/// and gbn2.xml (energies agree with them, hence their rounded Coulomb constant, 138.935485).
///
/// OBC1, OBC2: mbondi2 radii, one screening factor per element. GBn2: mbondi3 radii, screening,
/// alpha, beta, gamma per element, a second set in nucleic acids (residues A, C, G, U, DA, DC, DG,
/// DT and their other PDB names). mbondi3 is mbondi2 but for 0.117 nm of hydrogens HE and HH of
/// residue ARG, and 0.140 nm of carboxylate oxygens (see is_carboxylate_oxygen), as in AMBER's
/// tables. OpenMM 7.7 means to do the same, but compares an atom with an element and so leaves
/// carboxylate oxygens at 0.150 nm (40 kJ/mol for two carboxylates); OpenMM 8 does not.
///
/// @param topology  with bonds and elements
/// @param charges   [n_atoms], e
/// @throws InputError  when an element is unknown, a hydrogen has no bond, a dielectric or the
/// cutoff
///                     is impossible, or a radius is outside the neck tables of GBn2
/// Source: Onufriev, Bashford, Case, Proteins 55, 383 (2004), doi:10.1002/prot.20033; Nguyen, Roe,
/// Simmerling, JCTC 9, 2020 (2013), doi:10.1021/ct3010485; OpenMM, customgbforces.py.
engine::ImplicitSolvent generalized_born_parameters(engine::GeneralizedBornModel model,
                                                    const engine::Topology& topology,
                                                    engine::Span<const double> charges,
                                                    const GeneralizedBornOptions& options);

/// Whether the atom is one of the two oxygens of a carboxylate: both bonded to one carbon, which
/// has one further neighbour, and to nothing else. Neither oxygen of an acid (ASH, GLH), of an
/// ester or of an amide is one, as in AMBER's tables, which go by names: OD and OE of ASP and GLU,
/// OXT and the O beside it, and OD and OE of AS4 and GL4, residues of constant pH that carry all
/// their protons at once and count here, too.
bool is_carboxylate_oxygen(const engine::Topology& topology,
                           const std::vector<std::vector<std::size_t>>& neighbours,
                           std::size_t atom);

/// The same solvent without parameters: model constants, options, offset, no particles yet.
engine::ImplicitSolvent generalized_born_model(engine::GeneralizedBornModel model,
                                               const GeneralizedBornOptions& options);

}  // namespace saltus::forcefields
