#pragma once

#include <cstddef>
#include <vector>

#include "mlsamplers/leap/coordinate_split.h"
#include "mlsamplers/training/leap_trainer.h"

namespace saltus::mlsamplers {

/// A trajectory in split internal coordinates; the last series are held out.
struct InternalData {
  std::size_t n_soft = 0, n_rotors = 0, n_fast = 0;
  std::size_t n_frames = 0, n_training_series = 0, n_series = 0;
  std::vector<double> soft, rotors, fast;  ///< [n_series * n_frames, ...]

  std::size_t n_rows() const { return n_series * n_frames; }
  /// Whether a configuration belongs to the training part.
  bool is_training(std::size_t row) const { return row / n_frames < n_training_series; }
};

/// Rows of the regression: basis functions and fast coordinates.
struct RegressionRows {
  std::vector<double> basis, fast;  ///< [n, n_basis], [n, n_fast]
};

/// Internal coordinates [n_frames, 3N-6] of all frames.
/// @throws NumericalError  naming the first frame with an angle of 0 or 180 degrees
std::vector<double> internal_coordinates_of(const engine::ZMatrix& z,
                                            engine::ConstCoordinates frames);

/// Sorts a pilot's internal coordinates [n_frames, 3N-6] into soft, rotor and fast ones and holds
/// out a part of the series.
InternalData split_data(const CoordinateSplit& split, const engine::ZMatrix& z,
                        engine::Span<const double> q, const PilotTrajectory& pilot,
                        double held_out_fraction);

/// The training (or held-out) configurations as rows of the regression.
RegressionRows regression_rows(const InternalData& data, const FourierBasis& basis, bool training);

/// The basis that a split's fast coordinates are regressed on.
FourierBasis basis_of(const CoordinateSplit& split);

}  // namespace saltus::mlsamplers
