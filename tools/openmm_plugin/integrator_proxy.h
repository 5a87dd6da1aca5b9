#pragma once

#include <openmm/serialization/SerializationProxy.h>

namespace saltus::openmm_plugin {

/// Writes a SaltusIntegrator to XML and makes one of XML:
///
///     <Integrator type="SaltusIntegrator" version="1" temperature="300" stepSize="0.001"
///                 constraintTolerance="1e-5" integrationForceGroups="-1" randomSeed="0">
///       <Move kind="hmc" weight="1" steps="20" friction="0" lengthJitter="0.2"/>
///       <Move kind="torsion_walk" weight="1" width="0.5" atoms="0 1 2"/>
///       <Residue name="ALA" number="2" chain="0">
///         <Atom name="N" element="7"/>
///       </Residue>
///       <Bond first="0" second="1"/>
///     </Integrator>
///
/// All attributes of the integrator but version, temperature and stepSize may be left out, and so
/// may all of a move but its kind.
class IntegratorProxy final : public OpenMM::SerializationProxy {
 public:
  IntegratorProxy() : SerializationProxy("SaltusIntegrator") {}
  void serialize(const void* object, OpenMM::SerializationNode& node) const override;
  /// @throws OpenMMException  naming what is not known, missing or out of range
  void* deserialize(const OpenMM::SerializationNode& node) const override;
};

}  // namespace saltus::openmm_plugin
