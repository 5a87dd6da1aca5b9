#pragma once

#include <OpenMM.h>

#include "engine/core/error.h"

namespace saltus::openmm_plugin {

/// Calls work(); errors of the engine become what OpenMM's callers catch.
template <class Work>
auto as_openmm(Work&& work) {
  try {
    return work();
  } catch (const engine::Error& error) {
    throw OpenMM::OpenMMException(error.what());
  }
}

}  // namespace saltus::openmm_plugin
