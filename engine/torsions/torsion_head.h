#pragma once

#include <cstddef>
#include <vector>

namespace saltus::engine {

/// Harmonics of a neighbour's folded angle that are looked at: cos and sin of 1, 2, 3 times it.
constexpr std::size_t kTorsionHarmonics = 3;
/// Widths of the head are multiples of the first and at most the second.
constexpr std::size_t kHeadBlock = 16, kMaxHeadWidth = 128;
/// Range of concentrations, of the folded angle.
constexpr double kMinConcentration = 0.02, kMaxConcentration = 700.0;

/// Weights of the conditional head of a torsion network, the same for all molecules; [in, out]
/// each, row-major. mlsamplers::NetworkTorsionModel has the formulas.
struct TorsionHead {
  std::size_t width = 0, n_components = 0;
  std::vector<float> harmonics;            ///< [2 kTorsionHarmonics, width]
  std::vector<float> mix;                  ///< [width, width]
  std::vector<float> second, second_bias;  ///< [width, width], [width]
  std::vector<float> output, output_bias;  ///< [width, 4 K], [4 K]
  /// Columns of `output`, which is padded to whole blocks.
  std::size_t n_outputs() const {
    return (4 * n_components + kHeadBlock - 1) / kHeadBlock * kHeadBlock;
  }
};

}  // namespace saltus::engine
