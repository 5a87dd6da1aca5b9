#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/core/span.h"
#include "engine/torsions/von_mises_mixture.h"

namespace saltus::engine {

struct MixtureBlock;  // mixture_lanes.h

/// What a torsion's density may depend on.
struct TorsionContext {
  Span<const double> torsions;     ///< [R], rad, any branch
  Span<const std::uint8_t> known;  ///< [R]; torsions whose entry is 0 must not be used
  Span<const int> inversions;      ///< [I], +1 or -1: signs of the invertible centres
};

/// The same of each chain of a block, in rows of kLaneWidth lanes (lanes/lane_term.h).
struct TorsionBlockContext {
  std::size_t n_lanes = 0;         ///< chains; what stands in lanes beyond them means nothing
  Span<const std::size_t> asked;   ///< [lane], the torsion asked for; kNowhere: none
  Span<const double> torsions;     ///< [R][lane], rad
  Span<const std::uint8_t> known;  ///< [R][lane]
  Span<const int> inversions;      ///< [I][lane]
};

/// Densities q_b(tau_b | context) of the torsions of one molecule, normalised over tau_b. Any
/// density will do for Metropolis moves: poor ones are only slower. The torsion asked for need not
/// be hidden: models never use it. The same context gives the same bits.
class TorsionModel {
 public:
  virtual ~TorsionModel() = default;
  virtual std::string name() const = 0;
  virtual std::size_t n_torsions() const = 0;
  /// @param torsion  index into TorsionGraph::torsions
  /// @param out      reused memory
  virtual void density(std::size_t torsion, const TorsionContext& context,
                       VonMisesMixture& out) const = 0;
  /// The same for the chains of a block, each its own torsion; a lane's numbers depend on no other
  /// lane, and agree with density() to rounding. Here: lane by lane; models whose densities cost
  /// something do better.
  /// @param out  reused memory; lanes that nothing was asked for hold anything
  virtual void block_density(const TorsionBlockContext& context, MixtureBlock& out) const;
};

}  // namespace saltus::engine
