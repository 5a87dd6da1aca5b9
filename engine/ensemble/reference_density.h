#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// A density that can be drawn from and evaluated: where paths to a target begin (see Bridge).
/// Normalised, or unnormalised with a constant that is known to the user.
class ReferenceDensity {
 public:
  virtual ~ReferenceDensity() = default;
  virtual std::size_t n_atoms() const = 0;
  /// Draws every configuration of x.
  /// @param x      out [B, N, 3], nm, with boxes if this density has some; something finite where
  ///               invalid
  /// @param valid  out [B], 0 for a draw outside the support, to be given weight zero
  virtual void draw(const StepKey& key, CoordinateBatch& x, Span<std::uint8_t> valid) const = 0;
  /// @param out  [B], log p0; -inf where it vanishes or is not defined
  virtual void log_density(ConstCoordinates x, Span<double> out) const = 0;
};

}  // namespace saltus::engine
