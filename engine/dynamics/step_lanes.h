#pragma once

#include <cstddef>

namespace saltus::engine {

/// The parts of an integration step on a block of chains (engine/lanes/lane_term.h): x, v and
/// forces are [3 n_atoms][lane]. Everything moves in double precision. Lanes beyond n_lanes may
/// move, too.

/// v += factor_i F; factors [n_atoms], ps/dalton.
void kick(const float* forces, const double* factors, std::size_t n_atoms, std::size_t n_lanes,
          double* v);
void kick(const double* forces, const double* factors, std::size_t n_atoms, std::size_t n_lanes,
          double* v);

/// x += dt v
void drift(const double* v, double dt, std::size_t n_atoms, std::size_t n_lanes, double* x);

/// The thermostat of LangevinMiddle.
struct Thermostat {
  double dt = 0.0;                  ///< ps
  double keep = 1.0;                ///< exp(-friction dt)
  const double* widths = nullptr;   ///< [n_atoms], sqrt((1 - keep^2) / m)
  const double* sqrt_kt = nullptr;  ///< [lane], (kJ/mol)^(1/2)
};

/// x += dt/2 v; v <- keep v + width_i sqrt(kT) normal; x += dt/2 v.
/// @param normals  [3 n_atoms][lane]
void drift_through_bath(const Thermostat& bath, const float* normals, std::size_t n_atoms,
                        std::size_t n_lanes, double* x, double* v);

}  // namespace saltus::engine
