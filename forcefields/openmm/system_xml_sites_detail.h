#pragma once

#include <cstddef>

#include "engine/system/box.h"
#include "engine/system/virtual_sites.h"
#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields::detail {

/// What a <Particle> of a System says of the place of a virtual site.
/// @param element  <TwoParticleAverageSite>, <ThreeParticleAverageSite>, <OutOfPlaneSite> or
///                 <LocalCoordinatesSite>
/// @param site     index of the particle, one of n_atoms
/// @throws InputError  with file and line, at any other tag, attribute or number
engine::VirtualSite read_virtual_site(const XmlElement& element, std::size_t site,
                                      std::size_t n_atoms);

/// The <PeriodicBoxVectors> of a System, whether or not something uses it.
/// @throws InputError  with file and line, when it is no box in OpenMM's reduced form
engine::Box read_system_box(const XmlElement& box);

}  // namespace saltus::forcefields::detail
