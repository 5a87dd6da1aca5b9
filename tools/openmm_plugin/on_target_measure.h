#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/dynamics/integrator.h"
#include "engine/moves/proposal.h"

namespace saltus::openmm_plugin {

/// A proposal for some atoms of a system with constraints, periodic boundaries or anything else
/// around them, as one with respect to the measure of the whole system.
///
/// A leap keeps the place of the first atom that it places, and the direction and plane of the
/// frame of the first three, and has the Jacobian of all other coordinates inside its log-densities
/// (cartesian_to_internal): they are densities with respect to Cartesian volume given what is kept,
/// whatever the energy is a function of. If no constraint is of an atom that moves, the measure of
/// the system is the product of that volume and the measure of the other atoms.
///
/// A turn of a bond preserves Cartesian volume. It preserves the measure on constraints, too, which
/// is that volume times sqrt(det G), G_ab = sum_i grad_i a . grad_i b / m_i, if lengths of
/// constraints and angles between those that share an atom stay: those of atoms that turn are then
/// with such atoms or with the one at the turning end of the bond, and that one has no others but
/// the bond's own.
///
/// Velocities on turned constraints would not be independent of positions: accepted chains get
/// fresh ones from the Maxwell distribution, whose density drops out of the Metropolis ratio.
class OnTargetMeasure final : public engine::Proposal {
 public:
  /// @param fresh_velocities  draws them; nothing: velocities stay
  OnTargetMeasure(std::shared_ptr<const engine::Proposal> proposal,
                  engine::ReferenceMeasure measure,
                  std::optional<engine::Integrator> fresh_velocities)
      : proposal_(std::move(proposal)),
        measure_(measure),
        fresh_velocities_(std::move(fresh_velocities)) {}

  std::string name() const override { return proposal_->name(); }
  engine::ReferenceMeasure measure() const override { return measure_; }
  engine::MoveRequirements requirements() const override { return {}; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;

 private:
  std::shared_ptr<const engine::Proposal> proposal_;
  engine::ReferenceMeasure measure_;
  std::optional<engine::Integrator> fresh_velocities_;
};

}  // namespace saltus::openmm_plugin
