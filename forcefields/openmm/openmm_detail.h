#pragma once

#include <OpenMM.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/span.h"
#include "engine/system/system.h"
#include "forcefields/openmm/platform.h"

namespace saltus::forcefields::detail {

/// Loads OpenMM's plugins on the first call; later calls do nothing. Thread-safe.
void load_openmm_plugins();

/// A Context of `system` on the platform. All three arguments must outlive it.
/// @throws InputError  for an unknown platform (lists those there are), a number of threads the
///                     platform cannot take, or a system that OpenMM refuses
std::unique_ptr<OpenMM::Context> make_context(const OpenMM::System& system,
                                              OpenMM::Integrator& integrator,
                                              const OpenMMPlatform& platform);

/// Calls work(); whatever OpenMM throws (its parts throw various kinds of std::exception) becomes
/// ErrorType with `doing` in front.
template <class ErrorType, class Work>
auto translate_errors(const std::string& doing, Work&& work) {
  try {
    return work();
  } catch (const engine::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw ErrorType(doing + ": OpenMM says: " + error.what());
  }
}

/// [N, 3] flat to OpenMM's vectors and back; nm either way.
void to_vec3(engine::Span<const double> flat, std::vector<OpenMM::Vec3>& out);
std::vector<double> to_flat(const std::vector<OpenMM::Vec3>& vectors);

/// Gives a System its default box, or a Context the box of its next energies.
void set_box(const engine::Box& box, OpenMM::System& system);
void set_box(const engine::Box& box, OpenMM::Context& context);

}  // namespace saltus::forcefields::detail
