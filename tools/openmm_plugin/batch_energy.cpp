#include "tools/openmm_plugin/batch_energy.h"

#include <openmm/serialization/XmlSerializer.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "engine/core/thread_pool.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/openmm/system_xml.h"
#include "tools/openmm_plugin/exceptions.h"

namespace saltus::openmm_plugin {

namespace {

engine::System read(const OpenMM::System& system) {
  std::ostringstream text;
  OpenMM::XmlSerializer::serialize(&system, "System", text);
  return forcefields::read_system_xml_text(text.str(), "XML of the System").system;
}

std::shared_ptr<engine::ThreadPool> make_pool(int threads) {
  if (threads < 0)
    throw engine::InputError("BatchEnergy: threads must be at least 1, or 0 for all cores, not " +
                             std::to_string(threads));
  const unsigned n = threads > 0 ? static_cast<unsigned>(threads)
                                 : std::max(1u, std::thread::hardware_concurrency());
  return n == 1 ? nullptr : std::make_shared<engine::ThreadPool>(n);
}

}  // namespace

struct BatchEnergy::Implementation {
  Implementation(const OpenMM::System& openmm, int threads)
      : system(read(openmm)), energy(system, make_pool(threads)) {}

  engine::System system;
  engine::NativeEnergy energy;
};

BatchEnergy::BatchEnergy(const OpenMM::System& system, int threads)
    : implementation_(
          as_openmm([&] { return std::make_unique<Implementation>(system, threads); })) {}

BatchEnergy::~BatchEnergy() = default;

int BatchEnergy::getNumParticles() const {
  return static_cast<int>(implementation_->energy.n_atoms());
}

void BatchEnergy::evaluate(const double* positions, std::size_t n_configurations, double* energies,
                           double* forces) const {
  as_openmm([&] {
    const std::size_t n_atoms = implementation_->energy.n_atoms();
    const std::vector<engine::Box> boxes = start_boxes(implementation_->system, n_configurations);
    const engine::ConstCoordinates x{positions, n_configurations, n_atoms, boxes};
    engine::Span<double> wanted;
    if (forces != nullptr) wanted = {forces, x.size()};
    implementation_->energy.evaluate(x, {energies, n_configurations}, wanted);
  });
}

}  // namespace saltus::openmm_plugin
