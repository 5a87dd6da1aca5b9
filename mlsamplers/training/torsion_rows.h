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

/// Where a molecule's rows begin in a batch.
struct RowOffsets {
  std::size_t base = 0, pair = 0;
};

/// Appends all torsions of one sample under a mask; `stream` draws the order of kOrder.
void add_sample(const TorsionSamples& samples, std::size_t sample, const ReadoutRows& layout,
                const RowOffsets& offsets, TorsionMask mask, engine::RandomStream& stream,
                MaskedRows& out);

}  // namespace saltus::mlsamplers
