#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Inverts a centre N and keeps the geometry at it. Drawn uniformly: a
/// centre, then one of its branches whose bond N-B is not in a ring; A and C are N's other
/// neighbours, n the unit normal of the plane (N, A, C), d = (r_B - r_N) / |r_B - r_N| and
///   p = (d - (n.d) n) / |d - (n.d) n|,
/// the direction of N-B within the plane. The whole branch makes half a turn about p through N:
///   r -> r_N + 2 (p.(r - r_N)) p - (r - r_N).
///
/// Left invariant: p; all bond lengths; the angles A-N-B, C-N-B and A-N-C, since d becomes its
/// mirror image d - 2 (n.d) n and A, C lie in the mirror; all distances inside the branch and
/// outside of it; the handedness of every other atom, since the branch is turned and not
/// reflected. The sign of N changes; so do torsions about the bonds of N. Of all rotations that
/// take d there, the half turn sets a branch down as its mirror image would lie where it has a
/// plane of symmetry through N-B: staggered groups stay staggered, which the smallest rotation
/// makes eclipsed.
///
/// An involution: p stays, so a second half turn undoes the first. |det| = 1: in the order (atoms
/// that stay, B, rest of the branch) the Jacobian is block triangular. The first block is 1, the
/// second the reflection of B through a plane that B has no part in, the others are rotations
/// that depend on atoms before them only. Centre and branch are drawn without looking at the
/// state. So both log-densities are 0; log_forward is -infinity where N, A, C lie on a line or B
/// stands straight above their plane (p is not defined, nor would it be on the way back).
class NitrogenInversion final : public Proposal {
 public:
  /// @param graph  centres all of whose bonds are in rings are left out
  /// @throws InputError  when no centre is left
  explicit NitrogenInversion(const std::shared_ptr<const TorsionGraph>& graph);

  /// Whether there is a centre to invert.
  static bool applies(const TorsionGraph& graph);

  std::string name() const override { return "nitrogen_inversion"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  /// What can be turned over at a centre.
  struct Branch {
    std::size_t centre = 0;
    std::size_t root = 0;                 ///< B
    std::array<std::size_t, 2> others{};  ///< A and C
    std::vector<std::size_t> atoms;       ///< B included
  };

  /// False, and nothing moves, where p is not defined.
  static bool turn_over(const Branch& branch, Span<double> x);

  std::vector<std::vector<Branch>> branches_;  ///< of each centre, at least one
};

}  // namespace saltus::engine
