#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/leap/leap_weights.h"
#include "engine/system/topology.h"
#include "mlsamplers/peptides/residue_template.h"

namespace saltus::mlsamplers {

/// A soft torsion of a peptide; `coordinate` indexes its internal coordinates [3N-6].
struct PeptideTorsion {
  TorsionKind kind = TorsionKind::kPhi;
  std::size_t residue = 0, coordinate = 0;
  bool is_kept = false;  ///< it closes a ring: blocks see it and do not move it
};

/// A rotor of a residue.
struct PeptideRotor {
  engine::LeapRotor rotor;
  bool is_side_chain = false;
};

/// A bond, an angle or a stiff torsion of a residue.
struct PeptideFast {
  engine::LeapFastCoordinate coordinate;
  bool is_side_chain = false;
  bool is_kept = false;  ///< it closes a ring
};

/// A residue's coordinates; as many of each kind, in the same order, in whatever peptide.
struct PeptideResidue {
  std::size_t template_index = 0;     ///< into residue_templates()
  std::vector<std::size_t> torsions;  ///< into Peptide::torsions: chi from the tip, then phi, psi
  std::vector<PeptideRotor> rotors;
  std::vector<PeptideFast> fast;
};

/// A peptide in canonical internal coordinates: a residue's rows depend on its template alone, so
/// that what was learned of a template holds in every sequence.
struct Peptide {
  engine::ZMatrix z;
  std::vector<PeptideResidue> residues;
  std::vector<PeptideTorsion> torsions;

  const ResidueTemplate& template_of(std::size_t residue) const {
    return residue_templates()[residues[residue].template_index];
  }
};

/// Recognises a peptide by the names of its atoms, its bonds and its handedness: one chain with
/// charged ends or caps. Hydrogens that differ by their number only, and the ends of valine and
/// leucine, are told apart by where they are, since files do not agree on their names. Stiff
/// torsions count from the planar form (cis or trans) that they have in x.
///
/// Never redrawn: proline's ring (phi, chi1, and what closes it), the side chains of a disulfide
/// bridge and the backbone between its ends. Planar rings of side chains are fast coordinates like
/// others: those of a residue are drawn or carried together, with their full covariance, which
/// keeps rings closed to first order.
/// @param x  [N, 3], nm
/// @throws InputError  naming the residue: no template has its atoms, a D amino acid, another
///                     bond than peptide links and disulfides, several chains
Peptide recognise_peptide(const engine::Topology& topology, engine::Span<const double> x);

}  // namespace saltus::mlsamplers
