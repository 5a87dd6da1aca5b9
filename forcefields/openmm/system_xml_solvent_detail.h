#pragma once

#include "engine/system/system.h"
#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields::detail {

/// The implicit solvent of a GBSAOBCForce.
/// @param cutoff_nm  of its method; 0: none
engine::ImplicitSolvent read_gbsa_obc(const XmlElement& force, double cutoff_nm);

/// The implicit solvent of a CustomGBForce that is OBC1, OBC2 or GBn2 as OpenMM writes them
/// (implicit/obc1.xml, obc2.xml, gbn2.xml, customgbforces.py): all its expressions are compared
/// with theirs, and neck tables with those of the engine. Dielectrics, the offset and parameters of
/// particles are the file's; the surface term may be missing.
/// @param cutoff_nm  of its method; 0: none
/// @throws FileError  at the first expression that is another one
engine::ImplicitSolvent read_custom_gb(const XmlElement& force, double cutoff_nm);

}  // namespace saltus::forcefields::detail
