#pragma once

#include <memory>
#include <string>

#include "engine/leap/leap_runner.h"

namespace saltus::engine {

/// Carries a molecule from one temperature to another with its torsions and rotors kept: fast
/// coordinates f = mu(torsions) + sqrt(T / T_ref) L z get the new temperature at the same z, so
/// that bonds, angles and stiff torsions swing as widely as they do there. With M(T -> T') and F
/// fast coordinates, ln |det| = F/2 ln(T'/T) + ln J(x') - ln J(x), J as in README.md. What the
/// model misses of mu stays a factor sqrt(T'/T) wrong, which replica exchange corrects.
///
/// Fast coordinates a that are held (LeapFastCoordinate::is_held) keep their values, as torsions
/// do, and the others b are spread around their means given a: b' = m(a) + sqrt(T'/T) (b - m(a)),
/// m(a) = mu_b + L_ba L_aa^-1 (a - mu_a). Then F counts the others only. That is for what the
/// temperature does not spread as a normal: how a ring is puckered. Atoms that the weights do not
/// place stay where they are, to the bit.
class LeapTemperatureMap final : public TemperatureMap {
 public:
  /// @param weights  that redraw fast coordinates only, for a range of temperatures
  /// @param pool     null: everything on the calling thread
  /// @throws ModelError  when the weights do not fit each other
  /// @throws InputError  when they redraw anything else, or are for one temperature
  LeapTemperatureMap(const LeapWeights& weights, std::shared_ptr<ThreadPool> pool);

  std::string name() const override { return runner_.name(); }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesianUpToRigidMotion; }
  MoveRequirements requirements() const override;
  /// @throws ModelError  when a temperature, old or new, is not one that the weights are for
  MappedConfigurations map(const ChainView& from, Span<const double> temperatures_K) const override;

 private:
  LeapRunner runner_;
};

}  // namespace saltus::engine
