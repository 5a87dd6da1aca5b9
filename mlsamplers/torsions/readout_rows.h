#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::mlsamplers {

/// Relation of two torsions: bonds between their near ends (0, 1, 2, more), and where the way to
/// the other one leaves each of them (to the reference atom, or at 120, 180, 240 degrees).
constexpr std::size_t kRelationFeatures = 12;

/// One end of a torsion, with the atoms about it for one sign of its centre.
struct EndRow {
  std::size_t atom = 0, reference = 0;
  std::array<std::size_t, 3> others{};  ///< kNowhere where there is none
};

/// A torsion for given signs of its ends.
struct BaseRow {
  std::size_t bond = 0;
  std::array<std::size_t, 2> ends{};  ///< into ReadoutRows::ends
};

/// What a torsion is told of another one for given signs of their ends. Ends are named by which is
/// nearer to the other torsion, so that the order in which bonds are written does not show.
struct PairRow {
  std::size_t bond = 0, other_bond = 0;
  std::size_t near = 0, far = 0, other_near = 0, other_far = 0;  ///< into ReadoutRows::ends
  std::array<float, kRelationFeatures> relation{};
};

/// Rows that differ by signs of invertible centres only: 2^n rows from `first`; bit i of the
/// offset is set when inversions[i] is negative.
struct SignedRows {
  std::size_t first = 0;
  std::vector<std::size_t> inversions;

  template <class Sign>
  std::size_t row(engine::Span<const Sign> signs) const {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < inversions.size(); ++i)
      if (signs[inversions[i]] < 0) offset |= std::size_t{1} << i;
    return first + offset;
  }
};

/// Everything that is read out of a network for one molecule.
struct ReadoutRows {
  std::vector<EndRow> ends;
  std::vector<BaseRow> bases;
  std::vector<PairRow> pairs;
  std::vector<SignedRows> bases_of;               ///< [R], into bases
  std::vector<std::vector<SignedRows>> pairs_of;  ///< [R][neighbours of it], into pairs
};

/// @throws InternalError  when the graph names atoms, bonds or torsions that it does not have
ReadoutRows readout_rows(const engine::TorsionGraph& graph);

}  // namespace saltus::mlsamplers
