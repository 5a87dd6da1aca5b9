#pragma once

#include <optional>

#include "engine/core/units.h"

namespace saltus::engine {

/// What a chain is sampled at. Every chain carries its own.
struct ThermodynamicState {
  double temperature_K = 300.0;
  std::optional<double> pressure_bar = std::nullopt;  ///< none: constant volume
  /// Where the chain is on the path of a target that is one of a family (see Bridge), in [0, 1];
  /// 1: the end that is wanted. Other targets do not use it.
  double path = 1.0;

  /// 1 / (k_B T), mol/kJ.
  double beta() const { return 1.0 / (kGasConstant * temperature_K); }
};

}  // namespace saltus::engine
