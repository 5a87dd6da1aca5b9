#pragma once

#include <cstddef>

#include "engine/core/aligned_vector.h"
#include "engine/core/span.h"
#include "engine/dynamics/block_layout.h"
#include "engine/lanes/block_boxes.h"
#include "engine/potential/energy_function.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// Chains in motion, values as in `layout`, or [lane].
struct MovingBlock {
  std::size_t first_chain = 0;
  BlockLayout layout;
  BlockBoxes boxes;                 ///< those of the positions, which no step changes
  AlignedVector<double> x, v;       ///< nm, nm/ps
  AlignedVector<double> forces;     ///< kJ/mol/nm, when forces are double
  AlignedVector<float> single;      ///< the same when they are float
  AlignedVector<double> energies;   ///< [lane], kJ/mol, at the last force evaluation
  AlignedVector<double> failed;     ///< [lane], 1 where constraints could not be solved
  AlignedVector<double> reference;  ///< positions before a step, for constraints
  AlignedVector<double> sqrt_kt;    ///< [lane]
  AlignedVector<float> normals;
};

/// Rows [n_lanes][n_values] of chains into a layout, and back.
void pack_chains(const double* rows, std::size_t n_values, BlockLayout layout, double* block);
void unpack_chains(const double* block, std::size_t n_values, BlockLayout layout, double* rows);

/// What happens to a block whenever the forces at its positions are known.
class BlockProgram {
 public:
  virtual ~BlockProgram() = default;
  virtual std::size_t n_evaluations() const = 0;
  /// Called with positions and velocities in place, before the first evaluation.
  virtual void begin(MovingBlock& block) const = 0;
  virtual void advance(MovingBlock& block, std::size_t evaluation) const = 0;
  /// Called before positions and velocities are taken back.
  virtual void end(MovingBlock& block) const = 0;
};

/// Runs the program on all chains. `energies` [B]: those of the last force evaluation, in the
/// precision the energy function promises; empty means "not wanted".
/// @throws InternalError  when positions, velocities and energy function do not fit each other
/// @throws InputError     when a box does not fit (BoxNeeds)
void run_program(const BlockProgram& program, const EnergyFunction& energy, CoordinateBatch& x,
                 CoordinateBatch& v, Span<double> energies);

}  // namespace saltus::engine
