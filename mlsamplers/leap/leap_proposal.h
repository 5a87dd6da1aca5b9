#pragma once

#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/leap/leap_weights.h"
#include "engine/moves/proposal.h"
#include "mlsamplers/leap/leap_model.h"

namespace saltus::mlsamplers {

class LeapTensors;  // leap_tensors_detail.h

/// The learned leap on tensors: moves a block of the internal coordinates of a molecule, or all of
/// them. Programs sample with engine::LaneLeap (see sampling_leap below); this is the reference
/// that it is compared with.
///
/// Joint density, J being |dx/dq| of the internal coordinates q = (s, r, f, kept), c the torsions
/// of the context, t those of the basis:
///   q(x'|x) = p_s(s'|c) p_r(r'|t') p_f(f'|t', r') / J(q'),
///   p_s = (1-e) prod_i mix_i(s'_i | c, s'_<i) + e (2 pi)^-D      soft torsions, e uniform part
///   p_r = prod_j mix_j(n_j r'_j | t')                          rotors, folded n_j times
///   p_f = N(f'; W b(t', r'), T / T_ref L L^T)                  bonds, angles, stiff torsions
/// or, with wide draws, a mixture of two normals. A folded angle a has the density mix(a) over
/// [0, 2 pi); choosing one of n equal wells and dividing by n leaves the same number as density of
/// r. The frame of the first three atoms is kept, so translation and rotation cancel: the measure
/// is Cartesian up to rigid motion; of a block, that of what it redraws with the rest as it is.
/// Draws with a bond, an angle or a stiff torsion outside its chart get log_forward = -inf. Source:
/// after Klein et al., Timewarp, NeurIPS 2023, arXiv:2302.01170, in internal coordinates.
class LeapProposal final : public engine::TractableProposal {
 public:
  /// @throws InputError  when the weights shift soft torsions
  /// @throws ModelError  when the weights do not fit each other
  LeapProposal(const engine::LeapWeights& weights, std::shared_ptr<engine::ThreadPool> pool);

  std::string name() const override { return "learned_leap"; }
  engine::ReferenceMeasure measure() const override {
    return engine::ReferenceMeasure::kCartesianUpToRigidMotion;
  }
  /// Keeps where the molecule is and how it is turned; weights may be for one temperature.
  engine::MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;
  /// -inf where a coordinate that is not redrawn differs by more than 1e-6 nm or rad.
  void log_density(engine::ConstCoordinates to, const engine::ChainView& from,
                   engine::Span<double> log_density) const override;

 private:
  std::shared_ptr<const LeapTensors> tensors_;
};

/// The reference of engine::CarriedLeap, which says what its log-densities mean.
class CarriedLeapProposal final : public engine::Proposal {
 public:
  /// @throws InputError, ModelError  as engine::CarriedLeap; when the weights shift soft torsions
  CarriedLeapProposal(const engine::LeapWeights& weights, double carry,
                      std::shared_ptr<engine::ThreadPool> pool);

  std::string name() const override { return "carried_leap"; }
  engine::ReferenceMeasure measure() const override {
    return engine::ReferenceMeasure::kCartesianUpToRigidMotion;
  }
  engine::MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature is not one that the weights are for
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;

 private:
  double carry_;
  std::shared_ptr<const LeapTensors> tensors_;
};

/// The proposal that a model is sampled with. The only place that chooses one.
std::shared_ptr<const engine::TractableProposal> sampling_leap(
    const LeapModel& model, std::shared_ptr<engine::ThreadPool> pool);

}  // namespace saltus::mlsamplers
