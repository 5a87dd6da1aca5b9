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
  /// Kept for proline's ring alone: leaps leave it, and a map between temperatures carries it
  /// along, or holds it where `coordinate` says so.
  bool goes_along = false;
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
  engine::ZMatrix z;              ///< rows name atoms of the topology
  std::size_t n_other_atoms = 0;  ///< of the topology: those that are not this peptide's
  std::size_t first_residue = 0;  ///< of the topology; the peptide's are consecutive
  std::vector<PeptideResidue> residues;
  std::vector<PeptideTorsion> torsions;

  const ResidueTemplate& template_of(std::size_t residue) const {
    return residue_templates()[residues[residue].template_index];
  }
  /// What a residue is called in messages and blocks: its place in the topology, from 1 on.
  std::size_t number_of(std::size_t residue) const { return first_residue + residue + 1; }
};

/// Recognises a peptide by the names of its atoms, its bonds and its handedness: one chain with
/// charged ends or caps. Hydrogens that differ by their number only, and the ends of valine and
/// leucine, are told apart by where they are, since files do not agree on their names. Stiff
/// torsions count from the planar form (cis or trans) that they have in x.
///
/// Never redrawn: proline's ring (phi, chi1, and what closes it), the side chains of a disulfide
/// bridge and the backbone between its ends, or from the chain's begin to an end whose other end is
/// in another chain. Planar rings of side chains are fast coordinates like
/// others: those of a residue are drawn or carried together, with their full covariance, which
/// keeps rings closed to first order.
/// @param x  [N, 3], nm
/// @throws InputError  naming the residue: no template has its atoms, a D amino acid, another
///                     bond than peptide links and disulfides, several chains
Peptide recognise_peptide(const engine::Topology& topology, engine::Span<const double> x);

/// The same for all peptides of a system: each run of residues with peptide links is one, with an
/// order of placement of its own. Residues without peptide links, such as ligands, ions, water and
/// single amino acids, are other atoms.
/// @returns at least one, by ascending residues
/// @throws InputError  as above, but for several chains; when a residue with peptide links has
///                     other bonds to others than disulfides; when there is no peptide
std::vector<Peptide> recognise_peptides(const engine::Topology& topology,
                                        engine::Span<const double> x);

}  // namespace saltus::mlsamplers
