#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/torsions/torsion_graph.h"
#include "mlsamplers/torsions/readout_rows.h"

namespace saltus::mlsamplers {

/// A molecule and samples of its torsions, of equal weight.
struct TorsionSamples {
  std::string name;  ///< for messages
  engine::TorsionGraph graph;
  std::size_t n_samples = 0;
  std::vector<float> torsions;          ///< [n_samples, R], rad, any branch
  std::vector<std::int8_t> inversions;  ///< [n_samples, I], +1 or -1
};

/// @throws InputError  naming the molecule: no torsions or samples, tables of the wrong size,
///                     angles that are not finite, signs other than +1 and -1
void validate(const TorsionSamples& samples);

/// The mirror image: graph, negated torsions and signs.
TorsionSamples mirror_image(const TorsionSamples& samples);

/// What is shown of the neighbours in training.
enum class TorsionMask {
  kNothing,  ///< marginals
  kAll,      ///< conditionals for turning one bond
  kOrder,    ///< those earlier in a random order
};

/// Rows (a torsion of a sample) and messages (a neighbour shown to it) for the network's head.
struct MaskedRows {
  std::vector<std::size_t> bases;       ///< [rows] into the batch's bases
  std::vector<float> cosines, sines;    ///< [rows], of the folded angle
  std::vector<float> shares;            ///< [rows], weights in the loss
  std::vector<std::size_t> n_messages;  ///< [rows]
  std::vector<std::size_t> pairs;       ///< [messages] into the batch's pairs
  std::vector<float> harmonics;         ///< [messages, 2 kTorsionHarmonics]
};

/// A molecule's rows, and where they begin in a batch.
struct RowsInBatch {
  const ReadoutRows& layout;
  std::size_t first_base = 0, first_pair = 0;
};

/// A mask, and what draws the order of kOrder.
struct DrawnMask {
  TorsionMask mask;
  engine::RandomStream& stream;
};

/// Appends all torsions of one sample under a mask.
void add_sample(const TorsionSamples& samples, std::size_t sample, const RowsInBatch& rows,
                const DrawnMask& drawn, MaskedRows& out);

}  // namespace saltus::mlsamplers
