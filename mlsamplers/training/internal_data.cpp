#include "mlsamplers/training/internal_data.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"

namespace saltus::mlsamplers {

std::vector<double> internal_coordinates_of(const engine::ZMatrix& z,
                                            engine::ConstCoordinates frames) {
  std::vector<double> q(frames.n_chains * z.n_internal()), log_jac(frames.n_chains);
  engine::cartesian_to_internal(z, frames, q, log_jac);
  for (std::size_t i = 0; i < log_jac.size(); ++i)
    if (!std::isfinite(log_jac[i]))
      throw engine::NumericalError("leap training: frame " + std::to_string(i) +
                                   " of the pilot has a singular internal coordinate (an angle of "
                                   "0 or 180 degrees)");
  return q;
}

InternalData split_data(const CoordinateSplit& split, const engine::ZMatrix& z,
                        engine::Span<const double> q, const PilotTrajectory& pilot,
                        double held_out_fraction) {
  InternalData data;
  data.n_soft = split.soft.size();
  data.n_rotors = split.rotors.size();
  data.n_fast = split.fast.size();
  data.n_series = pilot.n_series;
  data.n_frames = pilot.n_frames;
  const auto held_out = static_cast<std::size_t>(
      std::lround(held_out_fraction * static_cast<double>(pilot.n_series)));
  data.n_training_series =
      pilot.n_series - std::max<std::size_t>(1, std::min(held_out, pilot.n_series - 1));
  const std::size_t n = data.n_rows();
  data.soft.resize(n * data.n_soft);
  data.rotors.resize(n * data.n_rotors);
  data.fast.resize(n * data.n_fast);
  const auto row = [](std::vector<double>& values, std::size_t i, std::size_t width) {
    return engine::Span<double>(values.data() + i * width, width);
  };
  for (std::size_t i = 0; i < n; ++i)
    split.read(q.subspan(i * z.n_internal(), z.n_internal()), row(data.soft, i, data.n_soft),
               row(data.rotors, i, data.n_rotors), row(data.fast, i, data.n_fast));
  return data;
}

RegressionRows regression_rows(const InternalData& data, const FourierBasis& basis, bool training) {
  RegressionRows rows;
  std::vector<double> values(basis.size());
  for (std::size_t i = 0; i < data.n_rows(); ++i) {
    if (data.is_training(i) != training) continue;
    basis.evaluate({data.soft.data() + i * data.n_soft, data.n_soft},
                   {data.rotors.data() + i * data.n_rotors, data.n_rotors}, values);
    rows.basis.insert(rows.basis.end(), values.begin(), values.end());
    const auto first = data.fast.begin() + static_cast<std::ptrdiff_t>(i * data.n_fast);
    rows.fast.insert(rows.fast.end(), first, first + static_cast<std::ptrdiff_t>(data.n_fast));
  }
  return rows;
}

FourierBasis basis_of(const CoordinateSplit& split) {
  std::vector<int> folds;
  for (const Rotor& rotor : split.rotors) folds.push_back(rotor.fold);
  return FourierBasis(split.soft.size(), folds);
}

}  // namespace saltus::mlsamplers
