#include "mlsamplers/training/torsion_cells.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

#include "engine/core/units.h"

namespace saltus::mlsamplers {

namespace {

constexpr int kSectors = 6;

/// Sector of each torsion.
std::vector<std::int8_t> cell_of(const double* soft, std::size_t n_soft) {
  std::vector<std::int8_t> cell;
  for (std::size_t i = 0; i < n_soft; ++i) {
    const double turns = soft[i] / engine::kTwoPi;
    const int sector = static_cast<int>(std::floor((turns - std::floor(turns)) * kSectors));
    cell.push_back(static_cast<std::int8_t>(sector % kSectors));
  }
  return cell;
}

}  // namespace

std::vector<double> balanced_weights(engine::Span<const double> soft, std::size_t n_soft,
                                     double power) {
  if (n_soft == 0) return {};
  std::map<std::vector<std::int8_t>, double> population;
  std::vector<const double*> of_row;
  for (std::size_t i = 0; i < soft.size(); i += n_soft) {
    double& count = population[cell_of(soft.data() + i, n_soft)];
    count += 1.0;
    of_row.push_back(&count);  // a map's entries stay where they are
  }
  std::vector<double> weights;
  for (const double* count : of_row) weights.push_back(std::pow(*count, -power));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight *= static_cast<double>(weights.size()) / sum;
  return weights;
}

}  // namespace saltus::mlsamplers
