#pragma once

#include <array>
#include <cstddef>

#include "engine/core/span.h"
#include "engine/lanes/lane_evaluator.h"
#include "engine/minimisation/lbfgs_lanes.h"
#include "engine/minimisation/minimise.h"

namespace saltus::engine {

/// Chains of one block that are being minimised, each by itself: `energies` and `forces` of the
/// positions in `trial` are filled in, then `advance` judges them and sets the next trial. Lanes
/// can be emptied and filled again at any time.
class DescentBlock {
 public:
  /// @param options  valid for n_atoms
  DescentBlock(std::size_t n_atoms, const MinimisationOptions& options);

  /// Puts a chain into an empty lane; its start is the first trial.
  /// @param x  [1, N, 3], nm, with its box if it has one
  void load(std::size_t lane, std::size_t chain, ConstCoordinates x);
  /// Takes a chain out of its lane.
  /// @param x  out [N, 3], nm
  MinimisationResult unload(std::size_t lane, Span<double> x);

  bool is_empty(std::size_t lane) const { return chains_[lane].state == State::kEmpty; }
  bool has_arrived(std::size_t lane) const { return chains_[lane].state == State::kArrived; }
  bool is_moving(std::size_t lane) const {
    return chains_[lane].state == State::kStarting || chains_[lane].state == State::kMoving;
  }
  std::size_t chain(std::size_t lane) const { return chains_[lane].number; }

  /// Lanes that have ever held a chain, counted from the first.
  std::size_t n_lanes() const { return block_.n_lanes; }
  const double* trial() const { return block_.trial.data(); }  ///< [N][3][lane], nm
  /// The trials of all lanes for a LaneEvaluator.
  BlockPositions trials() const { return {trial(), n_lanes(), &boxes_}; }
  double* energies() { return energies_.data(); }          ///< [lane], kJ/mol
  double* forces() { return block_.trial_forces.data(); }  ///< [N][3][lane], kJ/mol/nm

  void advance();

 private:
  enum class State { kEmpty, kStarting, kMoving, kArrived };
  struct Chain {
    State state = State::kEmpty;
    std::size_t number = 0;
    MinimisationResult result;
    double start_energy = 0.0;
    double gain = 0.0;    ///< t F.HF of the trial, kJ/mol
    double move = 0.0;    ///< largest displacement of a coordinate in the trial, nm
    double radius = 0.0;  ///< and its limit
  };

  void clear_frozen_forces();
  /// True when the trial becomes the chain's point.
  bool judge(std::size_t lane);
  bool is_lower(const Chain& chain, std::size_t lane) const;
  void weigh_pair(std::size_t lane, bool accepted);
  void forget_pairs(std::size_t lane);
  /// Factor of the direction.
  double choose_step(std::size_t lane);
  double rms_force(std::size_t lane) const;

  MinimisationOptions options_;
  std::size_t n_mobile_;  ///< coordinates
  LbfgsBlock block_;
  BlockBoxes boxes_;
  AlignedVector<double> energies_;
  std::array<Chain, kLaneWidth> chains_;
};

}  // namespace saltus::engine
