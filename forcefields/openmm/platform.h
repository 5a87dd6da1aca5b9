#pragma once

#include <string>
#include <vector>

namespace saltus::forcefields {

/// Which of OpenMM's implementations computes, and with how many threads.
struct OpenMMPlatform {
  /// "Reference" (double precision, one thread, quickest for small molecules), "CPU" (single
  /// precision) or any other that OpenMM's plugins offer.
  std::string name = "Reference";
  /// Threads of the CPU platform; 0 leaves the number to OpenMM. Other platforms take only 0.
  int threads = 0;
};

/// Names of the platforms this OpenMM offers, plugins of its default directory included.
std::vector<std::string> openmm_platforms();

}  // namespace saltus::forcefields
