#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/rigid/harmonic_crystal.h"

namespace saltus::engine {

/// Draws all bodies anew from a harmonic crystal at the temperature of the chain, whatever the
/// chain is like now; body 0 keeps its position but is turned, too. An independence proposal with
/// respect to d^3p dS(q) (RigidBodies): both log-densities are HarmonicCrystal's. Draws in which a
/// body is farther from its site than half a box edge, in any of its three directions and relative
/// to body 0, are impossible, log_forward = -inf: they would be another body's coordinates as well.
/// Chains keep the images that their molecules are in, so a body stays within half an edge of where
/// its image of the site is. They keep their numbering of equal atoms, too (PoseCoordinates): the
/// density is that of the numbering nearest to the sites, and draws in which a body is nearer to
/// its site in another numbering are impossible. Velocities of bodies turn with them. Acceptance
/// falls with the number of bodies, about exponentially: see RigidBlock.
class RigidDraw final : public TractableProposal {
 public:
  explicit RigidDraw(std::shared_ptr<const HarmonicCrystal> crystal);

  std::string name() const override { return "rigid_draw"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return crystal_->bodies().measure(); }
  MoveRequirements requirements() const override;
  /// @throws InputError      when the box of a chain is not that of the crystal
  /// @throws NumericalError  when a body is not where its constraints hold
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;
  /// Of the images of `to` that are next to the sites; -inf where body 0 is not where it is in
  /// `from`, or equal atoms are numbered in another way.
  void log_density(ConstCoordinates to, const ChainView& from,
                   Span<double> log_density) const override;
  /// Draws depend on the position of body 0 and the numbering of equal atoms, which they keep.
  bool tries_are_interchangeable() const override { return true; }

 private:
  std::shared_ptr<const HarmonicCrystal> crystal_;
  std::vector<std::size_t> all_;  ///< bodies
};

}  // namespace saltus::engine
