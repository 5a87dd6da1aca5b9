#pragma once

#include <cstddef>
#include <vector>

#include "engine/torsions/torsion_graph.h"

namespace saltus::mlsamplers {

/// Elements that can be told apart: those of MMFF94's organic part, and boron. Atomic numbers.
const std::vector<int>& known_elements();

/// Columns of the three tables of GraphFeatures.
constexpr std::size_t kMmffTypes = 99;
constexpr std::size_t kFirstMmffColumn = 37;
constexpr std::size_t kAtomFeatures = kFirstMmffColumn + kMmffTypes;
constexpr std::size_t kBondFeatures = 15;
constexpr std::size_t kAngleFeatures = 3;

/// What a network is told of a molecule's atoms, bonds and angles: numbers of order one, from
/// closed vocabularies. A handedness is given for specified centres only, so that the order of
/// the atoms never shows.
struct GraphFeatures {
  std::vector<float> atoms;   ///< [A, kAtomFeatures]
  std::vector<float> bonds;   ///< [B, kBondFeatures]
  std::vector<float> angles;  ///< [G, kAngleFeatures]
};

/// @throws InputError  when an element is not among known_elements()
GraphFeatures graph_features(const engine::TorsionGraph& graph);

/// The graph of the mirror image: specified centres change their hand, and at the ends of torsions
/// what was met at 120 degrees is met at 240. Of an invertible centre `others` is the same, since
/// its sign changes with the reflection. Torsions of the image are the negated ones.
engine::TorsionGraph mirror_image(const engine::TorsionGraph& graph);

}  // namespace saltus::mlsamplers
