#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/rigid/harmonic_crystal.h"

namespace saltus::engine {

/// Sizes of RigidBlock.
struct RigidBlockOptions {
  std::size_t n_bodies = 2;  ///< of a block: from 1 to one less than there are
  double width = 1.0;        ///< factor on the standard deviations of what is drawn
};

/// Draws the poses of a few neighbouring bodies anew from a harmonic crystal, given all others. A
/// body is chosen uniformly; the block B is it and the n_bodies - 1 bodies whose sites are nearest
/// to its own, fixed lists, so that the choice does not depend on the chain. With c the coordinates
/// of all bodies relative to a body of reference outside of the block (the nearest one: it does not
/// move, so body 0 is no exception) and H the full Hessian,
///   c_B ~ N(-H_BB^-1 H_BR c_R, width^2 (beta H_BB)^-1),
/// R being all others, which stay as they are to the last bit. log_forward is the log-density of
/// the new c_B and log_reverse that of the old one under the same normal distribution, both less
/// log |dS / dv| of the block, so that they are densities with respect to d^3p dS(q) (RigidBodies).
/// Each block is a proposal of its own, as likely before as after: the rule holds for it alone.
/// Coordinates are those of the numbering of equal atoms nearest to the sites, which is kept, and
/// draws farther than half a box edge from a site or nearer to it in another numbering are
/// impossible, as in RigidDraw. Velocities of bodies turn with them. A proposal of the whole
/// crystal is accepted less and less as it grows; a block is as large as it is in any crystal.
class RigidBlock final : public Proposal {
 public:
  /// @throws InputError  for a number of bodies out of range or a width that is not positive
  RigidBlock(const RigidBlockOptions& options, std::shared_ptr<const HarmonicCrystal> crystal);

  std::string name() const override { return "rigid_block"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return crystal_->bodies().measure(); }
  MoveRequirements requirements() const override;
  /// @throws InputError      when the box of a chain is not that of the crystal
  /// @throws NumericalError  when a body is not where its constraints hold
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

  /// The body chosen, then its neighbours, nearest first.
  const std::vector<std::size_t>& block(std::size_t body) const { return blocks_[body].bodies; }

 private:
  struct Block {
    std::vector<std::size_t> bodies;
    std::size_t reference = 0;
    std::vector<std::size_t> rows;  ///< of its bodies' coordinates, in the order of `bodies`
    PrecisionNormal normal;         ///< of H_BB
  };

  Block make_block(std::size_t body) const;
  /// Mean of c_B given the others [rows].
  std::vector<double> mean(const Block& block, Span<const double> coordinates) const;
  double log_density(const Block& block, Span<const double> mean, Span<const double> coordinates,
                     double precision) const;

  RigidBlockOptions options_;
  std::shared_ptr<const HarmonicCrystal> crystal_;
  std::vector<double> hessian_;  ///< HarmonicCrystal::full_hessian
  std::vector<Block> blocks_;    ///< [M]
};

}  // namespace saltus::engine
