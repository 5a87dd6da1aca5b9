#pragma once

#include "engine/system/system.h"

namespace saltus::engine {

/// 4 pi surface_energy (radius + 0.14 nm)^2 radius^6: the surface energy of an atom times the sixth
/// power of its Born radius; kJ/mol nm^6.
double surface_factor(const GeneralizedBornParticle& particle, double surface_energy);

}  // namespace saltus::engine
