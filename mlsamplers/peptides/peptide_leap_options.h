#pragma once

#include <cstddef>
#include <vector>

#include "engine/leap/leap_weights.h"

namespace saltus::mlsamplers {

/// A carry of fast coordinates and how often it is used, up to a common factor.
struct CarryChoice {
  double carry = 0.0;  ///< in [0, 1]: 0 draws anew, 1 transports
  double weight = 1.0;
};

/// How often each sort of block is drawn, up to a common factor; shared by the blocks of the sort.
struct PeptideLeapOptions {
  double residues = 0.4;               ///< all torsions of a residue, with its fast coordinates
  double side_chains = 0.3;            ///< chi and fast coordinates of a side chain
  double links = 0.3;                  ///< psi and the next phi, with the backbones of both
  double whole = 0.2;                  ///< everything, of peptides that are short enough
  std::size_t max_whole_residues = 2;  ///< caps not counted
  /// psi and the next phi turned against each other, of peptides of at least
  /// min_crankshaft_residues
  double crankshafts = 0.3;
  std::size_t min_crankshaft_residues = 3;                             ///< caps not counted
  std::vector<double> crankshaft_widths = engine::LeapShift().widths;  ///< of their angles, rad
  double crankshaft_uniform = 0.1;  ///< part of these angles that is uniform
  /// Part of the crankshafts that keep the fast coordinates of side chains; others carry them.
  double crankshaft_side_chains_kept = 0.5;
  /// Half-turns of the peptide bonds before prolines, between cis and trans; of peptides that have
  /// one
  double proline_flips = 0.5;
  double peptide_bond_flips = 0.05;  ///< the same of other peptide bonds, few of which are cis
  /// Flips of proline's ring between its puckers; of peptides that have one
  double ring_flips = 0.25;
  std::vector<CarryChoice> carries = {{0.0, 0.15}, {0.5, 0.25}, {1.0, 0.6}};
  double uniform_fraction = 0.02;  ///< see engine::LeapWeights
  double wide_fraction = 0.1;      ///< of draws without carry
  double wide_scale = 1.5;

  /// @throws InputError  when a weight is negative or not finite, nothing is left, or a carry,
  ///                     fraction, width or scale is out of range
  void validate() const;
};

}  // namespace saltus::mlsamplers
