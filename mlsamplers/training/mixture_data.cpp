#include "mlsamplers/training/mixture_data.h"

#include <algorithm>

#include "mlsamplers/training/torsion_cells.h"

namespace saltus::mlsamplers {

namespace {

using Offset = std::ptrdiff_t;

MixtureFitData::Part& part_of(const InternalData& data, std::size_t row, MixtureFitData& fit) {
  return data.is_training(row) ? fit.training : fit.held_out;
}

/// Row of [first, last) drawn by cumulative weights that begin with the row `first`.
std::size_t drawn_row(const std::vector<double>& cumulative, std::size_t first,
                      engine::RandomStream& stream) {
  const double u = stream.uniform() * cumulative.back();
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), u);
  const auto last = static_cast<Offset>(cumulative.size()) - 1;
  return first + static_cast<std::size_t>(std::min(found - cumulative.begin(), last));
}

}  // namespace

LeapEnds lagged_ends(const InternalData& data, std::size_t lag) {
  LeapEnds ends;
  for (std::size_t s = 0; s < data.n_series; ++s)
    for (std::size_t t = 0; t + lag < data.n_frames; ++t) {
      const std::size_t a = s * data.n_frames + t, b = a + lag;
      ends.from.insert(ends.from.end(), {a, b});
      ends.to.insert(ends.to.end(), {b, a});
    }
  return ends;
}

LeapEnds independent_ends(const InternalData& data, const engine::StepKey& key) {
  LeapEnds ends;
  engine::RandomStream stream(key, engine::StreamName::kTrainingShuffle, 0);
  const std::size_t n_training = data.n_training_series * data.n_frames;
  const std::size_t bounds[] = {0, n_training, data.n_rows()};
  for (std::size_t part = 0; part < 2; ++part) {
    const std::size_t first = bounds[part], last = bounds[part + 1];
    if (first == last) continue;
    std::vector<double> cumulative = balanced_weights(
        {data.soft.data() + first * data.n_soft, (last - first) * data.n_soft}, data.n_soft, 1.0);
    if (cumulative.empty()) cumulative.assign(last - first, 1.0);  // no soft torsions
    for (std::size_t i = 1; i < cumulative.size(); ++i) cumulative[i] += cumulative[i - 1];
    for (std::size_t row = first; row < last; ++row) {
      ends.from.push_back(drawn_row(cumulative, first, stream));
      ends.to.push_back(row);
    }
  }
  return ends;
}

MixtureFitData soft_data(const InternalData& data, const LeapEnds& ends, std::size_t i) {
  MixtureFitData fit;
  fit.n_angles = data.n_soft + i;
  for (std::size_t pair = 0; pair < ends.to.size(); ++pair) {
    const double *from = &data.soft[ends.from[pair] * data.n_soft],
                 *to = &data.soft[ends.to[pair] * data.n_soft];
    MixtureFitData::Part& part = part_of(data, ends.to[pair], fit);
    part.conditions.insert(part.conditions.end(), from, from + data.n_soft);
    part.conditions.insert(part.conditions.end(), to, to + i);
    part.angles.push_back(to[i]);
  }
  return fit;
}

MixtureFitData rotor_data(const InternalData& data, int fold, std::size_t j) {
  MixtureFitData fit;
  fit.n_angles = data.n_soft;
  for (std::size_t row = 0; row < data.n_rows(); ++row) {
    MixtureFitData::Part& part = part_of(data, row, fit);
    const auto soft = data.soft.begin() + static_cast<Offset>(row * data.n_soft);
    part.conditions.insert(part.conditions.end(), soft, soft + static_cast<Offset>(data.n_soft));
    part.angles.push_back(fold * data.rotors[row * data.n_rotors + j]);
  }
  return fit;
}

}  // namespace saltus::mlsamplers
