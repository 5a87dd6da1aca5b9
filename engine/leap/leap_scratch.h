#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/aligned_vector.h"
#include "engine/lanes/lane_term.h"
#include "engine/leap/leap_table.h"

namespace saltus::engine {

/// Memory for the work of one thread on a block of chains: rows of lanes. "Old" is the chain's
/// state, "new" what is drawn or asked for.
struct LeapScratch {
  explicit LeapScratch(const LeapTable& table);

  /// Blocks of 128 random bits that each chain needs: for its draws, and for those of them that are
  /// uniform.
  std::size_t n_word_blocks() const { return words.size() / (4 * kLaneWidth); }
  std::size_t n_component_word_blocks() const { return component_words.size() / (4 * kLaneWidth); }
  /// Makes uniform numbers and wells from the words: the very numbers of RandomStream, but for the
  /// one in 2^64 that RandomStream::below draws again.
  void make_numbers(const LeapTable& table);

  /// Random bits, four words for each 128 bits, and the uniform numbers they are.
  AlignedVector<std::uint32_t> words, component_words;
  AlignedVector<double> uniforms, component_uniforms;
  AlignedVector<double> normals;       ///< as LeapNumbers numbers them
  AlignedVector<double> wells;         ///< [n_rotors], 0 .. fold - 1
  AlignedVector<double> old_x, new_x;  ///< [N][3], nm
  AlignedVector<double> old_q, new_q;  ///< [3N-6]
  AlignedVector<double> log_jac_old, log_jac_new;
  /// What a chain's temperature T makes of the model at T_ref: the networks' input T_ref / T - 1,
  /// sqrt(T / T_ref) and its inverse, F/2 ln(T / T_ref).
  AlignedVector<double> temperature, scale, inverse_scale, log_scale;
  AlignedVector<double> old_seen, new_seen;  ///< harmonics of LeapTable::seen, [n][6]
  /// What networks see: the temperature, if they do, and harmonics of the context and of soft
  /// torsions, [C + D][6], or of the torsions of the basis.
  AlignedVector<double> soft_input, old_basis_input, new_basis_input;
  AlignedVector<double> basis;                     ///< [n_basis], without the constant
  AlignedVector<double> first, second;             ///< hidden layers
  AlignedVector<double> mixture;                   ///< [4 K]
  AlignedVector<double> mean, difference;          ///< of fast coordinates; difference also holds z
  AlignedVector<double> old_squares, new_squares;  ///< |z|^2
  AlignedVector<double> log_forward, log_reverse;
};

}  // namespace saltus::engine
