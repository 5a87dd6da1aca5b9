#pragma once

#include <cstddef>

#include "engine/dynamics/block_layout.h"

namespace saltus::engine {

/// The parts of an integration step on a block of chains or on a row: x, v and forces have
/// layout.size(n_values) numbers, what belongs to values is [n_values] and ends with zeros like a
/// row. Everything moves in double precision. Lanes beyond n_lanes may move, too.

/// v += factor_i F; factors in ps/dalton.
void kick(const float* forces, const double* factors, std::size_t n_values, BlockLayout layout,
          double* v);
void kick(const double* forces, const double* factors, std::size_t n_values, BlockLayout layout,
          double* v);

/// x += dt v
void drift(const double* v, double dt, std::size_t n_values, BlockLayout layout, double* x);

/// The thermostat of LangevinMiddle.
struct Thermostat {
  double dt = 0.0;                  ///< ps
  double keep = 1.0;                ///< exp(-friction dt)
  const double* widths = nullptr;   ///< of values, sqrt((1 - keep^2) / m)
  const double* sqrt_kt = nullptr;  ///< [lane], (kJ/mol)^(1/2)
  const float* normals = nullptr;   ///< as x and v
};

/// x += dt/2 v; v <- keep v + width_i sqrt(kT) normal; x += dt/2 v.
void drift_through_bath(const Thermostat& bath, std::size_t n_values, BlockLayout layout, double* x,
                        double* v);

}  // namespace saltus::engine
