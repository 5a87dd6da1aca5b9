#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/system/internal_coordinates.h"
#include "mlsamplers/leap/coordinate_split.h"
#include "mlsamplers/leap/leap_weights_file.h"
#include "mlsamplers/model/model_card.h"

namespace saltus::mlsamplers {

struct LeapNetworks;  // mixture_network_detail.h

/// Mean and covariance of the fast coordinates given soft torsions and rotors:
/// f = W b(soft, rotors) + L z, z standard normal.
struct FastRegression {
  std::size_t n_fast = 0, n_basis = 0;
  std::vector<double> weights;   ///< W, [n_fast, n_basis], row-major
  std::vector<double> cholesky;  ///< L, [n_fast, n_fast], row-major, lower, positive diagonal
};

/// Everything the learned leap of one molecule consists of; immutable once trained or loaded.
struct LeapModel {
  ModelCard card;
  engine::ZMatrix z;
  CoordinateSplit split;
  double uniform_fraction = 0.05;  ///< part of soft-torsion proposals that is uniform
  FastRegression fast;
  std::shared_ptr<LeapNetworks> networks;

  /// @throws ModelError  when sizes or indices do not fit each other
  void validate(const std::string& path) const;
};

/// What sampling needs of a model, as plain numbers.
engine::LeapWeights weights_of(const LeapModel& model);

/// Writes the model, card included, as a safetensors file (model_file.h).
/// @throws FileError
void save_leap_model(const LeapModel& model, const std::string& path);

/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a leap model, is damaged or of another format version
LeapModel load_leap_model(const std::string& path);

}  // namespace saltus::mlsamplers
