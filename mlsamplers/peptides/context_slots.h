#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/core/span.h"
#include "mlsamplers/peptides/peptide.h"

namespace saltus::mlsamplers {

/// Torsions around a residue that networks may see: all kinds of the residue before, of the residue
/// itself and of the one after, in this order. Side chains of neighbours count because charged ones
/// hold each other.
constexpr std::size_t kContextSlots = 3 * kTorsionKinds;

/// Where a torsion stands in the context of torsions of residue `of`; nothing when out of sight.
std::optional<std::size_t> context_slot(const PeptideTorsion& torsion, std::size_t of);

/// Functions that fast coordinates of a template with T torsions and R rotors are regressed on: 1,
/// harmonics 1..3 of each torsion, products of harmonics of neighbours in the list whose orders add
/// up to 3 at most, harmonics 1..2 of each rotor's folded angle. A part of engine/leap's basis.
std::size_t template_basis_size(std::size_t n_torsions, std::size_t n_rotors);
/// @param rotors  folded angles, fold times angle
/// @param out     [template_basis_size]
void evaluate_template_basis(engine::Span<const double> torsions, engine::Span<const double> rotors,
                             engine::Span<double> out);

/// Where a template's basis stands in that of a block of several residues.
struct BasisPlace {
  std::size_t n_torsions = 0, n_rotors = 0;        ///< of the template
  std::size_t first_torsion = 0;                   ///< among those of the block
  std::vector<std::optional<std::size_t>> rotors;  ///< among those of the block; or kept
  std::size_t n_block_torsions = 0, n_block_rotors = 0;
};
/// A row of a template's regression as one of a block's, added to it. Functions of rotors that are
/// not redrawn count with their means.
/// @param row          [template_basis_size]
/// @param rotor_means  [4 R], of cos, sin, cos 2, sin 2 of each rotor's folded angle
/// @param out          [engine::leap_basis_size]
void add_to_block_basis(const BasisPlace& place, engine::Span<const double> row,
                        engine::Span<const double> rotor_means, engine::Span<double> out);

/// Means of the functions of rotors are these many for each.
constexpr std::size_t kRotorFunctions = 2 * engine::kRotorHarmonics;

}  // namespace saltus::mlsamplers
