#pragma once

#include "engine/core/units.h"

namespace saltus::engine {

/// What a chain is sampled at. Every chain carries its own.
struct ThermodynamicState {
  double temperature_K = 300.0;

  /// 1 / (k_B T), mol/kJ.
  double beta() const { return 1.0 / (kGasConstant * temperature_K); }
};

}  // namespace saltus::engine
