#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/box.h"
#include "engine/system/system.h"
#include "forcefields/openmm/platform.h"

namespace saltus::forcefields {

/// What one run of plain molecular dynamics needs besides system and start.
struct PlainDynamicsOptions {
  OpenMMPlatform platform;
  double temperature_K = 300.0;  ///< > 0
  double time_step_ps = 0.002;   ///< > 0
  double friction_per_ps = 1.0;  ///< >= 0
  /// >= 1: OpenMM would take 0 for "choose one", and such a run could not be repeated.
  int seed = 1;
  /// Relative tolerance of constraint lengths.
  double constraint_tolerance = 1e-6;
};

/// Where one chain of dynamics is.
struct DynamicsState {
  std::vector<double> positions, velocities;  ///< [N, 3], nm and nm/ps
  std::optional<engine::Box> box;             ///< of periodic systems
};

/// Langevin dynamics of one molecule by OpenMM's own LangevinMiddleIntegrator, without any
/// Metropolis test: the baseline that the moves of Saltus are measured against. Samples the target
/// only up to an error of the time step. Constraints of the system are kept.
/// Not safe to step from two threads at once. Two objects on the Reference platform draw from one
/// random stream of OpenMM's; stepping them takes turns, but each then depends on the other.
/// Source: Zhang, Liu, Yan, Tuckerman, Liu, J. Phys. Chem. A 123, 6056 (2019),
/// doi:10.1021/acs.jpca.9b02771.
class PlainDynamics {
 public:
  /// Velocities are drawn from the temperature with the seed.
  /// @param start  [N, 3], nm; moved onto the constraints
  /// @throws InputError  naming the option or array that is wrong, or when OpenMM refuses
  PlainDynamics(const engine::System& system, engine::Span<const double> start,
                const PlainDynamicsOptions& options);
  ~PlainDynamics();

  /// Goes on with other velocities, such as those of an interrupted run.
  /// @param velocities  [N, 3], nm/ps
  /// @throws InputError  when their number is another, or one is not finite
  void set_velocities(engine::Span<const double> velocities);

  /// @throws InputError      when n < 1
  /// @throws NumericalError  when the trajectory leaves the finite numbers or OpenMM fails
  void step(int n);
  /// Runs n steps from a state given, which becomes the last one. What comes out is a function of
  /// state, temperature and seed (and, on the CPU platform, of the number of threads), whatever was
  /// run before.
  /// @throws InputError      when n < 1, a number is not finite or an array has the wrong size, or
  ///                         OpenMM refuses the box
  /// @throws NumericalError  as `step`
  void run(DynamicsState& state, double temperature_K, int seed, int n);
  std::vector<double> positions() const;   ///< [N, 3], nm
  std::vector<double> velocities() const;  ///< [N, 3], nm/ps
  double potential_energy() const;         ///< kJ/mol

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Steps of PlainDynamics per second of CPU time (all threads) on one platform.
struct PlatformSpeed {
  std::string platform;
  double steps_per_cpu_second = 0.0;
};

/// Runs plain dynamics for a few tenths of a CPU-second on each platform that needs no graphics
/// card (Reference; CPU with one thread, if its plugin is there). Fastest first.
/// @param start  [N, 3], nm
std::vector<PlatformSpeed> time_platforms(const engine::System& system,
                                          engine::Span<const double> start, double time_step_ps);

}  // namespace saltus::forcefields
