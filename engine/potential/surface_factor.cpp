#include "engine/potential/surface_factor.h"

#include <cmath>

#include "engine/core/units.h"

namespace saltus::engine {

double surface_factor(const GeneralizedBornParticle& particle, double surface_energy) {
  constexpr double kProbeRadiusNm = 0.14;
  const double accessible = particle.radius_nm + kProbeRadiusNm;
  return 4.0 * kPi * surface_energy * accessible * accessible * std::pow(particle.radius_nm, 6);
}

}  // namespace saltus::engine
