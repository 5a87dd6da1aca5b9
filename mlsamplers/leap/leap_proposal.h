#pragma once

#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/moves/proposal.h"
#include "mlsamplers/leap/leap_model.h"

namespace saltus::mlsamplers {

/// The learned leap on tensors: moves all internal coordinates of a molecule at once. Programs
/// sample with engine::LaneLeap (see sampling_leap below); this is the reference that it is
/// compared with, and what refinement leaps by.
///
/// Joint density, J being |dx/dq| of the internal coordinates q = (s, r, f):
///   q(x'|x) = p_s(s'|s) p_r(r'|s') p_f(f'|s', r') / J(q'),
///   p_s = (1-e) prod_i mix_i(s'_i | s, s'_<i) + e (2 pi)^-D      soft torsions, e uniform part
///   p_r = prod_j mix_j(n_j r'_j | s')                          rotors, folded n_j times
///   p_f = N(f'; W b(s', r'), L L^T)                            bonds, angles, stiff torsions
/// A folded angle a has the density mix(a) over [0, 2 pi); choosing one of n equal wells and
/// dividing by n leaves the same number as density of r. The frame of the first three atoms is
/// kept, so translation and rotation cancel: the measure is Cartesian up to rigid motion. Draws
/// with a bond, an angle or a stiff torsion outside its chart get log_forward = -inf. Source: after
/// Klein et al., Timewarp, NeurIPS 2023, arXiv:2302.01170, in internal coordinates.
class LeapProposal final : public engine::TractableProposal {
 public:
  LeapProposal(std::shared_ptr<const LeapModel> model, std::shared_ptr<engine::ThreadPool> pool);

  std::string name() const override { return "learned_leap"; }
  engine::ReferenceMeasure measure() const override {
    return engine::ReferenceMeasure::kCartesianUpToRigidMotion;
  }
  /// Keeps where the molecule is and how it is turned; the model is for one temperature.
  engine::MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature is not the model's
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;
  void log_density(engine::ConstCoordinates to, const engine::ChainView& from,
                   engine::Span<double> log_density) const override;

 private:
  std::shared_ptr<const LeapModel> model_;
  std::shared_ptr<engine::ThreadPool> pool_;
  FourierBasis basis_;
  std::vector<double> inverse_cholesky_;  ///< [F, F]
  double log_det_cholesky_ = 0.0;
};

/// The proposal that a model is sampled with. The only place that chooses one.
std::shared_ptr<const engine::TractableProposal> sampling_leap(
    const LeapModel& model, std::shared_ptr<engine::ThreadPool> pool);

}  // namespace saltus::mlsamplers
