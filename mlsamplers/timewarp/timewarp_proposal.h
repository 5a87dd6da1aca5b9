#pragma once

#include <memory>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/moves/proposal.h"
#include "mlsamplers/timewarp/timewarp_model.h"

namespace saltus::mlsamplers {

/// Timewarp: a normalising flow draws all positions and 3N auxiliaries at once, q(x', v'|x).
///
/// The target is pi(x) N(v; 0, I), whose marginal is pi(x). Auxiliaries do not survive a step: each
/// draw gets fresh ones v ~ N(0, I) of its own, then (x', v') ~ q(.|x). Path terms, so that
/// Metropolis and multiple-try Metropolis are exact:
///   log_forward = log N(v) + log q(x', v'|x),   log_reverse = log N(v') + log q(x, v|x').
/// That v is drawn anew for every draw, of every try as well, matters: one v for a batch of draws
/// that ends with the first acceptance would be refreshed or not by what was accepted, which
/// biases the chain (tests/exactness/fresh_auxiliaries_test.cpp).
///
/// Rotation and centre of mass: the flow sees y = R(x) (x' - c(x)) and R(x) (x - c(x)), c being the
/// mean position and R(x) a rotation. For any R(x) that is a function of x alone (axes of three
/// atoms, or the identity), y is a rigid motion of x', of determinant 1, so q is a normalised
/// density of x' in all 3N Cartesian coordinates, and the ratio needs no correction; the way back
/// uses R(x') and c(x'). A random R is independent of the state and the same both ways: each R
/// gives an exact step of its own. With body axes q(Gx'|Gx) = q(x'|x) for each rigid motion G.
///
/// Handedness: draws that turn a centre over (handed_centres) get log_forward = -inf. This is
/// Metropolis for pi restricted to the handedness that the chain started with, for which it is
/// exact. Densities are computed in double. Source: Klein et al., Timewarp, NeurIPS 2023,
/// arXiv:2302.01170.
class TimewarpProposal final : public engine::Proposal {
 public:
  /// @param pool  may be null
  /// @throws InternalError  when the model has no network
  TimewarpProposal(const TimewarpModel& model, std::shared_ptr<engine::ThreadPool> pool);
  ~TimewarpProposal() override;

  std::string name() const override { return "timewarp"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  /// The model is for one temperature.
  engine::MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature or its number of atoms is not the model's
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;
  /// What the state gives is computed once for all of its tries (not with TimewarpFrame::kRandom).
  engine::ProposalBatch sample_tries(const engine::ChainView& current, std::size_t n_tries,
                                     const engine::StepKey& key) const override;

  /// log q(x', v'|x) of one pair at a time; a random frame counts as that of the laboratory.
  /// @param to, from     [B, N, 3], nm
  /// @param auxiliaries  [B, N, 3], v'
  /// @return [B]
  std::vector<double> log_density(engine::ConstCoordinates to,
                                  engine::Span<const double> auxiliaries,
                                  engine::ConstCoordinates from) const;

 private:
  struct Parts;
  struct Block;
  void draw(const Block& block, engine::ProposalBatch& out) const;

  std::unique_ptr<const Parts> parts_;
};

}  // namespace saltus::mlsamplers
