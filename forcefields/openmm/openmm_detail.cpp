#include "forcefields/openmm/openmm_detail.h"

#include <array>
#include <map>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::forcefields {

namespace {

OpenMM::Platform& find_platform(const std::string& name) {
  const std::vector<std::string> names = openmm_platforms();
  for (int n = 0; n < OpenMM::Platform::getNumPlatforms(); ++n) {
    OpenMM::Platform& platform = OpenMM::Platform::getPlatform(n);
    if (platform.getName() == name) return platform;
  }
  throw engine::InputError("OpenMM has no platform \"" + name +
                           "\", expected one of: " + engine::joined(names));
}

std::map<std::string, std::string> platform_properties(const OpenMMPlatform& choice) {
  if (choice.name == "CPU") {
    if (choice.threads < 0)
      throw engine::InputError("OpenMM platform CPU: " + std::to_string(choice.threads) +
                               " threads, expected 1 or more, or 0 for OpenMM's own choice");
    // Without it the sum of the threads' forces depends on which thread finishes first.
    std::map<std::string, std::string> properties = {{"DeterministicForces", "true"}};
    if (choice.threads > 0) properties["Threads"] = std::to_string(choice.threads);
    return properties;
  }
  if (choice.threads != 0)
    throw engine::InputError("OpenMM platform " + choice.name +
                             " takes no number of threads; only CPU does. Leave it at 0");
  return {};
}

std::array<OpenMM::Vec3, 3> box_vectors(const engine::Box& box) {
  return {OpenMM::Vec3(box.ax, 0.0, 0.0), OpenMM::Vec3(box.bx, box.by, 0.0),
          OpenMM::Vec3(box.cx, box.cy, box.cz)};
}

}  // namespace

std::vector<std::string> openmm_platforms() {
  detail::load_openmm_plugins();
  std::vector<std::string> names;
  for (int n = 0; n < OpenMM::Platform::getNumPlatforms(); ++n)
    names.push_back(OpenMM::Platform::getPlatform(n).getName());
  return names;
}

namespace detail {

void load_openmm_plugins() {
  static const bool loaded = [] {
    // A plugin without its hardware fails to load; that is normal and leaves the others.
    OpenMM::Platform::loadPluginsFromDirectory(OpenMM::Platform::getDefaultPluginsDirectory());
    return true;
  }();
  static_cast<void>(loaded);
}

std::unique_ptr<OpenMM::Context> make_context(const OpenMM::System& system,
                                              OpenMM::Integrator& integrator,
                                              const OpenMMPlatform& choice) {
  OpenMM::Platform& platform = find_platform(choice.name);
  const auto properties = platform_properties(choice);
  return translate_errors<engine::InputError>("OpenMM platform " + choice.name, [&] {
    return std::make_unique<OpenMM::Context>(system, integrator, platform, properties);
  });
}

void to_vec3(engine::Span<const double> flat, std::vector<OpenMM::Vec3>& out) {
  out.resize(flat.size() / 3);
  for (std::size_t atom = 0; atom < out.size(); ++atom)
    out[atom] = OpenMM::Vec3(flat[3 * atom], flat[3 * atom + 1], flat[3 * atom + 2]);
}

std::vector<double> to_flat(const std::vector<OpenMM::Vec3>& vectors) {
  std::vector<double> flat;
  flat.reserve(3 * vectors.size());
  for (const OpenMM::Vec3& v : vectors) flat.insert(flat.end(), {v[0], v[1], v[2]});
  return flat;
}

void set_box(const engine::Box& box, OpenMM::System& system) {
  const auto v = box_vectors(box);
  system.setDefaultPeriodicBoxVectors(v[0], v[1], v[2]);
}

void set_box(const engine::Box& box, OpenMM::Context& context) {
  const auto v = box_vectors(box);
  context.setPeriodicBoxVectors(v[0], v[1], v[2]);
}

}  // namespace detail

}  // namespace saltus::forcefields
