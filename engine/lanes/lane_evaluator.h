#pragma once

#include <memory>
#include <vector>

#include "engine/core/aligned_vector.h"
#include "engine/lanes/block_boxes.h"
#include "engine/lanes/lane_term.h"
#include "engine/lanes/virtual_site_lanes.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// Chains of one block, as they are handed over.
struct BlockPositions {
  const double* x = nullptr;          ///< [N][3][lane], nm
  std::size_t n_lanes = kLaneWidth;   ///< chains in the block, 1 .. kLaneWidth
  const BlockBoxes* boxes = nullptr;  ///< null or empty: none
};

/// All terms of a System for blocks of chains (see lane_term.h), in double precision or with float
/// arithmetic. The float results are a function of the positions alone, too: they may drive moves
/// that are exact for any force. Virtual sites are where their parents put them, whatever the
/// positions given say; their forces are handed on. Measured errors: engine/lanes/README.md.
class LaneEvaluator {
 public:
  /// Memory for the work of one thread.
  struct Scratch {
    AlignedVector<double> exact_workspace, origin, term_energies, placed;
    AlignedVector<float> positions, single_workspace;
  };

  /// @throws InputError  when the system does not validate
  explicit LaneEvaluator(const System& system);

  std::size_t n_atoms() const { return n_atoms_; }
  /// For the caller to require: chains of one block may have different boxes.
  const BoxNeeds& box_needs() const { return box_needs_; }
  Scratch make_scratch() const;

  /// @param energies  out [lane], kJ/mol; never NaN
  /// @param forces    out [N][3][lane], kJ/mol/nm, or null; not corrected where the energy is +inf
  /// @throws InternalError  without boxes, when they are needed
  void evaluate(const BlockPositions& block, double* energies, double* forces,
                Scratch& scratch) const;
  /// The same in float arithmetic; terms are summed in double. The forces are computed in any case,
  /// so that `forces` must not be null.
  void evaluate_single(const BlockPositions& block, double* energies, float* forces,
                       Scratch& scratch) const;

  /// Energy of each named part, in double precision, of lane 0.
  std::vector<EnergyTerm> terms(const BlockPositions& block, Scratch& scratch) const;

 private:
  void require_boxes(const BlockPositions& block) const;
  const double* place_sites(const double* x, Scratch& scratch) const;
  template <class T>
  void sum_terms(const LaneView<T>& view, double* energies, Scratch& scratch) const;

  std::size_t n_atoms_, workspace_size_ = 0, n_names_ = 0;
  BoxNeeds box_needs_;
  std::vector<std::unique_ptr<const LaneTerm>> terms_;
  VirtualSiteLanes sites_;
};

}  // namespace saltus::engine
