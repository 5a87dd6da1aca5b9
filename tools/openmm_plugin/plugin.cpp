// What OpenMM looks for in a shared object that it loads as a plugin.
#include <OpenMM.h>
#include <openmm/serialization/SerializationProxy.h>

#include <typeinfo>

#include "tools/openmm_plugin/integrator_proxy.h"
#include "tools/openmm_plugin/saltus_integrator.h"

/// There is no platform of ours.
extern "C" void registerPlatforms() {}

/// There is no kernel either: the integrator asks the Context alone, on whatever platform.
extern "C" void registerKernelFactories() {}

namespace {

/// Runs when the shared object is loaded, by OpenMM, by Python or by a program linked to it.
__attribute__((constructor)) void register_proxy() {
  OpenMM::SerializationProxy::registerProxy(typeid(saltus::openmm_plugin::SaltusIntegrator),
                                            new saltus::openmm_plugin::IntegratorProxy());
}

}  // namespace
