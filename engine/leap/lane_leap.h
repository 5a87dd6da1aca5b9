#pragma once

#include <memory>
#include <string>

#include "engine/leap/leap_runner.h"

namespace saltus::engine {

/// The learned leap, which moves a block of one molecule's internal coordinates, or all of them, on
/// the widest vectors of the processor with one chain in each lane. Joint density and arithmetic:
/// README.md. The frame of the first three placed atoms is kept, so that translation and rotation
/// cancel: the measure is Cartesian up to rigid motion; of a block, that of the coordinates it
/// redraws with all others as they are. Draws with a bond, an angle or a stiff torsion outside its
/// chart get log_forward = -inf.
///
/// A chain's numbers depend on its state, the key, its number and the instruction set: not on the
/// batch, its lane or threads. Random numbers are those that mlsamplers::LeapProposal draws, with
/// which it agrees to rounding.
/// Source: after Klein et al., Timewarp, NeurIPS 2023, arXiv:2302.01170, in internal coordinates.
class LaneLeap final : public TractableProposal {
 public:
  /// @param pool  null: everything on the calling thread
  /// @throws InputError  when the weights shift soft torsions
  /// @throws ModelError  when the weights do not fit each other
  LaneLeap(const LeapWeights& weights, std::shared_ptr<ThreadPool> pool);

  std::string name() const override { return runner_.name(); }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesianUpToRigidMotion; }
  /// Keeps where the molecule is and how it is turned; weights may be for one temperature.
  MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;
  /// -inf where a coordinate that is not redrawn differs by more than 1e-6 nm or rad.
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  void log_density(ConstCoordinates to, const ChainView& from,
                   Span<double> log_density) const override;

 private:
  LeapRunner runner_;
};

/// The same leap with fast coordinates f = mu + L z that are carried along: z' = a z +
/// sqrt(1 - a^2) xi, xi ~ N(0, I), where LaneLeap draws z' = xi. The kernel of z is reversible with
/// respect to N(0, I), so that log_forward and log_reverse hold -|z'|^2/2 and -|z|^2/2 as if z' and
/// z were independent draws (README.md has the argument). a = 1 is the transport kernel, which
/// moves fast coordinates by a map of Jacobian |L'| / |L|. No density of a pair of states: z' near
/// z is drawn far more often than these terms say, and so is z near z' on the way back.
///
/// Weights that shift (LeapShift) turn soft torsions along a direction by a symmetric random angle
/// in place of drawing them, which leaves both log-densities without a term of theirs.
/// Source: Cotter et al., Stat. Sci. 28, 424 (2013), doi:10.1214/13-STS421, eq. 4.8
/// (preconditioned Crank-Nicolson).
class CarriedLeap final : public Proposal {
 public:
  /// @param carry  a, in [0, 1]; 0 draws as LaneLeap does, to the bit
  /// @param pool   null: everything on the calling thread
  /// @throws InputError  when carry is not in [0, 1], or above 0 with weights that draw widely
  /// @throws ModelError  when the weights do not fit each other
  CarriedLeap(const LeapWeights& weights, double carry, std::shared_ptr<ThreadPool> pool);

  std::string name() const override { return runner_.name(); }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesianUpToRigidMotion; }
  /// As LaneLeap's.
  MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  LeapRunner runner_;
};

/// Whether a draw has a density of the new state given the old one; engine and reference refuse
/// with the same words.
/// @throws InputError  when the weights shift soft torsions or hold fast coordinates
void require_density(const LeapWeights& weights);

/// Whether fast coordinates can be carried; engine and reference refuse with the same words.
/// @throws InputError  as CarriedLeap
void require_carry(const LeapWeights& weights, double carry);

}  // namespace saltus::engine
