#pragma once

#include <cstdint>
#include <string>

#include "engine/core/span.h"
#include "engine/torsions/von_mises_mixture.h"

namespace saltus::engine {

/// What a torsion's density may depend on.
struct TorsionContext {
  Span<const double> torsions;     ///< [R], rad, any branch
  Span<const std::uint8_t> known;  ///< [R]; torsions whose entry is 0 must not be used
  Span<const int> inversions;      ///< [I], +1 or -1: signs of the invertible centres
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
};

}  // namespace saltus::engine
